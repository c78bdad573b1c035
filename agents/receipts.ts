/** Receipts that the gates of a phase, and the agents that feed them, turn red on their planted faults. Pure. */
import type { Handover } from '../evidence/model/handover.ts'
import type { Phase } from '../evidence/model/phases.ts'
import { timestamp } from '../evidence/model/primitives.ts'
import { GATES } from '../gates/index.ts'
import type { ListedAgent } from './index.ts'
import { selfTestCases } from './self-test.ts'

/**
 * A gate gets a receipt only when all agents that feed it have answered, so a part of a phase cannot speak for the whole.
 * @param answered those that did @param of `now` in epoch milliseconds; `list`: every agent there is
 */
export function receiptsOf(
  answered: readonly ListedAgent[],
  { list, now, phase }: { readonly phase: Phase; readonly now: number; readonly list: readonly ListedAgent[] },
): Handover['self_tests'] {
  const feeds = (gate: (typeof GATES)[number]) => list.filter((agent) => agent.gate.includes(gate.id) && agent.phase.includes(phase))
  return GATES.filter((gate) => gate.phase === phase || gate.readsVerdicts === true)
    .filter((gate) => feeds(gate).every((agent) => answered.includes(agent)))
    .map((gate) => ({
      schema_version: 1 as const,
      gate: gate.id,
      gate_version: gate.version,
      cases: selfTestCases(gate, list),
      made_at: timestamp(now),
    }))
}
