/** Failures on purpose: seeded, so that a run can be repeated; or asked for once by a test. */

export interface WebhookFaults {
  /** Probabilities, 0 to 1. */
  readonly lose?: number
  readonly repeat?: number
  readonly reorder?: number
  /** Each delivery waits up to this long, ms. */
  readonly delayMs?: number
}

export interface ApiFaults {
  /** Probability of 502 before anything happened. */
  readonly failBefore?: number
  /** Probability of 502 after the effect happened. */
  readonly failAfter?: number
  /** `METHOD /path` of the requests it may hit. */
  readonly only?: RegExp
}

export interface Faults {
  readonly webhooks?: WebhookFaults
  readonly api?: ApiFaults
}

/** A key that this operation's answers carry under another name: at the top, or in each element of a list. */
export interface Rename {
  /** `GET /repos/{owner}/{repo}/pulls/{pull_number}` */
  readonly operation: string
  readonly key: string
  readonly to: string
}

export type FaultKind = 'before' | 'after' | number

/** mulberry32: small, seeded, good enough to choose faults. */
export const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export class FaultPlan {
  faults: Faults
  renames: readonly Rename[] = []
  readonly #random: () => number
  readonly #next: { method: string; path: RegExp; kind: FaultKind }[] = []

  constructor(faults: Faults, seed: number) {
    this.faults = faults
    this.#random = seeded(seed)
  }

  once(method: string, path: RegExp, kind: FaultKind): void {
    this.#next.push({ method, path, kind })
  }

  /** The body of an answer with the keys renamed that a test asked for: at its top, or in each element of a list. */
  renamed(operation: string, body: unknown): unknown {
    const due = this.renames.filter((one) => one.operation === operation)
    if (due.length === 0) return body
    if (Array.isArray(body)) return body.map((element) => this.renamed(operation, element))
    if (typeof body !== 'object' || body === null) return body
    return Object.fromEntries(Object.entries(body).map(([key, value]) => [due.find((one) => one.key === key)?.to ?? key, value]))
  }

  /** What is to happen to this request, or null. */
  api(method: string, path: string): FaultKind | null {
    const at = this.#next.findIndex((one) => one.method === method && one.path.test(path))
    if (at >= 0) return this.#next.splice(at, 1)[0]?.kind ?? null
    const { failBefore = 0, failAfter = 0, only } = this.faults.api ?? {}
    if (failBefore === 0 && failAfter === 0) return null
    if (only && !only.test(`${method} ${path}`)) return null
    const dice = this.#random()
    if (dice < failBefore) return 'before'
    return dice < failBefore + failAfter ? 'after' : null
  }
}
