import { expect, test } from 'vitest'
import type { Finding } from '../../evidence/model/finding.ts'
import type { Exception } from '../../evidence/model/config/exceptions.ts'
import { judgeTopics, type TopicRule, type TopicsAsked } from '../../gates/topics.ts'
import { specimen, SPECIMEN_NOW } from '../../gates/specimen.ts'

const unmeasured = { code: 'perf.not-measured', message: 'No statement carries numbers', next: 'Run phase P1 again.' } as const
const LOAD: TopicRule = {
  topic: 'load',
  unmeasured,
  thresholds: { answered: '>=1', late: '=0' },
  codes: { 'load.errors': 'perf.errors', 'load.late': 'perf.over-limit' },
  other: 'perf.no-data',
  blind: ['perf.no-data'],
  exceptable: { 'load.late': 'late', 'load.errors': null },
}
const CAPACITY: TopicRule = {
  topic: 'capacity',
  unmeasured,
  thresholds: { headroom: '>=0.2' },
  other: 'perf.capacity-unknown',
  blind: ['perf.capacity-unknown'],
  exceptable: {},
}
const OF: TopicsAsked = {
  gate: 'perf',
  rules: [LOAD, CAPACITY],
  codes: { findings: 'perf.no-data', contradiction: 'perf.contradiction', expired: 'perf.exception-expired', notMeasured: 'perf.not-measured' },
  exceptions: [],
  age: { most: '1h', code: 'perf.measured-too-long-ago' },
}
const found = (rule: string): Finding => ({ rule, severity: 'error', subject: rule, message: `${rule} is told`, next: `mend ${rule}` })

function statement(topic: string, metrics: Record<string, number>, findings: readonly Finding[] = []) {
  const stated = { ...metrics, errors: findings.length, warnings: 0 }
  return specimen({ gate: 'perf', topic, phase: 'P1', metrics: stated, thresholds: {}, n: 5, findings })
}

const load = (...rules: string[]) => statement('load', { answered: 3, late: rules.filter((rule) => rule === 'load.late').length }, rules.map(found))
const capacity = (headroom = 0.5, ...rules: string[]) => statement('capacity', { headroom }, rules.map(found))
const judge = (statements: readonly ReturnType<typeof statement>[], now = SPECIMEN_NOW, of = OF) =>
  judgeTopics(of, { evidence: Map.groupBy(statements, ({ topic }) => topic), now })

test('all that was asked for holds: the numbers of all, each by its own thresholds', () => {
  expect(judge([load(), capacity()])).toMatchObject({
    verdict: 'pass',
    metrics: { answered: 3, headroom: 0.5, errors: 0 },
    thresholds: { answered: '>=1', headroom: '>=0.2', open_errors: '=0' },
    measured: { n: 10 },
  })
})

test('one that was not asked for is not missed, and says nothing', () => {
  expect(judge([load()])).toMatchObject({ verdict: 'pass', metrics: { answered: 3 }, measured: { n: 5 } })
})

test('a topic without rules is no pass, and nothing at all is none either', () => {
  expect(judge([load(), statement('weather', {})])).toMatchObject({ verdict: 'indeterminate', reasons: [{ code: 'perf.not-measured' }] })
  expect(judge([])).toMatchObject({ verdict: 'indeterminate', reasons: [{ code: 'perf.not-measured' }] })
})

test('each rule has its reason; not knowing is indeterminate, and bad is worse', () => {
  expect(judge([load('load.errors'), capacity()])).toMatchObject({ verdict: 'fail', reasons: [{ code: 'perf.errors', next: 'mend load.errors' }] })
  expect(judge([load(), capacity(0.5, 'capacity.too-few-points')])).toMatchObject({
    verdict: 'indeterminate',
    reasons: [{ code: 'perf.capacity-unknown' }],
  })
  expect(judge([load('load.errors'), capacity(0.5, 'capacity.too-few-points')])).toMatchObject({
    verdict: 'fail',
    reasons: [{ code: 'perf.errors' }, { code: 'perf.capacity-unknown' }],
  })
})

test('a no keeps the numbers of the others', () => {
  expect(judge([load(), capacity(0.1)])).toMatchObject({
    verdict: 'indeterminate',
    metrics: { answered: 3, headroom: 0.1 },
    thresholds: { answered: '>=1' },
  })
})

test('two agents on one topic: the worse one speaks', () => {
  expect(judge([load(), load('load.errors'), capacity()])).toMatchObject({ verdict: 'fail' })
})

test('it grows old, and where no age is named it does not', () => {
  expect(judge([load(), capacity()], SPECIMEN_NOW + 3_600_000).verdict).toBe('pass')
  expect(judge([load(), capacity()], SPECIMEN_NOW + 3_600_001)).toMatchObject({
    verdict: 'indeterminate',
    reasons: [{ code: 'perf.measured-too-long-ago' }, {}],
  })
  const { age: _age, ...ageless } = OF
  expect(judge([load()], SPECIMEN_NOW * 2, ageless).verdict).toBe('pass')
})

const exception = (rule: string, until: string): Exception => ({ rule, subject: rule, owner: '@a/b', reason: 'known since long', until })
const until = (day: string, ...rules: readonly string[]): TopicsAsked => ({ ...OF, exceptions: rules.map((rule) => exception(rule, day)) })

test('an exception lets a finding stand until its day, and says so when it has ended', () => {
  const [today, yesterday] = ['2026-01-15', '2026-01-14']
  expect(judge([load('load.errors')], SPECIMEN_NOW, until(today, 'load.errors'))).toMatchObject({
    verdict: 'pass',
    metrics: { open_errors: 0, excepted_errors: 1 },
  })
  expect(judge([load('load.errors')], SPECIMEN_NOW, until(yesterday, 'load.errors'))).toMatchObject({
    verdict: 'fail',
    reasons: [{ code: 'perf.exception-expired' }, { code: 'perf.errors' }],
  })
})

test('a number that counts what may stand is held to as many, so that none hides behind it', () => {
  const of = until('2026-12-31', 'load.late')
  expect(judge([load('load.late')], SPECIMEN_NOW, of)).toMatchObject({ verdict: 'pass', thresholds: { late: '<=1' } })
  const hiding = statement('load', { answered: 3, late: 2 }, [found('load.late')])
  expect(judge([hiding], SPECIMEN_NOW, of).verdict).not.toBe('pass')
})

test('what was not measured, and what no exception is for, is excepted by nobody', () => {
  expect(judge([load('load.absent')], SPECIMEN_NOW, until('2026-12-31', 'load.absent')).verdict).toBe('indeterminate')
  expect(judge([capacity(0.5, 'capacity.small')], SPECIMEN_NOW, until('2026-12-31', 'capacity.small')).verdict).not.toBe('pass')
})
