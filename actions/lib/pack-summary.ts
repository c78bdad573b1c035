/** The summary of a verifying job: what each pack is, who signed it and what its gates said, or what is wrong with it. Markdown; text of others is escaped. */
import type { PackFault, PackReport } from '../../evidence/pack/read.ts'
import { escape } from './markdown.ts'

const FAULTS = 50

export interface ReadPack {
  readonly file: string
  readonly report: PackReport | null
  readonly faults: readonly PackFault[]
}

export function packSummary(packs: readonly ReadPack[]): string {
  return `${packs.map((pack) => (pack.report === null ? broken(pack) : whole(pack.file, pack.report))).join('\n\n')}\n`
}

function whole(file: string, { attestations, decision, gates, manifest, sha256, signer }: PackReport): string {
  const rows = [
    ['release', `${manifest.version} of ${manifest.repository}`],
    ['commit', manifest.commits.head],
    ['outcome', `${manifest.outcome}, seal ${manifest.seal}, ${manifest.sealed_at}`],
    ['decision', decision],
    [
      'gates',
      Object.entries(gates)
        .map(([gate, verdict]) => `${gate} ${verdict}`)
        .join(', '),
    ],
    ['statements', `${attestations.length}, by ${[...new Set(attestations.map((each) => each.signer))].join(', ')}`],
    ['ledger', `${manifest.ledger.entries} entries`],
    ['sealed by', signer],
    ['SHA-256', sha256],
  ]
  return [
    `## ✅ ${escape(file)}`,
    '',
    'Every entry, signature and link holds.',
    '',
    '| | |',
    '| --- | --- |',
    ...rows.map(([name, value]) => `| ${name} | ${escape(value ?? '')} |`),
  ].join('\n')
}

function broken({ faults, file }: ReadPack): string {
  const rows = faults.slice(0, FAULTS).map(({ code, path, message }) => `| ${escape(code)} | ${escape(path)} | ${escape(message)} |`)
  const more = faults.length > FAULTS ? [``, `and ${faults.length - FAULTS} more`] : []
  return [
    `## ❌ ${escape(file)}`,
    '',
    'It does not verify. Get it again from the release, and check that the keys are the right ones.',
    '',
    '| code | entry | what |',
    '| --- | --- | --- |',
    ...rows,
    ...more,
  ].join('\n')
}
