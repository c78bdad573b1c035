import { expect, test } from 'vitest'
import { supplyChainLead } from '../../../agents/security/supply-chain-lead.ts'
import { partsOf } from '../../../agents/security/supply-chain-lead.parts.ts'
import { jsonOf, scansOf, type ScanContext } from '../../../agents/security/supply-chain-lead.records.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { SupplyChainPolicy } from '../../../evidence/model/config/supply-chain.ts'
import type { Scan, ScanRecord } from '../../../evidence/model/scan-record.ts'

const healthy = supplyChainLead.planted.find((planted) => planted.expected === 'green')?.inputs
if (healthy === undefined) throw new Error('no healthy twin')
const { lockfiles, vulnerabilityReports } = healthy
const PATH = vulnerabilityReports.path
const policy = SupplyChainPolicy.parse({})
const ARTIFACT = { name: 'shop.tgz', sha256: sha256('shop.tgz') }
const CONTEXT: ScanContext = {
  at: Date.parse(vulnerabilityReports.at),
  inventories: partsOf(lockfiles, policy, vulnerabilityReports.at).inventories,
  sources: [lockfiles.head],
  artifacts: [ARTIFACT],
  policy,
}
const record = JSON.parse(vulnerabilityReports.head.record?.text ?? '') as ScanRecord
const [SCAN] = record.scans
if (SCAN === undefined) throw new Error('no scan')
const [REPORT] = vulnerabilityReports.head.reports

/** The healthy record with another scan, or with several. */
function ask(change: Partial<Scan>, text = REPORT?.text ?? '', more: readonly Scan[] = []) {
  const scans = [{ ...SCAN, ...change }, ...more]
  const report = { path: SCAN?.report.path ?? '', text, why: null }
  const side = { commit: lockfiles.head, record: { path: PATH, text: JSON.stringify({ ...record, scans }), why: null }, reports: [report] }
  const found = scansOf(side, PATH, CONTEXT)
  return { ...found, rules: [...new Set(found.findings.map(({ rule }) => rule))] }
}

const raw = (value: unknown): readonly [Partial<Scan>, string] => {
  const text = JSON.stringify(value)
  return [{ report: { path: SCAN.report.path, sha256: sha256(text) } }, text]
}

test('a good scan counts, with its age', () => {
  expect(ask({})).toMatchObject({ rules: [], scans: [{ hours: 2 }], told: [], sure: [] })
})

test.each<readonly [string, Partial<Scan>, string]>([
  ['of no package', { packages: 0 }, 'report.empty'],
  ['of fewer packages than are shipped', { packages: 1 }, 'report.partial'],
  ['a minute older than is allowed', { made_at: '2026-01-08T11:59:00Z', database: '2026-01-08T10:00:00Z' }, 'report.stale'],
  ['from a database a minute too old', { database: '2026-01-08T09:59:00Z' }, 'report.old-database'],
  ['from a database of later', { database: '2026-01-15T11:00:00Z' }, 'report.contradiction'],
  ['of tomorrow', { made_at: '2026-01-16T12:00:00Z' }, 'report.from-the-future'],
  ['by another tool than the report', { tool: 'grype' }, 'report.contradiction'],
  ['of another report', { report: { path: SCAN.report.path, sha256: sha256('other') } }, 'report.unreadable'],
  ['of a report that is not there', { report: { path: 'supply-chain/gone.json', sha256: sha256('') } }, 'report.unreadable'],
  ['of another commit', { target: { commit: 'd'.repeat(40) } }, 'report.other-target'],
  ['of a lock file that is not here', { target: { lockfile: 'yarn.lock', sha256: sha256('') } }, 'report.other-target'],
  ['of another lock file of that name', { target: { lockfile: 'package-lock.json', sha256: sha256('') } }, 'report.other-target'],
  ['of another artifact', { target: { artifact: 'shop.tgz', sha256: sha256('') } }, 'report.other-target'],
])('a scan %s does not count', (_name, change, rule) => {
  const { rules, scans } = ask(change)
  expect(rules).toEqual([rule, 'report.absent'])
  expect(scans).toEqual([])
})

test('at its limits it counts', () => {
  expect(ask({ made_at: '2026-01-08T12:00:00Z', database: '2026-01-08T10:00:00Z' }).rules).toEqual([])
  expect(ask({ database: '2026-01-08T10:00:00Z' }).rules).toEqual([])
  expect(ask({ target: { commit: lockfiles.head } }).rules).toEqual([])
})

test('what is told is spelled as the lock file spells it', () => {
  const lock = { path: 'Gemfile.lock', text: 'GEM\n  remote: https://rubygems.org/\n  specs:\n    a (1.0-java)\n', why: null, manifest: null }
  const { inventories } = partsOf({ ...lockfiles, files: [lock] }, policy, vulnerabilityReports.at)
  const text = JSON.stringify({ results: [{ packages: [{ package: { name: 'a', version: '1.0-java' }, vulnerabilities: [{ id: 'CVE-1' }] }] }] })
  const scan = { ...SCAN, target: { commit: lockfiles.head }, report: { path: SCAN.report.path, sha256: sha256(text) } }
  const written = { path: PATH, text: JSON.stringify({ ...record, scans: [scan] }), why: null }
  const side = { commit: lockfiles.head, record: written, reports: [{ path: SCAN.report.path, text, why: null }] }
  expect(scansOf(side, PATH, { ...CONTEXT, inventories })).toMatchObject({ findings: [], told: [{ name: 'a', version: '1.0' }] })
})

test('a scan of an artifact counts, but speaks for no lock file', () => {
  const { rules, scans } = ask({ target: { artifact: ARTIFACT.name, sha256: ARTIFACT.sha256 } })
  expect(rules).toEqual(['report.absent'])
  expect(scans).toHaveLength(1)
})

const grype = (of: object) => ({
  matches: [],
  descriptor: { name: 'grype', timestamp: '2026-01-15T10:00:00Z', db: { built: '2026-01-15T08:00:00Z' }, ...of },
})

const npm = (total: number) => raw({ auditReportVersion: 2, vulnerabilities: {}, metadata: { dependencies: { total } } })

function told(of: object): readonly string[] {
  const [change, text] = raw(grype(of))
  return ask({ ...change, tool: 'grype' }, text).rules
}

test('what a report says of itself must agree with the record', () => {
  expect(told({})).toEqual([])
  expect(told({ timestamp: '2026-01-14T10:00:00Z' })).toContain('report.contradiction')
  expect(told({ db: { built: '2026-01-01T10:00:00Z' } })).toContain('report.contradiction')
  for (const [total, rules] of [
    [2, []],
    [3, ['report.contradiction', 'report.absent']],
  ] as const) {
    const [change, text] = npm(total)
    expect(ask({ ...change, tool: 'npm-audit' }, text).rules).toEqual(rules)
  }
})

const audit = (name: string) =>
  raw({
    auditReportVersion: 2,
    vulnerabilities: { [name]: { via: [{ name, severity: 'high', source: 1 }] } },
    metadata: { dependencies: { total: 2 } },
  })

test('a report without versions means every version that is there; one of a stranger is of something else', () => {
  const [change, text] = audit('abacus')
  expect(ask({ ...change, tool: 'npm-audit' }, text)).toMatchObject({ rules: [], sure: [{ name: 'abacus', version: '1.2.0', severity: 'high' }] })
  const [other, otherText] = audit('stranger')
  expect(ask({ ...other, tool: 'npm-audit' }, otherText)).toMatchObject({
    rules: ['report.contradiction', 'report.absent'],
    sure: [],
    told: [{ name: 'stranger' }],
  })
})

test('of two scans one that counts is enough for the lock file; the other is told all the same', () => {
  expect(ask({}, undefined, [{ ...SCAN, packages: 0 }]).rules).toEqual(['report.empty'])
})

test.each([null, '', '{', '[]', '{"version":2}', '{"version":1,"scans":[]}', JSON.stringify({ ...record, scans: [{ ...SCAN, packages: -1 }] })])(
  'a record of %j is no record',
  (text) => {
    const side = { commit: lockfiles.head, record: { path: PATH, text, why: null }, reports: [] }
    expect(scansOf(side, PATH, CONTEXT)).toMatchObject({ findings: [{ rule: 'report.unreadable', path: PATH }], scans: [] })
  },
)

test('no record at all is a finding of its own', () => {
  expect(scansOf({ commit: lockfiles.head, record: null, reports: [] }, PATH, CONTEXT).findings).toMatchObject([{ rule: 'report.absent' }])
  expect(jsonOf('{"a":1,"a":2}')).toBeNull()
})
