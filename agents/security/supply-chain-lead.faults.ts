/** Planted faults of supply-chain-lead: one complete, healthy release, and the same with one thing wrong. */
import { sha256 } from '../../evidence/core/digest.ts'
import { specimenBundle, specimenPublicKey } from '../../evidence/sign/specimen.ts'
import { artifactStatementOf, statementBytes } from '../../evidence/sign/statement.ts'
import type { PlantedInput } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'

type Needs = 'lockfiles' | 'vulnerabilityReports' | 'attestations' | 'policy'
type Given = Pick<Inputs, Needs>

const HEAD = 'b'.repeat(40)
/** The commit the artifact was built from: the head adds only the evidence about it. */
const BUILT = 'c'.repeat(40)
const BASE = 'a'.repeat(40)
const AT = '2026-01-15T12:00:00.000Z'
const [OURS, STRANGER] = [7, 8]
const REPOSITORY = { owner: 'specimen', name: 'shop', id: 1 }
const ARTIFACT = { name: 'shop.tgz', sha256: sha256('specimen') }
const FOLDER = 'supply-chain'
const INTEGRITY = `sha512-${Buffer.alloc(64, 1).toString('base64')}`

interface Part {
  readonly version: string
  readonly license?: string
}

const PARTS: Readonly<Record<string, Part>> = {
  abacus: { version: '1.2.0', license: 'MIT' },
  beacon: { version: '2.0.1', license: '(MIT OR Apache-2.0)' },
}
const ASKED = { abacus: '^1.0.0', beacon: '^2.0.0' }

function lockText(parts: Readonly<Record<string, Part>> = PARTS, asked: Readonly<Record<string, string>> = ASKED): string {
  const entries = Object.entries(parts).map(([name, part]) => [
    `node_modules/${name}`,
    { ...part, resolved: `https://registry.example/${name}-${part.version}.tgz`, integrity: INTEGRITY },
  ])
  const root = { name: 'shop', version: '1.0.0', license: 'MIT', dependencies: asked }
  return JSON.stringify({
    name: 'shop',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: { '': root, ...Object.fromEntries(entries) },
  })
}

function locked(text: string, asked: Readonly<Record<string, string>> = ASKED): Given['lockfiles']['files'][number] {
  const manifest = JSON.stringify({ name: 'shop', version: '1.0.0', license: 'MIT', dependencies: asked })
  return { path: 'package-lock.json', text, why: null, manifest: { path: 'package.json', text: manifest, why: null } }
}

interface Told {
  readonly id: string
  readonly severity?: string
  readonly name?: string
  readonly version?: string
}

/** As osv-scanner writes it. */
function reportText(told: readonly Told[]): string {
  const packages = told.map(({ id, severity, name = 'abacus', version = '1.2.0' }) => ({
    package: { name, version, ecosystem: 'npm' },
    vulnerabilities: [{ id, aliases: [], ...(severity === undefined ? {} : { database_specific: { severity } }) }],
    groups: [{ ids: [id] }],
  }))
  return JSON.stringify({ results: [{ source: { path: 'package-lock.json', type: 'lockfile' }, packages }] })
}

interface Scanning {
  readonly lock?: string
  readonly told?: readonly Told[]
  readonly packages?: number
  readonly made_at?: string
  readonly database?: string
  readonly report?: string
  /** Of the whole commit instead of the lock file. */
  readonly commit?: true
}

function scanned(commit: string, of: Scanning = {}): Given['vulnerabilityReports']['head'] {
  const text = of.report ?? reportText(of.told ?? [])
  const path = `${FOLDER}/osv.json`
  const scan = {
    tool: 'osv-scanner',
    tool_version: '2.2.0',
    database: of.database ?? '2026-01-15T08:00:00Z',
    made_at: of.made_at ?? '2026-01-15T10:00:00Z',
    target: of.commit ? { commit } : { lockfile: 'package-lock.json', sha256: sha256(of.lock ?? lockText()) },
    packages: of.packages ?? 2,
    report: { path, sha256: sha256(text) },
  }
  const record = { path: `${FOLDER}/scan.json`, text: JSON.stringify({ version: 1, scans: [scan] }), why: null }
  return { commit, record, reports: [{ path, text, why: null }] }
}

interface Building {
  readonly key?: number
  readonly sha256?: string
  readonly repository?: string
  readonly commit?: string
  readonly buildType?: string
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly workflowOf?: string
}

function attestation(of: Building = {}): string {
  const home = `https://github.com/${of.repository ?? 'specimen/shop'}`
  const workflow = { repository: of.workflowOf ?? home, ref: 'refs/heads/release/v1.0.0', path: '.github/workflows/build.yml' }
  const predicate = {
    buildDefinition: {
      buildType: of.buildType ?? 'https://actions.github.io/buildtypes/workflow/v1',
      externalParameters: { workflow, ...of.parameters },
      resolvedDependencies: [{ uri: `git+${home}@refs/heads/release/v1.0.0`, digest: { gitCommit: of.commit ?? BUILT } }],
    },
    runDetails: { builder: { id: `${home}/.github/workflows/build.yml@refs/heads/release/v1.0.0` } },
  }
  const about = [{ name: ARTIFACT.name, sha256: of.sha256 ?? ARTIFACT.sha256 }]
  return specimenBundle(of.key ?? OURS, statementBytes(artifactStatementOf('provenance', predicate, about)))
}

function attested(...bundles: readonly string[]): Given['attestations'] {
  return {
    at: AT,
    repository: REPOSITORY,
    sources: [HEAD, BUILT],
    list: { path: `${FOLDER}/artifacts.json`, text: JSON.stringify({ version: 1, artifacts: [ARTIFACT] }), why: null },
    files: bundles.map((text, at) => ({ path: `${FOLDER}/attestations/shop-${at + 1}.sigstore.json`, text, why: null })),
    trustedRoot: null,
  }
}

const KEY = specimenPublicKey(OURS).trim().split('\n').join('\n            ')

function policy(more = ''): Given['policy'] {
  const text = `version: 1
release: { base: [main] }
gates:
  supply_chain:
    licences: { deny: [GPL-3.0-only] }
    artifacts:
      - name: shop.tgz
        signed_by:
          public_key: |
            ${KEY}
${more}`
  return { base: BASE, path: '.github/release-conductor.yml', text }
}

const HEALTHY: Given = {
  lockfiles: {
    base: BASE,
    head: HEAD,
    bound: { files: 200, bytes: 25_165_824 },
    files: [locked(lockText())],
    beyond: { count: 0, first: [] },
    before: [locked(lockText())],
    beyondBefore: { count: 0, first: [] },
    unchanged: [],
    unsupported: [],
    unlocked: [],
  },
  vulnerabilityReports: { at: AT, path: `${FOLDER}/scan.json`, head: scanned(HEAD), base: scanned(BASE) },
  attestations: attested(attestation()),
  policy: policy(),
}

function withScan(head: Scanning, base: Scanning = {}): Given {
  return { ...HEALTHY, vulnerabilityReports: { ...HEALTHY.vulnerabilityReports, head: scanned(HEAD, head), base: scanned(BASE, base) } }
}

/** The lock file, and a scan that speaks of it. */
function withLock(text: string, asked: Readonly<Record<string, string>> = ASKED): Given {
  const given = withScan({ lock: text })
  return { ...given, lockfiles: { ...HEALTHY.lockfiles, files: [locked(text, asked)] } }
}

function withUnseen(of: Partial<Given['lockfiles']>): Given {
  return { ...HEALTHY, lockfiles: { ...HEALTHY.lockfiles, ...of } }
}

/** A second lock file, and a scan of the whole commit. */
function withMore(path: string, text: string): Given {
  const { record, reports } = scanned(HEAD, { commit: true })
  const more = { path, text, why: null, manifest: null }
  const vulnerabilityReports = { ...HEALTHY.vulnerabilityReports, head: { commit: HEAD, record, reports } }
  return { ...HEALTHY, vulnerabilityReports, lockfiles: { ...HEALTHY.lockfiles, files: [locked(lockText()), more] } }
}

function withAttestations(...bundles: readonly string[]): Given {
  return { ...HEALTHY, attestations: attested(...bundles) }
}

function red(catches: string, rule: string, inputs: Given): PlantedInput<Needs> {
  return { catches, expected: 'red', inputs, rules: [rule] }
}

function green(catches: string, inputs: Given): PlantedInput<Needs> {
  return { catches, expected: 'green', inputs }
}

const critical: Told = { id: 'CVE-2026-0001', severity: 'CRITICAL' }
const renamed: Told = { ...critical, id: 'CVE-2026-0001' }
const without = ({ vulnerabilityReports, ...rest }: Given): Given => ({
  ...rest,
  vulnerabilityReports: { ...vulnerabilityReports, head: { commit: HEAD, record: null, reports: [] } },
})
const denied = { ...PARTS, abacus: { version: '1.2.0', license: 'GPL-3.0-only' } }

export const planted: readonly PlantedInput<Needs>[] = [
  green('a new critical', HEALTHY),
  red('a new critical', 'vulnerability.new-critical', withScan({ told: [critical] })),
  red('a new critical', 'vulnerability.new-critical', withScan({ told: [critical] }, { told: [{ ...critical, version: '1.1.0' }] })),
  green('a new critical', withScan({ told: [critical] }, { told: [renamed] })),
  red('a vulnerability of unknown severity', 'vulnerability.new-unknown', withScan({ told: [{ id: 'OSV-1' }] })),
  red('a vulnerability of unknown severity', 'vulnerability.new-unknown', withScan({ told: [{ id: 'OSV-1', severity: 'SPICY' }] })),
  green('a vulnerability of unknown severity', withScan({ told: [{ id: 'OSV-1', severity: 'LOW' }] })),
  red('a signature by another identity', 'artifact.other-identity', withAttestations(attestation({ key: STRANGER }))),
  green('a signature by another identity', withAttestations(attestation(), attestation({ key: STRANGER }))),
  red('provenance for another digest or repository', 'artifact.other-digest', withAttestations(attestation({ sha256: sha256('other') }))),
  red('provenance for another digest or repository', 'artifact.other-repository', withAttestations(attestation({ repository: 'specimen/fork' }))),
  red('provenance for another digest or repository', 'artifact.other-commit', withAttestations(attestation({ commit: 'd'.repeat(40) }))),
  red('provenance for another digest or repository', 'artifact.unsigned', withAttestations()),
  green('provenance for another digest or repository', withAttestations(attestation({ commit: HEAD }))),
  red(
    'provenance that contradicts what is pinned',
    'artifact.other-build-type',
    withAttestations(attestation({ buildType: 'https://example.com/make/v1' })),
  ),
  red(
    'provenance that contradicts what is pinned',
    'artifact.other-repository',
    withAttestations(attestation({ workflowOf: 'https://github.com/specimen/fork' })),
  ),
  red('provenance that contradicts what is pinned', 'artifact.unknown-parameter', withAttestations(attestation({ parameters: { debug: 'true' } }))),
  green('provenance that contradicts what is pinned', withAttestations(attestation({ repository: 'Specimen/Shop' }))),
  red('missing SBOM', 'sbom.missing', withLock('{"lockfileVersion":3')),
  red('missing SBOM', 'lock.absent', { ...HEALTHY, lockfiles: { ...HEALTHY.lockfiles, files: [] } }),
  green('missing SBOM', withLock(lockText())),
  red('a part of the release that nobody looks into', 'lock.unsupported', withUnseen({ unsupported: ['api/pom.xml'] })),
  red('a part of the release that nobody looks into', 'lock.missing', withUnseen({ unlocked: ['api/Gemfile'] })),
  red('a part of the release that nobody looks into', 'lock.unpinned', withMore('api/requirements.txt', 'flask>=2\n')),
  red('a part of the release that nobody looks into', 'lock.too-many', withUnseen({ beyond: { count: 1, first: ['z/yarn.lock'] } })),
  green('a part of the release that nobody looks into', withUnseen({ beyondBefore: { count: 1, first: ['z/yarn.lock'] } })),
  green('a part of the release that nobody looks into', withMore('api/requirements.txt', 'flask==2.3.0\n')),
  red('forbidden licence', 'licence.forbidden', withLock(lockText(denied))),
  red('forbidden licence', 'licence.forbidden', withLock(lockText({ ...denied, abacus: { version: '1.2.0', license: '(GPL-3.0-only AND MIT)' } }))),
  green('forbidden licence', withLock(lockText({ ...denied, abacus: { version: '1.2.0', license: '(GPL-3.0-only OR MIT)' } }))),
  red('lockfile that disagrees with package.json', 'lock.disagrees', withLock(lockText(), { ...ASKED, abacus: '^1.3.0' })),
  red('lockfile that disagrees with package.json', 'lock.disagrees', withLock(lockText(), { ...ASKED, cipher: '^1.0.0' })),
  red('lockfile that disagrees with package.json', 'lock.disagrees', withLock(lockText(), { abacus: '^1.0.0' })),
  red(
    'lockfile that disagrees with package.json',
    'lock.disagrees',
    withLock(lockText(PARTS, { ...ASKED, abacus: '^3.0.0' }), { ...ASKED, abacus: '^3.0.0' }),
  ),
  green('lockfile that disagrees with package.json', withLock(lockText(PARTS, { ...ASKED, abacus: '~1.2.0' }), { ...ASKED, abacus: '~1.2.0' })),
  red('stale report', 'report.stale', withScan({ made_at: '2026-01-01T10:00:00Z', database: '2026-01-01T08:00:00Z' })),
  red('stale report', 'report.old-database', withScan({ database: '2025-12-01T08:00:00Z' })),
  red('stale report', 'report.absent', without(HEALTHY)),
  green('stale report', withScan({ made_at: '2026-01-08T12:00:00Z', database: '2026-01-08T08:00:00Z' })),
  red('empty report', 'report.empty', withScan({ packages: 0 })),
  red('empty report', 'report.partial', withScan({ packages: 1 })),
  red('empty report', 'report.unreadable', withScan({ report: '' })),
  green('empty report', withScan({ packages: 40 })),
  red('report of another lock file', 'report.other-target', withScan({ lock: 'other' })),
  red('report of another lock file', 'report.contradiction', withScan({ told: [{ ...critical, name: 'dynamo' }] })),
  green('report of another lock file', withScan({ lock: lockText() })),
]
