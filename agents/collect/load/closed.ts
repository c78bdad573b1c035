/**
 * Load with closed arrivals: so many users, each asking again as soon as it is answered. It says how much a service gets done at each number of users, which
 * is what capacity is fitted to, and nothing about how long anybody waits: that is for `open.ts`.
 */
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { Step } from '../inputs.load.ts'
import { Exchange } from './exchange.ts'
import type { Ask, Target } from './target.ts'

export interface ClosedOptions {
  readonly target: Target
  readonly asks: readonly Ask[]
  readonly users: number
  readonly ms: number
  /** Of one answer. */
  readonly timeoutMs: number
}

/** A step is measured in so many spans, so that how much they differ says how sure it is. One before them is for the users to come in, and is not counted. */
const SLICES = 5
/** Whoever got no answer asks again after this: a service that is away is not asked a million times. */
const BREATH_MS = 20

/** Never throws. */
export async function closedLoad({ target, asks, users, ms, timeoutMs }: ClosedOptions): Promise<Step> {
  const exchange = new Exchange(target, users, timeoutMs)
  const counts = { answered: 0, bad: 0 }
  const over = new AbortController()
  const user = async (nth: number): Promise<void> => {
    for (let at = nth; !over.signal.aborted; at++) {
      const ask = asks[at % asks.length]
      if (ask === undefined) return
      const status = await exchange.ask(ask)
      if (over.signal.aborted) return
      if (status === ask.status) counts.answered += 1
      else counts.bad += 1
      if (status === null) await pause(BREATH_MS)
    }
  }
  const all = Promise.all(Array.from({ length: users }, (_, nth) => user(nth)))
  const [width, slices]: [number, Step['slices']] = [ms / (SLICES + 1), []]
  await pause(width)
  let [from, before] = [performance.now(), counts.answered]
  counts.bad = 0
  for (let at = 0; at < SLICES; at++) {
    await pause(width)
    const [now, answered] = [performance.now(), counts.answered]
    slices.push({ ms: Math.round((now - from) * 1000) / 1000, answered: answered - before })
    ;[from, before] = [now, answered]
  }
  const { bad } = counts
  over.abort()
  exchange.close()
  await all
  return { users, slices, bad }
}
