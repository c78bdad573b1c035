import { expect, test } from 'vitest'
import { infrasec } from '../../../agents/platform/infrasec.ts'
import { catchesUnplanted, faultsMissed } from '../faults.ts'

const head = 'b'.repeat(40)
const registryImages = { head, at: '2026-01-15T12:00:00.000Z', images: [] }

test('everything the roster says it catches is planted, with a twin, and found', () => {
  expect(
    catchesUnplanted(infrasec, [
      'root user',
      'unpinned base',
      'secret in ENV or ARG',
      'curl pipe shell',
      'image over budget',
      'manifest list with one bad platform',
    ]),
  ).toEqual([])
  expect(faultsMissed(infrasec)).toEqual([])
})

test('no Dockerfile is nothing measured, and says how to declare it', () => {
  const report = infrasec.assess({ dockerfiles: { head, files: [] }, registryImages }, {})
  expect(report.measurements[0]).toMatchObject({ metrics: { dockerfiles: 0, errors: 0 }, measured: { n: 0 } })
  expect(report.next).toContain('not_applicable.hardening')
})

test('a file that could not be read is an error, and does not count as looked at', () => {
  const report = infrasec.assess(
    { dockerfiles: { head, files: [{ path: 'Dockerfile', text: null, why: 'it is a symbolic link' }] }, registryImages },
    {},
  )
  expect(report.findings).toMatchObject([{ rule: 'image.unread', path: 'Dockerfile' }])
  expect(report.measurements[0]).toMatchObject({ metrics: { dockerfiles: 1, unread: 1, errors: 1 }, measured: { n: 0 } })
})

test('exceptions are not its business: every finding is reported with its place', () => {
  const files = ['a', 'b'].map((path) => ({ path: `${path}/Dockerfile`, text: 'FROM scratch\n', why: null }))
  const report = infrasec.assess({ dockerfiles: { head, files }, registryImages }, {})
  expect(report.findings.map(({ rule, path, line }) => [rule, path, line])).toEqual([
    ['image.user-root', 'a/Dockerfile', 1],
    ['image.user-root', 'b/Dockerfile', 1],
  ])
  expect(report.files[0]?.content).toMatchObject({ dockerfiles: ['a/Dockerfile', 'b/Dockerfile'], findings: report.findings })
})
