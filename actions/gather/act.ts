/** The edge of gathering: the summary of the whole phase, and how many answered. */
import { setOutput, summary } from '@actions/core'
import { summaryOf } from '../lib/summary.ts'
import { run, type GatherInputs } from './main.ts'

export async function act(inputs: Omit<GatherInputs, 'now'>): Promise<void> {
  const handover = await run({ ...inputs, now: Date.now() })
  await summary.addRaw(summaryOf(handover)).write()
  setOutput('agents', String(handover.responses.length))
}
