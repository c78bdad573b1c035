/** What runs in the browser where a security key is asked: it hands the options to the key, and the answer to the form. */
export const keyScript = `'use strict'
const form = document.getElementById('ceremony')
const says = document.getElementById('ceremony-says')
const button = document.getElementById('use-key')
const options = JSON.parse(form.dataset.options)

const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0))
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
const read = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }))

const ask = async () => {
  if (form.dataset.ask === 'create')
    return navigator.credentials.create({
      publicKey: { ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) }, excludeCredentials: read(options.excludeCredentials) },
    })
  return navigator.credentials.get({ publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: read(options.allowCredentials) } })
}

const use = async () => {
  button.disabled = true
  says.textContent = 'Waiting for your key.'
  try {
    const { id, rawId, type, response } = await ask()
    const names = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']
    const parts = names.filter((name) => response[name]).map((name) => [name, text(response[name])])
    form.elements.answer.value = JSON.stringify({ id, rawId: text(rawId), type, response: Object.fromEntries(parts), clientExtensionResults: {} })
    form.submit()
  } catch (error) {
    says.textContent = 'The key did not answer (' + error.name + '). Try again.'
    button.disabled = false
    button.focus()
  }
}

if (window.PublicKeyCredential === undefined) says.textContent = 'This browser knows no security keys.'
else {
  says.textContent = 'Your key will ask for its PIN, or for your finger.'
  button.hidden = false
  button.addEventListener('click', () => void use())
}
`
