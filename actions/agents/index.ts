import { main, optional, required } from '../lib/say.ts'

await main(async () => {
  const inputs = {
    phase: required('phase'),
    pull: optional('pull'),
    key: optional('key'),
    token: optional('token'),
    grafanaToken: optional('grafana-token'),
    workspace: required('workspace'),
    agents: optional('agents'),
    k6: optional('k6'),
    simulate: required('simulate'),
    op: required('op'),
    out: required('out'),
  }
  const { act } = await import('./act.ts')
  await act(inputs)
})
