import { info } from '@actions/core'
import { main, optional, required } from '../lib/say.ts'
import { run } from './main.ts'

await main(async () => {
  const handover = await run({
    version: required('version'),
    environment: required('environment'),
    sha: required('sha'),
    step: required('step'),
    plan: required('plan'),
    digests: required('digests'),
    schema: optional('schema'),
    event: required('event'),
    out: required('out'),
    now: Date.now(),
  })
  for (const entry of handover.deployments) info(`${entry.version} ${entry.event} in ${entry.environment} at ${entry.step} %`)
})
