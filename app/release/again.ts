/** When an effect that failed is tried again, and whether it is given up. Pure: it follows from its row, so a new process knows it too. */
import { isGolden } from '../rollout/hooks.ts'
import type { Effect, OutboxRow } from './ports.ts'

const HOUR_MS = 60 * 60_000
const LONGEST_PAUSE_MS = 60_000
/** For what has failed for hours. */
const RARELY_MS = 10 * 60_000
const MANY_ATTEMPTS = 70

/** What an effect may fail by that ends without anybody's help; everything else waits for a person. */
const PASSING: ReadonlySet<unknown> = new Set(['unavailable', 'unreachable', 'unknown', 'limited', 'late', 'cut-pending', 'log-pending'])

/** Traffic home, the version before deployed again; a log may be away for hours, and a release that serves everyone is to be published. */
export function isNeverGivenUp(effect: Effect): boolean {
  return effect.kind === 'weight.set' || effect.kind === 'log.enter' || effect.kind === 'release.publish' || takesBack(effect) || isRestore(effect)
}

/** Does it not end by itself? Nor is a message waited for longer than an hour, whatever keeps it: it is no news by then. */
export function isRefused({ kind }: Effect, error: unknown): boolean {
  if (kind === 'message.send' || !(error instanceof Error) || !('code' in error)) return true
  // Of a hook: its name is not in the operator's file.
  return !PASSING.has(error.code) || (kind === 'hook.call' && error.code === 'unknown')
}

/**
 * Is this failure the last? No number of attempts makes it so: what passes by itself is waited for, and what does not is given a person's hour to be mended.
 * @param row as it was before this attempt
 */
export function isLast({ effect, refusedSince }: OutboxRow, error: unknown, now: number): boolean {
  if (isNeverGivenUp(effect) || !isRefused(effect, error)) return false
  return isHopeless(effect, error) || now - (refusedSince ?? now) >= HOUR_MS
}

/** Epoch milliseconds; before it, it is not tried again. */
export function notBefore({ effect, attempts, failedAt }: OutboxRow): number {
  return failedAt == null || isUrgent(effect) || effect.kind === 'log.enter' ? 0 : failedAt + pauseAfter(attempts)
}

/** 1 s, 2 s, 4 s … a minute; after an hour or so, ten minutes. */
export function pauseAfter(attempts: number): number {
  return attempts >= MANY_ATTEMPTS ? RARELY_MS : Math.min(LONGEST_PAUSE_MS, 500 * 2 ** Math.min(attempts, 7))
}

/** What moves traffic, or brings back what was there, is tried at every look. A log says itself when it may be asked. */
function isUrgent(effect: Effect): boolean {
  return effect.kind === 'weight.set' || takesBack(effect) || isRestore(effect) || isGolden(effect)
}

/** The workflow that moves the traffic is told to take it all back. */
export function takesBack(effect: Effect): boolean {
  return effect.kind === 'workflow.dispatch' && effect.inputs['step'] === '0'
}

/** The version before is deployed again. */
function isRestore({ kind, key }: Effect): boolean {
  return kind === 'workflow.dispatch' && /\/restore\/\d+$/.test(key)
}

/** People are told at once, and asking GitHub again would bring the same answer. */
function isHopeless({ kind }: Effect, error: unknown): boolean {
  return (
    (kind === 'release.cut' || kind === 'release.renew') &&
    error instanceof Error &&
    'code' in error &&
    (error.code === 'refused' || error.code === 'forbidden')
  )
}
