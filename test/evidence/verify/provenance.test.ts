import { expect, test } from 'vitest'
import { ProvenancePredicate } from '../../../evidence/model/predicate/provenance.ts'
import { provenanceProblems, type Certified, type ExpectedBuild } from '../../../evidence/verify/provenance.ts'
import { PROVENANCE } from './predicates.ts'
import { BASE, HEAD } from './statements.ts'

const CERTIFIED: Certified = {
  signerUri: 'https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/release/v2.0.0',
  sourceUri: 'https://github.com/acme/shop',
  sourceDigest: HEAD,
  sourceRef: 'refs/heads/release/v2.0.0',
  configUri: 'https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/release/v2.0.0',
  runUri: 'https://github.com/acme/shop/actions/runs/12/attempts/1',
}
const EXPECTED: ExpectedBuild = {
  buildType: PROVENANCE.buildDefinition.buildType,
  repository: 'acme/shop',
  commits: [HEAD],
  parameters: {},
  certified: CERTIFIED,
}

const faults = (of: unknown, expected: Partial<ExpectedBuild> = {}) =>
  provenanceProblems(ProvenancePredicate.parse(of), { ...EXPECTED, ...expected }).map(({ fault }) => fault)

type Definition = typeof PROVENANCE.buildDefinition
const definition = (of: Partial<Record<keyof Definition, unknown>>) => ({ ...PROVENANCE, buildDefinition: { ...PROVENANCE.buildDefinition, ...of } })
const run = (of: object) => ({ ...PROVENANCE, runDetails: { ...PROVENANCE.runDetails, ...of } })
const { workflow } = PROVENANCE.buildDefinition.externalParameters
const source = (uri: string, digest: object) => definition({ resolvedDependencies: [{ uri, digest }] })

test('what its own builder wrote is as expected, with a certificate and with a key', () => {
  expect(faults(PROVENANCE)).toEqual([])
  expect(faults(PROVENANCE, { certified: null, builder: PROVENANCE.runDetails.builder.id, commits: [BASE, HEAD] })).toEqual([])
  expect(faults(source('git+https://github.com/acme/shop.git@refs/heads/x', { sha1: HEAD }), { certified: null })).toEqual([])
})

test.each<readonly [string, unknown, Partial<ExpectedBuild>, readonly string[]]>([
  ['another build type', definition({ buildType: 'https://example.com/make' }), { certified: null }, ['other-build-type', 'unknown-parameter']],
  ['another builder', PROVENANCE, { builder: 'https://example.com/builder' }, ['other-builder']],
  ['an unknown parameter', definition({ externalParameters: { workflow, inputs: { debug: true } } }), {}, ['unknown-parameter']],
  [
    'a parameter of another value',
    definition({ externalParameters: { workflow, mode: 'debug' } }),
    { parameters: { mode: 'release' } },
    ['unknown-parameter'],
  ],
  [
    'the workflow of a fork',
    definition({ externalParameters: { workflow: { ...workflow, repository: 'https://github.com/evil/shop' } } }),
    { certified: null },
    ['other-repository'],
  ],
  ['no workflow', definition({ externalParameters: {} }), { certified: null }, ['other-repository']],
  ['a workflow in words', definition({ externalParameters: { workflow: 'build.yml' } }), { certified: null }, ['other-repository']],
  ['the source of a fork', source('git+https://github.com/evil/shop@refs/heads/x', { gitCommit: HEAD }), { certified: null }, ['other-repository']],
  [
    'the source of a longer name',
    source('git+https://github.com/acme/shop2@refs/heads/x', { gitCommit: HEAD }),
    { certified: null },
    ['other-repository'],
  ],
  [
    'the source of another host',
    source('git+https://github.com.evil.example/acme/shop@x', { gitCommit: HEAD }),
    { certified: null },
    ['other-repository'],
  ],
  ['no source', definition({ resolvedDependencies: [] }), { certified: null }, ['other-repository']],
  ['another commit', PROVENANCE, { commits: [BASE], certified: null }, ['other-commit']],
  ['a source without commit', source('git+https://github.com/acme/shop', { sha256: 'a'.repeat(64) }), { certified: null }, ['other-commit']],
  ['no commit that may be', PROVENANCE, { commits: [], certified: null }, ['other-commit']],
])('%s is found', (_name, value, expected, codes) => {
  expect(faults(value, expected)).toEqual(codes)
})

const dependency = (commit: string) => ({ uri: 'git+https://github.com/acme/shop@refs/heads/x', digest: { gitCommit: commit } })

test('a second source of the same repository must be of the commit, too', () => {
  expect(faults(definition({ resolvedDependencies: [dependency(HEAD), dependency(BASE)] }))).toEqual(['other-commit'])
})

test('an expected parameter with its value is no surprise', () => {
  const value = definition({ externalParameters: { workflow, mode: 'release', level: 3 } })
  expect(faults(value, { parameters: { mode: 'release', level: 3 } })).toEqual([])
})

test.each<readonly [string, unknown, Partial<Certified>]>([
  ['builder', run({ builder: { id: 'https://github.com/acme/shop/.github/workflows/other.yml@refs/heads/release/v2.0.0' } }), {}],
  ['repository', PROVENANCE, { sourceUri: 'https://github.com/acme/other' }],
  ['ref', PROVENANCE, { sourceRef: 'refs/heads/main' }],
  ['workflow', PROVENANCE, { configUri: 'https://github.com/acme/shop/.github/workflows/other.yml@refs/heads/x' }],
  ['commit', PROVENANCE, { sourceDigest: BASE }],
  ['run', PROVENANCE, { runUri: 'https://github.com/acme/shop/actions/runs/13/attempts/1' }],
])('provenance that contradicts the certificate about its %s is found', (_what, value, certified) => {
  expect(faults(value, { certified: { ...CERTIFIED, ...certified } })).toContain('contradiction')
})
