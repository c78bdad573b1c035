/**
 * The shop's evidence about what it is made of, as its own workflow would commit it: the record of a scan, and provenance of what was built. The builder's
 * key is a sample that anybody can make; the report is a sample, too, and says so.
 */
import { sha256 } from '../../evidence/core/digest.ts'
import { specimenBundle, specimenPublicKey } from '../../evidence/sign/specimen.ts'
import { artifactStatementOf, statementBytes } from '../../evidence/sign/statement.ts'

const BUILDER = 42
const ARTIFACT = 'shop.tar'
/** What the config pins. */
export const BUILDER_KEY = specimenPublicKey(BUILDER)

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

/** @param lock text of package-lock.json @param report text of osv.json @param at epoch milliseconds of the scan */
export function scanRecord(lock: string, report: string, at: number): string {
  const { packages } = JSON.parse(lock) as { readonly packages: Readonly<Record<string, unknown>> }
  const when = new Date(at).toISOString()
  return json({
    version: 1,
    note: 'A sample: the report tells of a vulnerability that does not exist.',
    scans: [
      {
        tool: 'osv-scanner',
        tool_version: '2.2.4',
        database: when,
        made_at: when,
        target: { lockfile: 'package-lock.json', sha256: sha256(lock) },
        packages: Object.keys(packages).length - 1,
        report: { path: 'supply-chain/osv.json', sha256: sha256(report) },
      },
    ],
  })
}

/** Path below the evidence folder -> text. @param digest SHA-256 of the archive of the commit that was built */
export function artifactEvidence(digest: string, commit: string, repository: string, branch: string): ReadonlyMap<string, string> {
  const home = `https://github.com/${repository}`
  const ref = `refs/heads/${branch}`
  const path = '.github/workflows/ci.yml'
  const predicate = {
    buildDefinition: {
      buildType: 'https://actions.github.io/buildtypes/workflow/v1',
      externalParameters: { workflow: { repository: home, ref, path } },
      resolvedDependencies: [{ uri: `git+${home}@${ref}`, digest: { gitCommit: commit } }],
    },
    runDetails: { builder: { id: `${home}/${path}@${ref}` } },
  }
  const artifacts = [{ name: ARTIFACT, sha256: digest }]
  return new Map([
    ['artifacts.json', json({ version: 1, artifacts })],
    ['attestations/shop.sigstore.json', `${specimenBundle(BUILDER, statementBytes(artifactStatementOf('provenance', predicate, artifacts)))}\n`],
  ])
}
