import { expect, test } from 'vitest'
import { summaryOf } from '../../../actions/lib/summary.ts'
import { handover } from '../../support/actions/handover.ts'

test('shows each opinion with its numbers, the findings, and the receipts', () => {
  const text = summaryOf(handover())
  expect(text).toContain('## P0 readiness')
  expect(text).toContain('| lint-marshal | policy_ci | ✅ pass | errors 0 (=0) | 3 in git |')
  expect(text).toContain('`commit.subject` a.ts:3: The subject is long.')
  expect(text).toContain('- policy_ci: 2 planted cases, each caught')
})

test('a phase without agents says so', () => {
  expect(summaryOf({ ...handover(), responses: [] })).toContain('nothing was looked at')
})

test('an agent that could not look is named with what to do', () => {
  const whole = handover()
  const blocked = whole.responses.map((one) => ({
    ...one,
    response: { ...one.response, result: 'blocked' as const, notes: 'No token.', next: 'Pass one.' },
  }))
  expect(summaryOf({ ...whole, responses: blocked })).toContain('- **lint-marshal** is blocked: No token. Pass one.')
})

test('a receipt that did not catch its fault stands out', () => {
  const whole = handover()
  const tests = whole.self_tests.map((one) => ({ ...one, cases: one.cases.map((each) => ({ ...each, got: 'green' as const })) }))
  expect(summaryOf({ ...whole, self_tests: tests })).toContain('**1 not caught**')
})

test('text of others makes no markup, no table cell, no mention, no new line', () => {
  const whole = handover()
  const findings = [
    { rule: 'commit.subject', severity: 'error' as const, message: '| <img src=x> @acme/all\n## [x](http://evil) `code`', next: 'Fix it.' },
  ]
  const text = summaryOf({ ...whole, responses: whole.responses.map((one) => ({ ...one, findings })) })
  expect(text).toContain(String.raw`\| &lt;img src=x&gt; &#64;acme/all \#\# \[x\](http://evil) \`code\``)
})

test('many findings are counted, not all shown', () => {
  const whole = handover()
  const findings = Array.from({ length: 60 }, () => ({ rule: 'a.b', severity: 'info' as const, message: 'm', next: 'n' }))
  expect(summaryOf({ ...whole, responses: whole.responses.map((one) => ({ ...one, findings })) })).toContain('- and 10 more')
})
