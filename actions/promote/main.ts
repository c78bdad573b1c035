/** Asks the App to promote a release: says `/promote` as the person whose token it is. The App decides. */
import { say, type CommandInputs, type Said } from '../lib/command.ts'
import { ActionError } from '../lib/error.ts'

export interface PromoteInputs extends CommandInputs {
  /** Id of the plan that was shown. */
  readonly plan: string
  /** Percent; null: as far as the plan goes. */
  readonly step: string | null
}

/** @throws ActionError */
export async function run(inputs: PromoteInputs): Promise<Said> {
  const { plan, step } = inputs
  if (!/^[0-9a-f]{32}$/.test(plan)) throw new ActionError('bad-input', 'plan is no plan id; copy the 32 hex digits from the status comment.')
  if (step !== null && !/^(?:[1-9]\d?|100)$/.test(step)) throw new ActionError('bad-input', 'step is a share of the traffic in percent, 1 to 100.')
  return say(`/promote ${step === null ? '' : `${step} `}plan:${plan}`, inputs)
}
