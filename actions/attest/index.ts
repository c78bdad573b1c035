import { ActionError } from '../lib/error.ts'
import { main, optional, required } from '../lib/say.ts'

await main(async () => {
  const accept = required('accept')
  if (accept !== 'evidence' && accept !== 'deployment') throw new ActionError('bad-input', 'The input accept is evidence or deployment.')
  const inputs = {
    path: required('path'),
    artifactDigest: optional('artifact-digest'),
    accept,
    signingKey: optional('signing-key'),
    signingKeyPassword: optional('signing-key-password'),
    fulcioUrl: optional('fulcio-url'),
    tsaUrl: optional('tsa-url'),
    trustedRoot: optional('trusted-root'),
    out: required('out'),
  } as const
  const [{ getIDToken, info, setOutput }, { readRunFacts }, { run }] = await Promise.all([
    import('@actions/core'),
    import('../lib/run-facts.ts'),
    import('./main.ts'),
  ])
  const signed = await run({
    ...inputs,
    facts: readRunFacts(process.env),
    identity: async (audience) => (process.env['ACTIONS_ID_TOKEN_REQUEST_URL'] === undefined ? null : getIDToken(audience)),
  })
  for (const bundle of signed.bundles) info(`signed ${bundle} (${signed.how})`)
  setOutput('statements', String(signed.bundles.length))
})
