/**
 * Tells open pages that their release changed, as server-sent events (WHATWG HTML, section 9.2): what changed they read as anybody does. Each release is
 * looked at once, however many watch it, and only so many may: deliveries come in by the same door.
 */
import type { ServerResponse } from 'node:http'
import type { Log, StorePort } from '../release/ports.ts'

const MOST_WATCHERS = 48
const LOOK_MS = 2_000
/** A comment now and then, so that nothing between here and there takes the silence for an end. */
const PING_LOOKS = 8

interface Watched {
  seen: string | null
  readonly responses: Set<ServerResponse>
}

export type Moments = Pick<StorePort, 'release' | 'position'>

/** Another one whenever the page of the release would be: by a change of its state, or by an entry in its ledger. */
export async function momentOf(store: Moments, release: string): Promise<string> {
  const [record, position] = await Promise.all([store.release(release), store.position(release)])
  return `${record?.revision ?? 0}.${position?.size ?? 0}`
}

export interface Live {
  /** @param now moment of the release, told at once @returns false: there are too many. Whoever is gone already is not added */
  add(release: string, now: string, response: ServerResponse): boolean
  close(): void
}

export function openLive(store: Moments, log: Log, lookMs = LOOK_MS): Live {
  const watched = new Map<string, Watched>()
  let looks = 0
  let looking = false

  async function look(): Promise<void> {
    looks += 1
    for (const [release, of] of watched) {
      const now = await momentOf(store, release)
      const changed = of.seen !== null && now !== of.seen
      of.seen = now
      for (const response of of.responses) {
        if (isGone(response)) leave(release, response)
        else if (changed) response.write(`event: change\ndata: ${now}\n\n`)
        else if (looks % PING_LOOKS === 0) response.write(': still here\n\n')
      }
    }
  }

  function leave(release: string, response: ServerResponse): void {
    const of = watched.get(release)
    if (of?.responses.delete(response) === true && of.responses.size === 0) watched.delete(release)
  }

  const timer = setInterval(() => {
    if (looking || watched.size === 0) return
    looking = true
    look()
      .catch((error: unknown) => log.warn({ error: String(error) }, 'Open pages could not be told what changed.'))
      .finally(() => {
        looking = false
      })
  }, lookMs)
  timer.unref()

  return {
    add(release, now, response) {
      // Whoever left before it is added says so no more.
      if (isGone(response)) return true
      if ([...watched.values()].reduce((sum, { responses }) => sum + responses.size, 0) >= MOST_WATCHERS) return false
      const of = watched.get(release) ?? { seen: null, responses: new Set<ServerResponse>() }
      watched.set(release, of)
      of.responses.add(response)
      response.once('close', () => {
        leave(release, response)
      })
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
      // Whoever was away sees at once whether it missed something.
      response.write(`retry: 5000\nevent: change\ndata: ${now}\n\n`)
      return true
    },
    close() {
      clearInterval(timer)
      for (const { responses } of watched.values()) for (const response of responses) response.end()
    },
  }
}

function isGone({ destroyed, closed }: ServerResponse): boolean {
  return destroyed || closed
}
