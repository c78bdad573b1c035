import { main, optional, required } from '../lib/say.ts'

await main(async () => {
  const inputs = {
    version: required('version'),
    environment: required('environment'),
    sha: required('sha'),
    step: required('step'),
    plan: required('plan'),
    digests: required('digests'),
    schema: optional('schema'),
    event: required('event'),
    out: required('out'),
  }
  const [{ info }, { run }] = await Promise.all([import('@actions/core'), import('./main.ts')])
  const handover = await run({ ...inputs, now: Date.now() })
  for (const entry of handover.deployments) info(`${entry.version} ${entry.event} in ${entry.environment} at ${entry.step} %`)
})
