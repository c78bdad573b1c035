import { main, optional, required } from '../lib/say.ts'

await main(async () => {
  const inputs = { version: required('version'), token: required('token'), repository: optional('repository'), out: required('out') }
  const [{ info, setOutput }, { readRunFacts }, { run }] = await Promise.all([
    import('@actions/core'),
    import('../lib/run-facts.ts'),
    import('./main.ts'),
  ])
  const packs = await run({ ...inputs, facts: readRunFacts(process.env) })
  for (const { path, sha256, bytes } of packs) info(`${path}: ${bytes} bytes, sha256 ${sha256}`)
  setOutput(
    'packs',
    packs
      .map(({ path }) => path)
      .filter((path) => path.endsWith('.zip'))
      .join('\n'),
  )
})
