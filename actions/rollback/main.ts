/** Asks the App to bring a release back: says `/rollback` as the person whose token it is. */
import { say, type CommandInputs, type Said } from '../lib/command.ts'
import { ActionError } from '../lib/error.ts'

const LONGEST = 200

export interface RollbackInputs extends CommandInputs {
  /** `gate_fail`, `slo_breach`, `kpi_regression`, `manual`, or words. */
  readonly reason: string
}

/** @throws ActionError */
export async function run(inputs: RollbackInputs): Promise<Said> {
  const reason = inputs.reason.replaceAll(/\s+/g, ' ').trim()
  if (reason === '' || reason.length > LONGEST) throw new ActionError('bad-input', `reason says why, in at most ${LONGEST} characters.`)
  if (reason.startsWith('--')) throw new ActionError('bad-input', 'reason begins with dashes, which would be an option; say it in words.')
  return say(`/rollback ${reason}`, inputs)
}
