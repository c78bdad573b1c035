import { main, required } from '../lib/say.ts'

await main(async () => {
  const inputs = { token: required('token'), pull: required('pull'), reason: required('reason'), wait: required('wait') }
  const [{ sayCommand }, { run }] = await Promise.all([import('../lib/say-command.ts'), import('./main.ts')])
  await sayCommand(inputs, run)
})
