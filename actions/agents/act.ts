/** The edge of the agents' action: the runner's facts and the receiver of spans in; annotations, summary and outputs out. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { error, info, notice, setOutput, setSecret, summary, warning } from '@actions/core'
import { readChanges } from '../../agents/collect/change-folder.ts'
import { openSpans } from '../../agents/spans.ts'
import { keepYoungHeapSmall } from '../../agents/young-heap.ts'
import { annotationsOf } from '../lib/annotations.ts'
import { planSummary } from '../lib/changes-summary.ts'
import { readRunFacts } from '../lib/run-facts.ts'
import { summaryOf } from '../lib/summary.ts'
import { installK6 } from './k6.ts'
import { run, traceOfRun, type AgentsInputs } from './main.ts'

const SAY = { error, warning, info: notice }

/** @param inputs.k6 what of k6 to install before they run; null: nothing */
export async function act({ k6, ...inputs }: Omit<AgentsInputs, 'facts' | 'now' | 'observe'> & { readonly k6: string | null }): Promise<void> {
  if (k6 !== null) {
    const folder = await installK6(k6, await mkdtemp(join(process.env['RUNNER_TEMP'] ?? tmpdir(), 'k6-')))
    process.env['PATH'] = `${folder}${delimiter}${process.env['PATH'] ?? ''}`
  }
  if (inputs.phase === 'P0') keepYoungHeapSmall()
  const facts = readRunFacts(process.env)
  if (inputs.grafanaToken != null) setSecret(inputs.grafanaToken)
  const trace = traceOfRun(inputs.key, facts)
  const spans = await openSpans({
    environment: process.env,
    service: 'release-conductor-agents',
    onFailure: (why) => info(`Spans could not be sent: ${why}`),
  })
  try {
    const handover = await spans.within(trace, `phase ${inputs.phase}`, { sha: facts.sha, run: facts.runId, attempt: facts.runAttempt }, () =>
      run({ ...inputs, facts, now: Date.now(), observe: (name, attributes, work) => spans.within(trace, name, attributes, work) }),
    )
    for (const { response, agent } of handover.responses) info(`${agent.name}: ${response.result}`)
    const { shown, left } = annotationsOf(handover)
    for (const { severity, message, properties } of shown) SAY[severity](message, properties)
    if (left > 0) info(`${left} more findings are in the reports of the hand-over.`)
    setOutput('agents', String(handover.responses.length))
    if (inputs.op !== 'PLAN') return void (await summary.addRaw(summaryOf(handover)).write())
    const { set, id } = await readChanges(inputs.out)
    await summary.addRaw(planSummary(set, id)).write()
    setOutput('plan', set.plans.some(({ actions }) => actions.length > 0) ? id : '')
  } finally {
    await spans.close()
  }
}
