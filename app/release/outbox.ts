/**
 * Carries out intents, each once: the attempt is marked before, the outcome recorded after. An attempt without an outcome is ambiguous (a crash, a lost
 * answer), so the world is asked first whether it happened. A newer intent for the same thing replaces an older one that has no outcome yet; without
 * that, a late retry could give traffic back to a version that was rolled back. Each intent that failed has its own pause (`again.ts`), so that a look in
 * every second is no attempt in every second.
 */
import { isGolden, isHook } from '../rollout/hooks.ts'
import { leaving, renewed } from './leave.ts'
import { isLast, isRefused, notBefore, takesBack } from './again.ts'
import type { Effect, Lease, OutboxRow, Ports, ReleaseRecord } from './ports.ts'

/** What is recorded of an intent that was not carried out and need not be. */
export const REPLACED = 'a newer intent for the same thing took its place'

export interface Carried {
  /** Something has an outcome now that had none. */
  readonly progress: boolean
  /** Intents still without an outcome. */
  readonly pending: number
  /** The lease was lost: stop at once. */
  readonly lost: boolean
}

/** @param leaseMs how long the lease lives after each renewal */
export async function carryOut(ports: Ports, lease: Lease, release: Pick<ReleaseRecord, 'key' | 'repository'>, leaseMs: number): Promise<Carried> {
  const rows = await ports.store.outbox(release.key)
  const open = rows.filter((row) => isCarriedHere(row.effect) && (row.state === 'intended' || row.state === 'started'))
  let progress = false
  let pending = 0
  for (const row of urgentFirst(open)) {
    if (replaced(row, rows)) {
      await ports.store.settle(row.key, { error: REPLACED, final: true }, [])
      continue
    }
    if (notBefore(row) > ports.clock.now() || ports.effects.waits?.(row.effect, release.repository) === true) {
      pending += 1
      continue
    }
    // Another look follows at once, and says it better: people and the API see one edit for all that happened.
    if (progress && isEdit(row.effect)) {
      pending += 1
      continue
    }
    const done = await carry(ports, { lease, leaseMs }, release, row)
    if (done === 'lost') return { progress, pending: pending + 1, lost: true }
    if (done === 'done') progress = true
    else pending += 1
  }
  return { progress, pending, lost: false }
}

/** Where packs go is carried out by `keeping.ts`: neither a store that is away nor an upload must make a look wait. */
export function isCarriedHere(effect: Effect): boolean {
  return effect.kind !== 'pack.keep' && effect.kind !== 'release.publish'
}

interface Held {
  readonly lease: Lease
  readonly leaseMs: number
}

/** The lease is renewed first, and asked again before each thing that is sent. */
async function carry(
  ports: Ports,
  { lease, leaseMs }: Held,
  { repository }: Pick<ReleaseRecord, 'repository'>,
  row: OutboxRow,
): Promise<'done' | 'pending' | 'lost'> {
  const { effects, store, log, clock } = ports
  if (!(await renewed(store, lease, clock.now(), leaseMs))) return 'lost'
  const leave = leaving(ports, lease, leaseMs)
  if (!(await store.start(row.key, lease))) return 'lost'
  try {
    const found = row.state === 'started' ? await effects.find(repository, row.effect) : null
    const outcome = found ?? (await effects.perform(repository, row.effect, leave))
    await store.settle(row.key, { outcome }, found === null ? [] : [{ type: 'effect.recovered', data: { key: row.key, kind: row.effect.kind } }])
    return 'done'
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const final = isLast(row, error, clock.now())
    log.warn({ effect: row.key, attempts: row.attempts + 1, error: message }, 'an effect has no outcome yet')
    await store.settle(row.key, { error: message, final, refused: isRefused(row.effect, error) }, [])
    return final ? 'done' : 'pending'
  }
}

/** What may wait until its share of GitHub's minute has room; null: it may not wait. */
export function shareOf(effect: Effect): 'shown' | 'answered' | null {
  if (effect.kind === 'reaction.add') return 'answered'
  return isEdit(effect) || effect.kind === 'check.update' || effect.kind === 'check.annotate' ? 'shown' : null
}

/** Of the status comment, which only shows what is known. Its first writing is none. */
function isEdit(effect: Effect): boolean {
  return effect.kind === 'comment.write' && effect.comment !== null
}

/** Traffic before everything else, then the sign that a command was seen, then what people read of it, a slow log last; among equals, the order in which they were wanted. */
function urgentFirst(rows: readonly OutboxRow[]): OutboxRow[] {
  return rows.toSorted((a, b) => rank(a.effect) - rank(b.effect))
}

function rank(effect: Effect): number {
  if (effect.kind === 'weight.set' || takesBack(effect)) return 0
  if (effect.kind === 'log.enter') return 4
  if (isEdit(effect)) return 3
  return effect.kind === 'reaction.add' && effect.content === 'eyes' ? 1 : 2
}

/** The thing an effect sets, when a later intent for it makes this one pointless or harmful. */
export function sets(effect: Effect): string | null {
  switch (effect.kind) {
    case 'weight.set':
      return `weight ${effect.environment} ${effect.router ?? ''}`
    case 'check.update':
      return `check ${effect.checkRun}`
    case 'comment.write':
      return `comment ${effect.marker}`
    case 'release.renew':
      return `release ${effect.pull}`
    case 'deployment.status':
      return `deployment ${effect.deployment}`
    case 'workflow.dispatch':
      return effect.inputs['step'] === undefined || isHook(effect)
        ? null
        : `deploy ${effect.inputs['environment'] ?? ''} ${effect.inputs['sha'] ?? ''}`
    default:
      return null
  }
}

function replaced(row: OutboxRow, rows: readonly OutboxRow[]): boolean {
  const later = rows.slice(rows.indexOf(row) + 1)
  // Once a rollout is over, nothing rests any more on a decision that could not be sealed, and no pack may say so after its end.
  if (row.effect.kind === 'pack.seal' && row.effect.outcome === 'proven')
    return later.some(({ effect }) => effect.kind === 'pack.seal' && effect.outcome !== 'proven')
  // The way back asks no hook.
  if (isHook(row.effect) && !isGolden(row.effect))
    return later.some(({ effect }) => (effect.kind === 'weight.set' && effect.percent === 0) || takesBack(effect))
  // Whoever goes home deploys nothing more for the steps before.
  const rollout = /^(.*\/rollout\/\d+\/.+\/)\d+\/run$/.exec(row.key)?.[1]
  if (rollout !== undefined && later.some(({ key }) => key === `${rollout}withdraw`)) return true
  const thing = sets(row.effect)
  // The first writing of a comment creates it: it must happen, or the next one has nothing to edit.
  if (thing === null || (row.effect.kind === 'comment.write' && row.effect.comment === null)) return false
  return later.some(({ effect }) => sets(effect) === thing)
}
