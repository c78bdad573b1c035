import { expect, test } from 'vitest'
import { decisionSummary } from '../../../actions/lib/decision-summary.ts'
import { specimenVerdict } from '../../../gates/specimen.ts'

const red = {
  ...specimenVerdict('hardening', 'fail'),
  metrics: { open_errors: 2 },
  thresholds: { open_errors: '=0', unread: '=0' },
  reasons: [{ code: 'hardening.findings' as const, message: 'Dockerfile | runs as root', next: 'Add USER.' }],
}

test('each gate on a line, with its numbers, why, and what to do', () => {
  const text = decisionSummary({ verdicts: [specimenVerdict('policy_ci', 'pass'), red], refused: [] })
  expect(text).toContain('## 1 of 2 gates hold')
  expect(text).toContain(
    String.raw`| ${'`hardening`'} | ❌ fail | open\_errors 2 (=0)<br>unread absent (=0) | Dockerfile \| runs as root *Add USER.* |`,
  )
  expect(text).not.toContain('Not believed')
})

test('what was not believed is named, and much of it is counted', () => {
  const refused = Array.from({ length: 25 }, (_, at) => ({ path: `attestations/<b>${at}`, code: 'wrong-run', message: 'made elsewhere' }))
  const text = decisionSummary({ verdicts: [red], refused })
  expect(text).toContain('- attestations/&lt;b&gt;0: wrong-run, made elsewhere')
  expect(text).toContain('- and 5 more')
})
