/** The edge of carrying out: the runner's facts in; lines, summary, outputs and the colour of the job out. */
import { error, info, setOutput, setSecret, summary } from '@actions/core'
import { changesSummary } from '../lib/changes-summary.ts'
import { readRunFacts } from '../lib/run-facts.ts'
import { run, type ApplyInputs } from './main.ts'

export async function act(inputs: Omit<ApplyInputs, 'facts' | 'now'>): Promise<void> {
  for (const secret of [inputs.token, inputs.grafanaToken ?? '']) if (secret !== '') setSecret(secret)
  const outcomes = await run({ ...inputs, facts: readRunFacts(process.env), now: () => Date.now() })
  for (const { change, state, says, next } of outcomes) {
    info(`${change}: ${state}`)
    if (state === 'failed') error(`${says}. ${next ?? ''}`, { title: change })
  }
  await summary.addRaw(changesSummary(inputs.plan, outcomes)).write()
  setOutput('changed', String(outcomes.filter(({ state }) => state === 'changed' || state === 'undone').length))
  if (outcomes.some(({ state }) => state === 'failed')) process.exitCode = 1
}
