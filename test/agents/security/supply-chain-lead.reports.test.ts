import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readReport, severityOf, type RawReport } from '../../../agents/security/supply-chain-lead.reports.ts'

function read(value: unknown): RawReport {
  const answer = readReport(typeof value === 'string' ? value : JSON.stringify(value))
  if ('unreadable' in answer) throw new Error(answer.unreadable)
  return answer
}

test('osv-scanner: names of the whole group, the score before the word', () => {
  const vulnerability = { id: 'GHSA-aaaa', aliases: ['CVE-2026-1'], database_specific: { severity: 'LOW' } }
  const osv = (max_severity?: string) => ({
    results: [
      {
        source: { path: 'package-lock.json', type: 'lockfile' },
        packages: [
          {
            package: { name: 'a', version: '1.0.0', ecosystem: 'npm' },
            vulnerabilities: [vulnerability],
            groups: [{ ids: ['GHSA-aaaa', 'OSV-2'], max_severity }],
          },
        ],
      },
    ],
    experimental_config: {},
  })
  expect(read(osv('9.8'))).toEqual({
    tool: 'osv-scanner',
    madeAt: null,
    databaseAt: null,
    packages: null,
    vulnerabilities: [{ ids: ['CVE-2026-1', 'GHSA-aaaa', 'OSV-2'], name: 'a', version: '1.0.0', severity: 'critical' }],
  })
  for (const [score, severity] of [
    ['9.0', 'critical'],
    ['8.9', 'high'],
    ['7', 'high'],
    ['6.9', 'medium'],
    ['4', 'medium'],
    ['3.9', 'low'],
    ['', 'low'],
    ['11', 'unknown'],
    ['-1', 'unknown'],
    ['NaN', 'low'],
  ])
    expect([score, read(osv(score)).vulnerabilities[0]?.severity]).toEqual([score, severity])
  expect(read(osv()).vulnerabilities[0]?.severity).toBe('low')
})

const grype = (db: unknown) => ({
  matches: [
    {
      vulnerability: { id: 'GHSA-bbbb', severity: 'High', fix: { versions: ['2'] } },
      relatedVulnerabilities: [{ id: 'CVE-2026-2' }],
      artifact: { name: 'b', version: '1', type: 'npm', purl: 'pkg:npm/b@1' },
    },
  ],
  source: { type: 'directory', target: '.' },
  descriptor: { name: 'grype', version: '0.100.0', timestamp: '2026-01-15T10:00:00.123456789Z', db },
})

test('grype: related names, its own time and that of its database, in both of its forms', () => {
  for (const db of [{ built: '2026-01-14T00:00:00Z' }, { status: { built: '2026-01-14T00:00:00Z' } }])
    expect(read(grype(db))).toEqual({
      tool: 'grype',
      madeAt: Date.parse('2026-01-15T10:00:00.123Z'),
      databaseAt: Date.parse('2026-01-14T00:00:00Z'),
      packages: null,
      vulnerabilities: [{ ids: ['CVE-2026-2', 'GHSA-bbbb'], name: 'b', version: '1', severity: 'high' }],
    })
  expect(read(grype(null)).databaseAt).toBeNull()
})

const trivy = (...Results: unknown[]) => ({ SchemaVersion: 2, CreatedAt: '2026-01-15T10:00:00Z', ArtifactName: '.', Results })

test('trivy: packages are counted only when every result lists them', () => {
  const result = { Target: 'package-lock.json', Class: 'lang-pkgs', Type: 'npm', Packages: [{}, {}] }
  const found = { VulnerabilityID: 'CVE-2026-3', VendorIDs: ['GHSA-cccc'], PkgName: 'c', InstalledVersion: '3', Severity: 'UNKNOWN' }
  expect(read(trivy({ ...result, Vulnerabilities: [found] }))).toMatchObject({
    tool: 'trivy',
    packages: 2,
    vulnerabilities: [{ ids: ['CVE-2026-3', 'GHSA-cccc'], name: 'c', version: '3', severity: 'unknown' }],
  })
  expect(read(trivy(result, { Target: 'x' })).packages).toBeNull()
  expect(read({ SchemaVersion: 2, ArtifactName: '.', Results: null })).toMatchObject({ packages: null, vulnerabilities: [] })
})

test('npm audit: the advisory stands where it belongs, and names no version', () => {
  const advisory = {
    source: 1,
    name: 'd',
    dependency: 'd',
    title: 't',
    url: 'https://github.com/advisories/GHSA-2345-6789-cfgh',
    severity: 'moderate',
    range: '<2',
  }
  const report = {
    auditReportVersion: 2,
    vulnerabilities: { d: { name: 'd', severity: 'moderate', via: [advisory], nodes: ['node_modules/d'] }, e: { name: 'e', via: ['d'], nodes: [] } },
    metadata: { vulnerabilities: {}, dependencies: { prod: 2, total: 3 } },
  }
  expect(read(report)).toEqual({
    tool: 'npm-audit',
    madeAt: null,
    databaseAt: null,
    packages: 3,
    vulnerabilities: [{ ids: ['GHSA-2345-6789-cfgh'], name: 'd', version: null, severity: 'medium' }],
  })
  const anonymous = { ...report, vulnerabilities: { d: { via: [{ ...advisory, url: 'https://x/y' }] }, f: { via: [{ name: 'f', severity: null }] } } }
  expect(read(anonymous).vulnerabilities.map(({ ids, severity }) => [ids, severity])).toEqual([
    [['npm:1'], 'medium'],
    [['npm:f'], 'unknown'],
  ])
})

test.each([
  '',
  'null',
  '[]',
  '{}',
  '{"results":{}}',
  '{"matches":[]}',
  '{"results":[{"packages":[{"package":{}}]}]}',
  '{"results":[],"results":[]}',
  '['.repeat(100_000),
])('%j is no report', (text) => {
  expect(readReport(text.slice(0, 100_000))).toHaveProperty('unreadable')
})

test('any JSON is answered, never thrown at', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(typeof readReport(text)).toBe('object')
    }),
    { numRuns: 300 },
  )
})

test.each(['', ' ', 'Spicy', 'toString', '__proto__', 'HIGHEST', null])('a severity of %j is unknown', (word) => {
  expect(severityOf(word)).toBe('unknown')
})
