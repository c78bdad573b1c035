import { main, optional, required } from '../lib/say.ts'

await main(async () => {
  const inputs = {
    path: required('path'),
    artifactDigest: optional('artifact-digest'),
    plan: required('plan'),
    undo: required('undo'),
    simulate: required('simulate'),
    token: required('token'),
    login: required('login'),
    grafanaUrl: optional('grafana-url'),
    grafanaToken: optional('grafana-token'),
    out: required('out'),
  }
  const { act } = await import('./act.ts')
  await act(inputs)
})
