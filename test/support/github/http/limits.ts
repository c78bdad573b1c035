/** GitHub's documented rate limits: primary per token and hour; secondary by points and by created content per minute. */
import { Refusal } from '../world/error.ts'
import type { Actor } from '../world/model.ts'

export interface LimitOptions {
  /** Requests in an hour of one token's owner. GitHub: 5000; 1000 for a job's token; 60 without a token. */
  readonly primary?: number
  /** 900 points a minute (read 1, write 5) and 80 content-creating requests a minute. `false` turns both off. */
  readonly secondary?: false | { readonly points?: number; readonly content?: number }
}

interface Window {
  used: number
  reset: number
}

export interface RateState {
  readonly limit: number
  readonly remaining: number
  readonly reset: number
  readonly used: number
}

const CONTENT = /\/(issues|pulls|comments|reactions|releases|check-runs|deployments|statuses|labels)\b/

/** Does this request count among those that create content? @param path without the parts that name something */
export function createsContent(method: string, path: string): boolean {
  return (method === 'POST' || method === 'PATCH' || method === 'PUT') && CONTENT.test(path)
}

export class Limiter {
  readonly #options: LimitOptions
  readonly #now: () => Date
  readonly #hours = new Map<string, Window>()
  readonly #minutes = new Map<string, Window & { content: number }>()

  constructor(options: LimitOptions, now: () => Date) {
    this.#options = options
    this.#now = now
  }

  #key(actor: Actor): string {
    if (actor.kind === 'user') return `user:${actor.account.id}`
    if (actor.kind === 'installation') return `installation:${actor.installation.id}`
    if (actor.kind === 'job') return `job:${actor.repository.id}`
    return actor.kind === 'app' ? `app:${actor.app.id}` : 'anonymous'
  }

  #window(actor: Actor): Window {
    const seconds = Math.floor(this.#now().getTime() / 1000)
    const key = this.#key(actor)
    const found = this.#hours.get(key)
    if (found && found.reset > seconds) return found
    const fresh = { used: 0, reset: seconds + 3600 }
    this.#hours.set(key, fresh)
    return fresh
  }

  state(actor: Actor): RateState {
    const limit = this.#options.primary ?? (actor.kind === 'job' ? 1000 : actor.kind === 'anonymous' ? 60 : 5000)
    const { used, reset } = this.#window(actor)
    return { limit, remaining: Math.max(0, limit - used), reset, used: Math.min(used, limit) }
  }

  /** Counts a request, or refuses it. */
  take(actor: Actor, method: string, path: string): void {
    const before = this.state(actor)
    if (before.remaining === 0) throw new Refusal(403, `API rate limit exceeded for ${this.#key(actor)}.`)
    this.#window(actor).used++
    if (this.#options.secondary === false) return
    const { points = 900, content = 80 } = this.#options.secondary ?? {}
    const minute = Math.floor(this.#now().getTime() / 60_000)
    const key = this.#key(actor)
    let spent = this.#minutes.get(key)
    if (!spent || spent.reset !== minute) {
      spent = { used: 0, content: 0, reset: minute }
      this.#minutes.set(key, spent)
    }
    spent.used += method === 'GET' || method === 'HEAD' ? 1 : 5
    if (createsContent(method, path)) spent.content++
    if (spent.used > points || spent.content > content)
      throw new Refusal(403, 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.', {
        headers: { 'retry-after': String(60 - Math.floor((this.#now().getTime() / 1000) % 60)) },
      })
  }

  /** A 304 does not count. */
  giveBack(actor: Actor): void {
    this.#window(actor).used--
  }
}
