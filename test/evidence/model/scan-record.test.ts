import { expect, test } from 'vitest'
import { ArtifactList, Scan, ScanRecord } from '../../../evidence/model/scan-record.ts'

const SCAN = {
  tool: 'grype',
  tool_version: '0.100.0',
  database: '2026-11-25T06:00:00Z',
  made_at: '2026-11-25T09:00:00+01:00',
  target: { lockfile: 'package-lock.json', sha256: 'a'.repeat(64) },
  packages: 3,
  report: { path: 'supply-chain/grype.json', sha256: 'b'.repeat(64) },
}

test('a record says of each report what it speaks of', () => {
  expect(ScanRecord.safeParse({ version: 1, scans: [SCAN] }).success).toBe(true)
  for (const target of [{ commit: 'c'.repeat(40) }, { artifact: 'shop.tgz', sha256: 'a'.repeat(64) }])
    expect(Scan.safeParse({ ...SCAN, target }).success).toBe(true)
})

test.each([
  { target: {} },
  { target: { lockfile: 'package-lock.json' } },
  { target: { commit: 'c'.repeat(40), lockfile: 'package-lock.json', sha256: 'a'.repeat(64) } },
  { target: { lockfile: '../package-lock.json', sha256: 'a'.repeat(64) } },
  { report: { path: '/etc/passwd', sha256: 'a'.repeat(64) } },
  { made_at: 'yesterday' },
  { database: undefined },
  { packages: 1.5 },
  { tool: 'eyes' },
  { extra: 1 },
])('a scan with %j is refused', (change) => {
  expect(Scan.safeParse({ ...SCAN, ...change }).success).toBe(false)
})

test('artifacts are listed once each, by full digest', () => {
  const one = { name: 'shop.tgz', sha256: 'a'.repeat(64) }
  expect(ArtifactList.safeParse({ version: 1, artifacts: [one] }).success).toBe(true)
  for (const artifacts of [[], [one, one], [{ ...one, sha256: 'a'.repeat(63) }]])
    expect(ArtifactList.safeParse({ version: 1, artifacts }).success).toBe(false)
})
