import { main, optional, required } from '../lib/say.ts'

await main(async () => {
  const inputs = {
    path: required('path'),
    phases: optional('phases'),
    pull: optional('pull'),
    token: optional('token'),
    workspace: required('workspace'),
    trustedRoot: optional('trusted-root'),
  }
  const { act } = await import('./act.ts')
  await act(inputs, required('fail') !== 'false')
})
