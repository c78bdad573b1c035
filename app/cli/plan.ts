/** What agents would change, as an answer of the command line. */
import type { Handover } from '../../evidence/model/handover.ts'
import type { Phase } from '../../evidence/model/phases.ts'
import { table } from './output.ts'
import { EXIT } from './verb.ts'
import type { Answer } from './verb.ts'

/** Ends well when every agent could look: a plan is no verdict. */
export function planAnswer(phase: Phase, handover: Handover, out: string | null): Answer {
  const responses = handover.responses.map(({ agent, response: { result, notes, next } }) => ({ agent: agent.name, result, notes, next }))
  const rows = responses.map(({ agent, result, notes, next }) => [agent, result, result === 'ok' ? notes : `${notes} ${next}`])
  return {
    exit: responses.every(({ result }) => result === 'ok') ? EXIT.ok : EXIT.indeterminate,
    text: `${table(['agent', 'result', 'what would change'], rows)}\n\nNothing was changed.${out === null ? '' : ` Plans in ${out}.`}`,
    data: { phase, responses, out },
  }
}
