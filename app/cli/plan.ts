/** What agents would change, as an answer of the command line. */
import type { Config } from '../../evidence/model/config.ts'
import type { Handover } from '../../evidence/model/handover.ts'
import type { Phase } from '../../evidence/model/phases.ts'
import { isNotAsked } from '../../gates/declared.ts'
import { table } from './output.ts'
import { EXIT } from './verb.ts'
import type { Answer } from './verb.ts'

/** Ends well when every agent could look, or the config declares that there is nothing to look at: a plan is no verdict. */
export function planAnswer(
  phase: Phase,
  handover: Handover,
  { declared, out }: { readonly declared: Config['not_applicable']; readonly out: string | null },
): Answer {
  const responses = handover.responses.map(({ agent, response: { result, notes, next, verdicts }, topic }) => {
    const gates = verdicts.map(({ gate }) => gate)
    const absent = result === 'blocked' && gates.length > 0 && isNotAsked(declared, gates, topic)
    return { agent: agent.name, result: absent ? 'not applicable' : result, notes, next }
  })
  const rows = responses.map(({ agent, result, notes, next }) => [
    agent,
    result,
    result === 'ok' || result === 'not applicable' ? notes : `${notes} ${next}`,
  ])
  return {
    exit: responses.every(({ result }) => result === 'ok' || result === 'not applicable') ? EXIT.ok : EXIT.indeterminate,
    text: `${table(['agent', 'result', 'what would change'], rows)}\n\nNothing was changed.${out === null ? '' : ` Plans in ${out}.`}`,
    data: { phase, responses, out },
  }
}
