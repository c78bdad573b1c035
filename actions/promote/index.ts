import { main, optional, required } from '../lib/say.ts'

await main(async () => {
  const inputs = { token: required('token'), pull: required('pull'), plan: required('plan'), step: optional('step'), wait: required('wait') }
  const [{ sayCommand }, { run }] = await Promise.all([import('../lib/say-command.ts'), import('./main.ts')])
  await sayCommand(inputs, run)
})
