import { expect, test } from 'vitest'
import type { Finding } from '../../evidence/model/finding.ts'
import { judgeMeasured, type TopicGate, type TopicRules } from '../../gates/measured-topics.ts'
import { specimen, SPECIMEN_NOW } from '../../gates/specimen.ts'

const OF: TopicGate = {
  gate: 'perf',
  notMeasured: 'perf.not-measured',
  contradiction: 'perf.contradiction',
  age: { most: '1h', code: 'perf.measured-too-long-ago' },
}
const RULES: Readonly<Record<string, TopicRules>> = {
  load: { thresholds: { answered: '>=1', errors: '=0' }, codes: { 'load.errors': 'perf.errors' }, other: 'perf.no-data', blind: ['perf.no-data'] },
  capacity: { thresholds: { headroom: '>=0.2' }, codes: {}, other: 'perf.capacity-unknown', blind: ['perf.capacity-unknown'] },
}
const found = (rule: string): Finding => ({ rule, severity: 'error', message: `${rule} is told`, next: `mend ${rule}` })

function statement(topic: string, metrics: Record<string, number>, findings: readonly Finding[] = []) {
  const stated = { ...metrics, errors: findings.length, warnings: 0 }
  return specimen({ gate: 'perf', topic, phase: 'P1', metrics: stated, thresholds: {}, n: 5, findings })
}

const load = (...rules: string[]) => statement('load', { answered: 3 }, rules.map(found))
const capacity = (headroom = 0.5, ...rules: string[]) => statement('capacity', { headroom }, rules.map(found))
const judge = (statements: readonly ReturnType<typeof statement>[], now = SPECIMEN_NOW) =>
  judgeMeasured(OF, { evidence: Map.groupBy(statements, ({ topic }) => topic), now }, RULES)

test('all that was asked for holds: the numbers of all, each by its own thresholds', () => {
  expect(judge([load(), capacity()])).toMatchObject({
    verdict: 'pass',
    metrics: { answered: 3, headroom: 0.5, errors: 0 },
    thresholds: { answered: '>=1', headroom: '>=0.2', errors: '=0' },
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
  expect(judgeMeasured(ageless, { evidence: new Map([['load', [load()]]]), now: SPECIMEN_NOW * 2 }, RULES).verdict).toBe('pass')
})
