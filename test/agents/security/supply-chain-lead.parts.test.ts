import { expect, test } from 'vitest'
import { partsBefore, partsOf } from '../../../agents/security/supply-chain-lead.parts.ts'
import { supplyChainLead } from '../../../agents/security/supply-chain-lead.ts'
import type { Inputs } from '../../../agents/collect/inputs.ts'
import { SupplyChainPolicy } from '../../../evidence/model/config/supply-chain.ts'

const healthy = supplyChainLead.planted.find((planted) => planted.expected === 'green')?.inputs.lockfiles
const [LOCK] = healthy?.files ?? []
if (healthy === undefined || LOCK === undefined) throw new Error('no healthy twin')
const AT = '2026-01-15T12:00:00.000Z'
const policy = SupplyChainPolicy.parse({})

const ask = (files: Inputs['lockfiles']['files'], of: Partial<Inputs['lockfiles']> = {}) => partsOf({ ...healthy, files, ...of }, policy, AT)
const rules = (...files: Inputs['lockfiles']['files']) => ask(files).findings.map(({ rule }) => rule)
const withPackages = (packages: object) => ({ ...LOCK, text: JSON.stringify({ ...JSON.parse(LOCK.text ?? ''), packages }) })

test('a lock file becomes two SBOMs, the same bytes each time', () => {
  const { files, findings, inventories } = ask([LOCK])
  expect(findings).toEqual([])
  expect(files.map(({ path, type }) => [path, type])).toEqual([
    ['sbom/shop.spdx.json', 'sbom'],
    ['sbom/shop.cdx.json', 'sbom'],
  ])
  expect(inventories[0]?.components.map(({ name }) => name)).toEqual(['abacus', 'beacon'])
  expect(ask([LOCK]).files).toEqual(files)
  expect(JSON.parse(String(files[0]?.content))).toMatchObject({ spdxVersion: 'SPDX-2.3' })
  expect(JSON.parse(String(files[1]?.content))).toMatchObject({ bomFormat: 'CycloneDX' })
})

test('two lock files have SBOMs of different names, whatever they are called', () => {
  const { files } = ask([LOCK, { ...LOCK, path: 'web/package-lock.json' }, { ...LOCK, path: 'WEB/package-lock.json' }])
  expect(files.filter(({ path }) => path.endsWith('.spdx.json')).map(({ path }) => path)).toEqual([
    'sbom/shop.spdx.json',
    'sbom/shop-web.spdx.json',
    'sbom/shop-WEB-2.spdx.json',
  ])
})

test('what cannot be read has no SBOM, and says why', () => {
  expect(rules()).toEqual(['lock.absent'])
  expect(rules({ ...LOCK, text: null, why: 'there is no such file' })).toEqual(['lock.unreadable', 'sbom.missing'])
  expect(rules({ ...LOCK, text: '{' })).toEqual(['lock.unreadable', 'sbom.missing'])
  expect(ask([{ ...LOCK, text: null, why: 'there is no such file' }]).findings[0]).toMatchObject({
    path: LOCK.path,
    message: 'there is no such file',
  })
})

test('a lock file without its package.json, or that pins nothing, is no list', () => {
  expect(rules({ ...LOCK, manifest: null })).toEqual(['lock.disagrees'])
  expect(
    rules({
      ...withPackages({ '': { name: 'shop', version: '1.0.0' } }),
      manifest: { path: 'package.json', text: '{"name":"shop","version":"1.0.0"}', why: null },
    }),
  ).toEqual(['lock.empty'])
})

test('many disagreements are told in few', () => {
  const asked = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`p${at}`, '1']))
  const manifest = { path: 'package.json', text: JSON.stringify({ name: 'shop', version: '1.0.0', dependencies: asked }), why: null }
  const found = ask([{ ...LOCK, manifest }]).findings
  expect(found).toHaveLength(21)
  expect(found.at(-1)?.message).toMatch(/^and \d+ more$/)
})

test('a part that nothing pins is told', () => {
  const packages: Record<string, object> = JSON.parse(LOCK.text ?? '').packages
  const { integrity: _gone, ...bare } = packages['node_modules/abacus'] as Record<string, unknown>
  expect(rules(withPackages({ ...packages, 'node_modules/abacus': bare }))).toContain('lock.no-integrity')
})

test('a lock file that nobody reads, and a manifest without one, are errors about their path, and say which kinds are read', () => {
  expect(ask([LOCK], { unsupported: ['pom.xml'], unlocked: ['api/Gemfile'] }).findings).toMatchObject([
    {
      rule: 'lock.unsupported',
      severity: 'error',
      path: 'pom.xml',
      subject: 'pom.xml',
      message: expect.stringContaining('package-lock.json, npm-shrinkwrap.json, pnpm-lock.yaml, yarn.lock, go.mod'),
    },
    { rule: 'lock.missing', severity: 'error', path: 'api/Gemfile', subject: 'api/Gemfile' },
  ])
})

test('a line that pins nothing is an error with its line, and no other kind than that of npm needs a package.json', () => {
  const python = { path: 'api/requirements.txt', text: 'idna==3.7\nflask>=2\n', why: null, manifest: null }
  expect(ask([python]).findings.filter(({ severity }) => severity === 'error')).toMatchObject([
    { rule: 'lock.unpinned', path: 'api/requirements.txt', line: 2, subject: 'api/requirements.txt flask>=2' },
  ])
})

const named = (text: string) => ({ path: 'locks/dev.txt', text, why: null, manifest: null })

test('one of another name, which the config names, is known by what it holds', () => {
  expect(ask([named('idna==3.7\n')]).inventories[0]?.components.map(({ purl }) => purl)).toEqual(['pkg:pypi/idna@3.7'])
  expect(rules(named('Buy milk, and bread.\n'))).toEqual(['lock.unreadable', 'sbom.missing'])
})

test('a go.mod is read with its go.sum', () => {
  const manifest = { path: 'go.sum', text: '', why: null }
  const go = { path: 'go.mod', text: 'module a.b/c\ngo 1.22\nrequire a.b/d v1.0.0\n', why: null, manifest }
  expect(ask([go]).inventories[0]?.components.map(({ purl }) => purl)).toEqual(['pkg:golang/a.b/d@v1.0.0'])
  expect(rules({ ...go, manifest: null })).toEqual(['lock.unreadable', 'sbom.missing'])
})

test('of the release before, what can be read is taken, and what is as it was is not read again', () => {
  const unreadable = [
    { ...LOCK, text: '{' },
    { ...LOCK, text: null, why: 'x' },
  ]
  const here = ask([LOCK]).inventories
  expect(partsBefore(healthy, [])).toEqual(here)
  expect(partsBefore({ ...healthy, before: unreadable }, here)).toEqual([])
  expect(partsBefore({ ...healthy, before: unreadable, unchanged: [LOCK.path] }, here)).toEqual(here)
})

test('lock files beyond the bound are one error, which names the bound and the first of them; of the release before, a warning', () => {
  const beyond = { count: 21, first: ['y/yarn.lock', 'z/yarn.lock'] }
  const bound = '200 lock files and 25165824 bytes'
  expect(ask([LOCK], { beyond, beyondBefore: { ...beyond, count: 2 } }).findings).toMatchObject([
    { rule: 'lock.too-many', severity: 'error', message: expect.stringMatching(`${bound}.*; 1 are, and 21 not: y/yarn.lock, z/yarn.lock, …$`) },
    { rule: 'lock.too-many-before', severity: 'warning', message: expect.stringMatching(`${bound}.*, and 2 not: y/yarn.lock, z/yarn.lock$`) },
  ])
})

test('a lock file that does not name its project takes the name from package.json, and must agree with it', () => {
  const text = `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      abacus: { specifier: ^1.0.0, version: 1.2.0 }
packages:
  abacus@1.2.0:
    resolution: { integrity: sha512-${Buffer.alloc(64, 1).toString('base64')} }
snapshots:
  abacus@1.2.0: {}
`
  const pnpm = (dependencies: object) => ({
    path: 'pnpm-lock.yaml',
    text,
    why: null,
    manifest: { path: 'package.json', text: JSON.stringify({ name: 'web', version: '1.0.0', dependencies }), why: null },
  })
  const good = ask([pnpm({ abacus: '^1.0.0' })])
  expect(good.findings.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(good.files.map(({ path }) => path)).toEqual(['sbom/web.spdx.json', 'sbom/web.cdx.json'])
  expect(rules(pnpm({ abacus: '^1.1.0' }))).toContain('lock.disagrees')
  expect(rules(pnpm({ abacus: '^1.0.0', beacon: '1' }))).toContain('lock.disagrees')
})
