/**
 * A router decides which share of the requests of one environment goes to the canary; the rest goes to stable. It is the only thing a rollout moves.
 *
 * Promises every adapter keeps:
 * - `set` resolves only when the router itself, asked again, answers with the new percentage. Anything else throws a {@link RouterError}.
 * - `set` is idempotent: setting what is already set changes nothing and succeeds, so it may be repeated after a crash.
 * - After `set(0)` no request that arrives reaches the canary. Nothing in the router may refuse or delay a step down; a step up may be refused.
 * - `read` asks the router, never a memory of ours.
 */
import type { Routed } from '../../release/ports.ts'

export interface Router {
  /** @param percent whole number, 0 to 100, of requests for the canary @throws RouterError */
  set(percent: number): Promise<void>
  /** Whole number, 0 to 100, that the router really applies. Asked at every look where there is no `observe`. @throws RouterError */
  read(): Promise<number>
  /** What it gave to each version so far; null when it cannot say that of requests, as where clients stay with their version. @throws RouterError */
  observe?(): Promise<Routed | null>
}

/**
 * - `invalid`: the percentage or an address is not one.
 * - `unreachable`: no answer in time, or no connection. The weight is unknown.
 * - `refused`: the router, or its adapter before asking it, said no. A step up did not get its weight.
 * - `not-durable`: the weight moved, but the router could not save it; a restart may bring the old one back. Set it again.
 * - `mismatch`: set, but read back as something else.
 * - `malformed`: the answer is not one of this protocol.
 */
export type RouterErrorCode = 'invalid' | 'unreachable' | 'refused' | 'not-durable' | 'mismatch' | 'malformed'

export class RouterError extends Error {
  override readonly name = 'RouterError'
  readonly code: RouterErrorCode
  constructor(code: RouterErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** @throws RouterError `invalid` unless a whole number from 0 to 100 */
export function percentage(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 100) return value
  throw new RouterError('invalid', `A weight is a whole number from 0 to 100, not ${JSON.stringify(value) ?? String(value)}.`)
}
