import { error, info, notice, setOutput, summary, warning } from '@actions/core'
import { annotationsOf } from '../lib/annotations.ts'
import { readRunFacts } from '../lib/run-facts.ts'
import { main, optional, required } from '../lib/say.ts'
import { summaryOf } from '../lib/summary.ts'
import { run } from './main.ts'

const SAY = { error, warning, info: notice }

await main(async () => {
  const handover = await run({
    phase: required('phase'),
    pull: optional('pull'),
    key: optional('key'),
    token: optional('token'),
    workspace: required('workspace'),
    agents: optional('agents'),
    simulate: required('simulate'),
    out: required('out'),
    facts: readRunFacts(process.env),
    now: Date.now(),
  })
  for (const { response, agent } of handover.responses) info(`${agent.name}: ${response.result}`)
  const { shown, left } = annotationsOf(handover)
  for (const { severity, message, properties } of shown) SAY[severity](message, properties)
  if (left > 0) info(`${left} more findings are in the reports of the hand-over.`)
  await summary.addRaw(summaryOf(handover)).write()
  setOutput('agents', String(handover.responses.length))
})
