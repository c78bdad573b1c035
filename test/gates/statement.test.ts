import { expect, test } from 'vitest'
import { pass } from '../../evidence/model/verdict.ts'
import { specimen } from '../../gates/specimen.ts'
import { contradictions, named, no, opinionOf, worst } from '../../gates/statement.ts'

const finding = { rule: 'a.b', severity: 'error', message: 'm', next: 'n' } as const
const reason = (message: string) => ({ code: 'policy_ci.findings', message, next: 'n' }) as const
const measured = { n: 1, window: 'w', source: 's', query: 'q', data_digest: '0'.repeat(64) }
const good = pass({ metrics: { a: 1 }, thresholds: { a: '=1' }, measured }, 'policy_ci.not-measured')

test('a statement has one opinion about a gate, or none that counts', () => {
  const testimony = specimen({ gate: 'policy_ci', topic: 'commits', phase: 'P0', metrics: {}, thresholds: {}, n: 1, findings: [] })
  expect(opinionOf(testimony, 'policy_ci')?.gate).toBe('policy_ci')
  expect(opinionOf(testimony, 'hardening')).toBeNull()
  const { response } = testimony.predicate
  const twice = {
    ...testimony,
    predicate: { ...testimony.predicate, response: { ...response, verdicts: [...response.verdicts, ...response.verdicts] } },
  }
  expect(opinionOf(twice, 'policy_ci')).toBeNull()
})

test('counts are held against the list, and an absent count disagrees', () => {
  expect(contradictions({ errors: 1, warnings: 0 }, [finding])).toEqual([])
  expect(contradictions({ errors: 0, warnings: 0 }, [finding])).toEqual(['it states 0 errors but lists 1'])
  expect(contradictions({ errors: 0, warnings: 1 }, [])).toEqual(['it states 1 warnings but lists 0'])
  expect(contradictions({}, [])).toHaveLength(2)
  expect(contradictions({ errors: Number.NaN, warnings: 0 }, [])).toHaveLength(1)
})

test('the worst decides, with the reasons of all; none at all is no pass', () => {
  const fail = no('fail', [reason('a')])
  const unsure = no('indeterminate', [reason('b')])
  expect(worst([good, unsure, fail, fail], reason('none'))).toMatchObject({ verdict: 'fail', reasons: [reason('b'), reason('a')] })
  expect(worst([good, unsure], reason('none')).verdict).toBe('indeterminate')
  expect(worst([good, good], reason('none')).verdict).toBe('pass')
  expect(worst([], reason('none'))).toMatchObject({ verdict: 'indeterminate', reasons: [reason('none')] })
})

test('findings are named with their place, up to a limit', () => {
  expect(named([{ ...finding, path: 'f', line: 2 }, finding])).toBe('a.b f:2: m; a.b: m')
  const many = named(Array.from({ length: 2000 }, () => ({ ...finding, message: 'x'.repeat(1000) })))
  expect(many).toContain('and 1990 more')
  expect(many.length).toBeLessThan(2000)
})
