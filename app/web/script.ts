/** What runs in the reader's browser: it is told that something changed, fetches the page anew and puts its content in the place of the old. Without it the page is whole. */
export const script = `'use strict'
const at = document.body.dataset.live
const liveness = document.getElementById('liveness')
const button = document.getElementById('pause')
let source = null
let shown = document.body.dataset.moment
let busy = false
let again = false

const tell = (words) => {
  if (liveness.textContent !== words) liveness.textContent = words
}

const refresh = async () => {
  if (busy) {
    again = true
    return
  }
  busy = true
  try {
    const response = await fetch(location.pathname, { cache: 'no-store' })
    if (!response.ok) throw new Error(String(response.status))
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html')
    const main = document.getElementById('main')
    const open = new Set([...main.querySelectorAll('details[open]')].map((one) => one.id))
    const focused = main.contains(document.activeElement) ? document.activeElement.id : ''
    const next = fresh.getElementById('main')
    for (const one of next.querySelectorAll('details')) one.open = open.has(one.id)
    main.replaceChildren(...next.childNodes)
    document.title = fresh.title
    shown = fresh.body.dataset.moment
    if (focused !== '') document.getElementById(focused)?.focus({ preventScroll: true })
    tell('Live.')
  } catch {
    tell('The App does not answer. What you see may be old.')
  } finally {
    busy = false
    if (again) {
      again = false
      void refresh()
    }
  }
}

const start = () => {
  source = new EventSource(at)
  source.addEventListener('open', () => tell('Live.'))
  source.addEventListener('change', ({ data }) => {
    if (data !== shown) void refresh()
  })
  source.addEventListener('error', () => tell('The App does not answer. What you see may be old.'))
  button.textContent = 'Pause updates'
}

const stop = () => {
  source.close()
  source = null
  tell('Paused. Reload for what is newer.')
  button.textContent = 'Resume updates'
}

button.hidden = false
button.addEventListener('click', () => {
  if (source === null) start()
  else stop()
})
start()
`
