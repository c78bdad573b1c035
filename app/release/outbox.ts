/**
 * Carries out intents, each once: the attempt is marked before, the outcome recorded after. An attempt without an outcome is ambiguous (a crash, a lost
 * answer), so the world is asked first whether it happened. A newer intent for the same thing replaces an older one that has no outcome yet; without
 * that, a late retry could give traffic back to a version that was rolled back.
 */
import type { Effect, Lease, LedgerEvent, OutboxRow, Ports, ReleaseRecord } from './ports.ts'

/** After so many attempts an effect is given up and named in the status. A rollback is never given up. */
const MAX_ATTEMPTS = 12

export interface Carried {
  /** Something has an outcome now that had none. */
  readonly progress: boolean
  /** Intents still without an outcome. */
  readonly pending: number
  /** The lease was lost: stop at once. */
  readonly lost: boolean
}

export async function carryOut(ports: Ports, lease: Lease, release: ReleaseRecord): Promise<Carried> {
  const rows = await ports.store.outbox(release.key)
  const open = rows.filter((row) => row.state === 'intended' || row.state === 'started')
  let progress = false
  let pending = 0
  for (const row of urgentFirst(open)) {
    if (replaced(row, rows)) {
      await ports.store.settle(row.key, { error: 'a newer intent for the same thing took its place', final: true }, [])
      continue
    }
    const done = await carry(ports, lease, release, row)
    if (done === 'lost') return { progress, pending: pending + 1, lost: true }
    if (done === 'done') progress = true
    else pending += 1
  }
  return { progress, pending, lost: false }
}

async function carry(ports: Ports, lease: Lease, release: ReleaseRecord, row: OutboxRow): Promise<'done' | 'pending' | 'lost'> {
  const { effects, store, log } = ports
  if (!(await store.start(row.key, lease))) return 'lost'
  try {
    const found = row.state === 'started' ? await effects.find(release.repository, row.effect) : null
    const outcome = found ?? (await effects.perform(release.repository, row.effect))
    await store.settle(row.key, { outcome }, [{ type: found === null ? 'effect.done' : 'effect.found', data: describe(row.effect, outcome.id) }])
    return 'done'
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const final = row.effect.kind !== 'weight.set' && row.attempts + 1 >= MAX_ATTEMPTS
    log.warn({ release: release.version, effect: row.key, attempts: row.attempts + 1, error: message }, 'an effect has no outcome yet')
    await store.settle(
      row.key,
      { error: message, final },
      final ? [{ type: 'effect.failed', data: { ...describe(row.effect, null), error: message.slice(0, 500) } }] : [],
    )
    return final ? 'done' : 'pending'
  }
}

/** Traffic before everything else; among equals, the order in which they were wanted. */
function urgentFirst(rows: readonly OutboxRow[]): OutboxRow[] {
  return [...rows.filter((row) => row.effect.kind === 'weight.set'), ...rows.filter((row) => row.effect.kind !== 'weight.set')]
}

/** The thing an effect sets, when a later intent for it makes this one pointless or harmful. */
export function sets(effect: Effect): string | null {
  switch (effect.kind) {
    case 'weight.set':
      return `weight ${effect.environment}`
    case 'check.update':
      return `check ${effect.checkRun}`
    case 'comment.write':
      return `comment ${effect.marker}`
    case 'deployment.status':
      return `deployment ${effect.deployment}`
    default:
      return null
  }
}

function replaced(row: OutboxRow, rows: readonly OutboxRow[]): boolean {
  const thing = sets(row.effect)
  // The first writing of a comment creates it: it must happen, or the next one has nothing to edit.
  if (thing === null || (row.effect.kind === 'comment.write' && row.effect.comment === null)) return false
  return rows.slice(rows.indexOf(row) + 1).some((later) => sets(later.effect) === thing)
}

function describe(effect: Effect, id: number | null): LedgerEvent['data'] {
  return {
    key: effect.key,
    kind: effect.kind,
    id,
    ...(effect.kind === 'weight.set' ? { environment: effect.environment, percent: effect.percent } : {}),
  }
}
