/** A trace of each release: looks with what they did, live; and its story when it has ended. */
import type { Spans } from '../../agents/spans.ts'
import { releaseOfKey, traceOf } from '../../evidence/model/trace.ts'
import type { Change, EffectPort, Log, StorePort } from '../release/ports.ts'
import { ENDS, storyOf, type Teller } from './story.ts'

/** The same effects, each a span. */
export function traced(effects: EffectPort, spans: Spans): EffectPort {
  return {
    ...effects,
    perform: (repository, effect, leave) =>
      spans.within(traceOf(releaseOfKey(effect.key)), `effect ${effect.kind}`, { key: effect.key }, () => effects.perform(repository, effect, leave)),
  }
}

/** Listens to the store: a release that has just ended is told of. */
export function telling(spans: Spans, store: Pick<StorePort, 'ledger'>, log: Log, teller: Teller): { committed(change: Change): void } {
  async function tell({ release }: Change): Promise<void> {
    try {
      spans.tell(release.traceId, storyOf(release, await store.ledger(release.key), teller))
    } catch (error) {
      log.warn({ release: release.version, error: String(error) }, 'The story of a release could not be told as a trace.')
    }
  }
  return {
    committed(change) {
      const hasEnded = change.events.some(({ type }) => type === 'state') && ENDS.has(change.release.state)
      if (hasEnded) void tell(change)
    },
  }
}
