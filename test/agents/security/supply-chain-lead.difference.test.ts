import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { difference, known } from '../../../agents/security/supply-chain-lead.difference.ts'
import type { Vulnerability } from '../../../agents/security/supply-chain-lead.reports.ts'

const of = (ids: readonly string[], version = '1', severity: Vulnerability['severity'] = 'high', name = 'a'): Vulnerability => ({
  ids,
  name,
  version,
  severity,
})
const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id)

test('new, fixed and same, by any shared name, package and version', () => {
  const found = difference([of(['GHSA-1', 'CVE-1']), of(['CVE-2']), of(['CVE-3'], '2')], [of(['CVE-1', 'OSV-1']), of(['CVE-3'], '1'), of(['CVE-4'])])
  expect(ids(found.same)).toEqual(['CVE-1'])
  expect(ids(found.added)).toEqual(['CVE-2', 'CVE-3'])
  expect(ids(found.fixed)).toEqual(['CVE-3', 'CVE-4'])
  expect(difference([of(['CVE-1'], '1', 'low', 'b')], [of(['CVE-1'])]).added).toHaveLength(1)
})

test('two tools that name one thing differently say it once; a third name joins what was apart', () => {
  expect(known([of(['GHSA-1']), of(['CVE-1', 'GHSA-1'])])).toMatchObject([{ id: 'CVE-1', ids: ['CVE-1', 'GHSA-1'] }])
  expect(known([of(['OSV-1']), of(['GHSA-1']), of(['OSV-1', 'GHSA-1'])])).toHaveLength(1)
})

const worst = (...severities: Vulnerability['severity'][]) => known(severities.map((severity) => of(['CVE-1'], '1', severity)))[0]?.severity

test('the worst known severity counts; unknown only when nobody knows', () => {
  expect([worst('low', 'critical', 'high'), worst('unknown', 'low'), worst('unknown', 'unknown')]).toEqual(['critical', 'low', 'unknown'])
})

const vulnerability = fc.record({
  ids: fc.uniqueArray(fc.constantFrom('CVE-1', 'CVE-2', 'GHSA-1', 'OSV-1', 'OSV-2'), { minLength: 1, maxLength: 3 }),
  name: fc.constantFrom('a', 'b'),
  version: fc.constantFrom('1', '2'),
  severity: fc.constantFrom('critical' as const, 'low' as const, 'unknown' as const),
})
const reports = fc.array(vulnerability, { maxLength: 8 })

test('nothing is both new and same, nothing is lost, and order changes nothing', () => {
  fc.assert(
    fc.property(reports, reports, (now, before) => {
      const found = difference(now, before)
      expect(found.added.length + found.same.length).toBe(known(now).length)
      expect(difference(now.toReversed(), before.toReversed())).toEqual(found)
      expect(difference(now, now)).toMatchObject({ added: [], fixed: [] })
      expect(difference(now, []).added).toEqual(known(now))
      for (const one of now)
        expect(
          known(now).filter((each) => each.name === one.name && each.version === one.version && one.ids.every((id) => each.ids.includes(id))),
        ).toHaveLength(1)
    }),
  )
})
