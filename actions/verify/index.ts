import { main, optional, required } from '../lib/say.ts'

await main(async () => {
  const inputs = {
    pack: required('pack'),
    keys: optional('keys'),
    packKeys: optional('pack-keys'),
    workflows: optional('workflows'),
    issuer: optional('issuer'),
    trustedRoot: optional('trusted-root'),
    version: optional('version'),
    workspace: process.env['GITHUB_WORKSPACE'] ?? '.',
  }
  const [{ error, setFailed, setOutput, summary }, { packSummary }, { run }] = await Promise.all([
    import('@actions/core'),
    import('../lib/pack-summary.ts'),
    import('./main.ts'),
  ])
  const packs = await run(inputs)
  for (const { file, faults } of packs)
    for (const { code, path, message } of faults.slice(0, 10)) error(`${path}: ${message}`, { title: `${file}: ${code}` })
  await summary.addRaw(packSummary(packs)).write()
  const ok = packs.length > 0 && packs.every(({ report }) => report !== null)
  setOutput('ok', String(ok))
  setOutput(
    'reports',
    JSON.stringify(
      packs.flatMap(({ report }) =>
        report === null
          ? []
          : [
              {
                sha256: report.sha256,
                version: report.manifest.version,
                outcome: report.manifest.outcome,
                decision: report.decision,
                gates: report.gates,
              },
            ],
      ),
    ),
  )
  if (!ok) setFailed('Do not rely on it: not every pack verifies. The summary of this job tells what is wrong.')
})
