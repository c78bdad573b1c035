import { expect, test } from 'vitest'
import { judgeArtifacts } from '../../../agents/security/supply-chain-lead.artifacts.ts'
import type { Inputs } from '../../../agents/collect/inputs.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { SupplyChainPolicy } from '../../../evidence/model/config/supply-chain.ts'
import { specimenBundle, specimenPublicKey } from '../../../evidence/sign/specimen.ts'
import { artifactStatementOf, statementBytes, statementOf } from '../../../evidence/sign/statement.ts'
import { PROVENANCE, SPDX } from '../../evidence/verify/predicates.ts'
import { HEAD, selfTest } from '../../evidence/verify/statements.ts'

const SHOP = { name: 'shop.tgz', sha256: sha256('shop') }
const policy = (of: object = {}) =>
  SupplyChainPolicy.parse({ artifacts: [{ name: 'shop.tgz', signed_by: { public_key: specimenPublicKey(1) } }], ...of })
const provenance = (key = 1, about = [SHOP], predicate: Record<string, unknown> = PROVENANCE) =>
  specimenBundle(key, statementBytes(artifactStatementOf('provenance', predicate, about)))
const sbom = (key = 1) => specimenBundle(key, statementBytes(artifactStatementOf('sbom', SPDX, [SHOP])))

function ask(
  texts: readonly (string | null)[],
  of: SupplyChainPolicy = policy(),
  list: unknown = { version: 1, artifacts: [SHOP] },
  ending = 'sigstore.json',
) {
  const attestations: Inputs['attestations'] = {
    at: '2026-11-23T00:00:00.000Z',
    repository: { owner: 'acme', name: 'shop', id: 4711 },
    sources: [HEAD],
    list: list === null ? null : { path: 'supply-chain/artifacts.json', text: typeof list === 'string' ? list : JSON.stringify(list), why: null },
    files: texts.map((text, at) => ({
      path: `supply-chain/attestations/${at}.${ending}`,
      text,
      why: text === null ? 'it is no regular file' : null,
    })),
    trustedRoot: null,
  }
  const { findings, artifacts, signed, proven } = judgeArtifacts(attestations, of)
  return { rules: findings.map(({ rule, severity }) => (severity === 'error' ? rule : `${severity} ${rule}`)), counts: [artifacts, signed, proven] }
}

test('provenance by the pinned key, from here, is proof; an SBOM beside it is welcome', () => {
  expect(ask([provenance()])).toEqual({ rules: [], counts: [1, 1, 1] })
  expect(ask([sbom(), provenance()])).toEqual({ rules: [], counts: [1, 1, 1] })
  expect(ask([`${sbom()}\n${provenance()}\n`], policy(), undefined, 'jsonl')).toEqual({ rules: [], counts: [1, 1, 1] })
})

test.each<readonly [string, readonly (string | null)[], readonly string[], readonly number[]]>([
  ['nothing', [], ['artifact.unsigned'], [1, 0, 0]],
  ['an SBOM alone', [sbom()], ['artifact.no-provenance'], [1, 1, 0]],
  ['provenance by another key', [provenance(2)], ['artifact.other-identity'], [1, 0, 0]],
  ['provenance by another key beside the right one', [provenance(2), provenance()], ['warning artifact.other-identity'], [1, 1, 1]],
  ['provenance of another file of that name', [provenance(1, [{ ...SHOP, sha256: sha256('other') }])], ['artifact.other-digest'], [1, 0, 0]],
  ['provenance of another file', [provenance(1, [{ name: 'other', sha256: sha256('other') }])], ['artifact.unsigned'], [1, 0, 0]],
  [
    'a second provenance by the pinned key that is wrong',
    [provenance(), provenance(1, [SHOP], { ...PROVENANCE, buildDefinition: { ...PROVENANCE.buildDefinition, resolvedDependencies: [] } })],
    ['artifact.other-repository'],
    [1, 1, 1],
  ],
  ['a bundle that was changed', [provenance().replace('"sig":"', '"sig":"AAAA')], ['artifact.other-identity'], [1, 0, 0]],
  ['no JSON', ['x', provenance()], ['artifact.unreadable'], [1, 1, 1]],
  ['a file that could not be read', [null, provenance()], ['artifact.unreadable'], [1, 1, 1]],
])('%s', (_name, texts, rules, counts) => {
  expect(ask(texts)).toEqual({ rules, counts })
})

test('a statement about the repository proves nothing about an artifact', () => {
  const about = { repository: 'acme/shop', commit: HEAD, files: [{ path: 'shop.tgz', sha256: SHOP.sha256 }] }
  const text = specimenBundle(1, statementBytes(statementOf('self-test', { ...selfTest('slo') }, about)))
  expect(ask([text]).rules).toEqual(['artifact.unsigned'])
})

test('who may sign and what was built must name the same artifacts', () => {
  expect(ask([provenance()], policy({ artifacts: [] })).rules).toEqual(['artifact.unpinned'])
  const both = { version: 1, artifacts: [SHOP, { name: 'extra.tgz', sha256: sha256('extra') }] }
  expect(ask([provenance()], policy(), both).rules).toEqual(['artifact.unpinned'])
  expect(ask([provenance()], policy(), { version: 1, artifacts: [{ ...SHOP, name: 'web.tgz' }] }).rules).toEqual([
    'artifact.not-built',
    'artifact.unpinned',
  ])
})

test('without artifacts the config must say why', () => {
  expect(ask([], policy({ artifacts: [] }), null).rules).toEqual(['artifact.none-named'])
  expect(ask([], policy({ artifacts: [], no_artifacts: 'a library of documents' }), null)).toEqual({ rules: [], counts: [0, 0, 0] })
  expect(ask([], policy({ no_artifacts: 'no word against a pinned one' }), null).rules).toEqual(['artifact.none-named'])
})

test.each(['', '{}', '{"version":1,"artifacts":[]}', JSON.stringify({ version: 1, artifacts: [SHOP, SHOP] })])('a list of %j is none', (list) => {
  expect(ask([provenance()], policy(), list).rules).toEqual(['artifact.unreadable'])
})

test('a pinned workflow needs a trusted root, and a key signature is not by it', () => {
  const workflow = { workflow: 'acme/shop/.github/workflows/build.yml', digest: 'c'.repeat(40) }
  expect(ask([provenance()], policy({ artifacts: [{ name: 'shop.tgz', signed_by: workflow }] }))).toEqual({
    rules: ['artifact.other-identity'],
    counts: [1, 0, 0],
  })
})
