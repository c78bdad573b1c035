/** What a script of k6 is held to before and beside its numbers: that requests come when they are due, to this service, and what its own thresholds said. Pure. */
import type { Finding } from '../../evidence/model/finding.ts'
import type { Inputs } from '../collect/inputs.ts'

type Load = Inputs['load']
type ScriptRun = NonNullable<Load['script']>

/** Exit code of k6. */
const CROSSED = 99

export function ofScript({ host, runs, script }: Load): Finding[] {
  if (script === null) return []
  const { path } = script
  const tell = (rule: string, subject: string, message: string, next: string): Finding => ({
    rule,
    severity: 'error',
    path,
    subject: subject.slice(0, 300),
    message: message.slice(0, 1000),
    next,
  })
  const closed = closedOf(script).map(({ executor, name }) =>
    tell(
      'load.closed-model',
      name,
      `Scenario ${name} is ${executor}, a closed model: who waits for an answer does not ask again, so a service that stands still is asked less and its waiting is hidden. It was not run`,
      'Let it be constant-arrival-rate or ramping-arrival-rate.',
    ),
  )
  const spike =
    runs.length === 0 || runs.some(({ kind }) => kind === 'spike')
      ? []
      : [
          tell(
            'load.no-spike',
            path,
            'No scenario of the script is named spike: nobody knows what a short time of much more does',
            'Add a scenario `spike` after the load, with several times its rate.',
          ),
        ]
  const crossed =
    script.exit === CROSSED
      ? [
          tell(
            'load.thresholds',
            path,
            `Thresholds of the script were crossed: ${namedIn(script.said)}`,
            'Find out what crosses them, or change the script on the base branch.',
          ),
        ]
      : []
  const elsewhere = script.elsewhere.map((other) =>
    tell(
      'load.elsewhere',
      other,
      `The script asked ${other}, which is not ${host}: such an answer says nothing of this service`,
      'Ask what RC_TARGET names, and nobody else.',
    ),
  )
  return [...closed, ...spike, ...crossed, ...elsewhere]
}

export function closedOf({ scenarios }: ScriptRun): ScriptRun['scenarios'] {
  return scenarios.filter(({ open, part }) => !open && part !== 'warm-up')
}

/** As k6 tells it; whoever reads the finding finds the thresholds in the script. */
function namedIn(said: string): string {
  return /thresholds on metrics '([^'\n]{1,500})' have been crossed/.exec(said)?.[1] ?? 'k6 does not name them'
}
