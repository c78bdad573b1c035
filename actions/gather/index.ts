import { main, required } from '../lib/say.ts'

await main(async () => {
  const inputs = { phase: required('phase'), path: required('path'), out: required('out') }
  const { act } = await import('./act.ts')
  await act(inputs)
})
