import { main, required } from '../lib/say.ts'

await main(async () => {
  const inputs = { url: required('url'), timeout: required('timeout') }
  const [{ getIDToken, info, setOutput, setSecret }, { run }, { setTimeout: pause }] = await Promise.all([
    import('@actions/core'),
    import('./main.ts'),
    import('node:timers/promises'),
  ])
  const { why } = await run({
    ...inputs,
    async identity(audience) {
      if (process.env['ACTIONS_ID_TOKEN_REQUEST_URL'] === undefined) return null
      const token = await getIDToken(audience)
      setSecret(token)
      return token
    },
    now: () => Date.now(),
    sleep: (milliseconds) => pause(milliseconds),
    say: info,
  })
  setOutput('why', why)
})
