/** Enters a rollback that was decided and done while the store did not answer: once, however often it is tried. */
import { timestamp } from '../../evidence/model/primitives.ts'
import { Draft } from '../release/draft.ts'
import type { Clock, LedgerEvent, StorePort } from '../release/ports.ts'
import { TRANSITIONS } from '../release/state.ts'
import type { LateRollback } from './rollback-file.ts'
import { goHome } from './withdraw.ts'

/**
 * - `entered`: the release is rolling back now, and the ledger says why and since when.
 * - `known`: the store had already decided the same for this rollout; the ledger says that it was done before.
 * - `gone`: no such rollout runs any more.
 * - `busy`: somebody looks at the release; try again soon.
 */
export type Entry = 'entered' | 'known' | 'gone' | 'busy'

/** @param holder a name of its own for the lease @throws whatever the store throws; then nothing was entered */
export async function enterRollback(
  { store, clock }: { readonly store: StorePort; readonly clock: Clock },
  late: LateRollback,
  holder: string,
  leaseMs: number,
): Promise<Entry> {
  const lease = await store.lease(`release/${late.release}`, holder, clock.now(), leaseMs)
  if (lease === null) return 'busy'
  try {
    const record = await store.release(late.release)
    if (record === null) return 'gone'
    const draft = new Draft(record, new Map())
    const { rollout } = draft.data
    if (rollout === null || rollout.number !== late.rollout) return 'gone'
    if (rollout.stage === 'withdrawing' || rollout.stage === 'withdrawn') {
      const told = (await store.ledger(late.release)).some((entry) => entry.type === noteOf(late).type && entry.data['rollout'] === late.rollout)
      if (!told) await store.append(late.release, [noteOf(late)])
      return 'known'
    }
    if (!TRANSITIONS[record.state].includes('rolling_back')) return 'gone'
    await store.keepSample(late.release, `${late.rollout}/${late.environment}`, late.sample)
    draft.events.push(noteOf(late))
    goHome(draft, rollout, late.why, clock.now())
    draft.lookAgainAt(clock.now())
    const taken = await store.commit({
      release: { ...draft.record(), revision: record.revision + 1 },
      expected: record.revision,
      lease,
      intents: draft.intents,
      events: draft.events,
      verdicts: [],
    })
    return taken ? 'entered' : 'busy'
  } finally {
    await store.free(lease)
  }
}

function noteOf(late: LateRollback): LedgerEvent {
  return {
    type: 'rollback.entered',
    data: {
      rollout: late.rollout,
      environment: late.environment,
      step: late.step,
      decided_at: timestamp(late.at),
      code: late.why.code,
      reason: late.why.sentence,
      why_late: 'no timed look could be recorded when it was decided and done',
    },
  }
}
