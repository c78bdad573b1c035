/** The edge of the gate's action: the runner's facts in; annotations, summary, outputs and the colour of the job out. */
import { error, info, setFailed, setOutput, summary } from '@actions/core'
import { readRunFacts } from '../lib/run-facts.ts'
import { decisionSummary } from '../lib/decision-summary.ts'
import { run, type GateInputs } from './main.ts'

/** @param mayFail false: the outputs tell, and the job stays green */
export async function act(inputs: Omit<GateInputs, 'facts' | 'now'>, mayFail: boolean): Promise<void> {
  const decided = await run({ ...inputs, facts: readRunFacts(process.env), now: Date.now() })
  for (const { gate, verdict, reasons } of decided.verdicts) {
    info(`${gate}: ${verdict}`)
    if (verdict === 'fail' || verdict === 'indeterminate')
      for (const { code, message, next } of reasons.slice(0, 5)) error(`${message} ${next}`, { title: `${gate}: ${code}` })
  }
  await summary.addRaw(decisionSummary(decided)).write()
  setOutput('verdict', decided.verdict)
  setOutput('verdicts', JSON.stringify(Object.fromEntries(decided.verdicts.map(({ gate, verdict }) => [gate, verdict]))))
  if (decided.verdict !== 'pass' && mayFail)
    setFailed(`${decided.verdict}: not every gate holds, so nothing may go on. The summary of this job tells why, and what to do.`)
}
