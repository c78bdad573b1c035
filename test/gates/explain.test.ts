import { expect, test } from 'vitest'
import { explain } from '../../gates/explain.ts'
import { GATES } from '../../gates/index.ts'
import { built } from './case.ts'

test('says what a person asks: question, why, settings, codes with the way out, planted faults', () => {
  const text = explain(built('hardening'))
  for (const part of [
    'P0, readiness',
    'evidence on images',
    'gates.hardening',
    '"exceptions"',
    'hardening.exception-expired: An exception has expired',
    'gate.evidence-stale',
    'must block  an error',
  ])
    expect(text).toContain(part)
  expect(text).not.toContain('policy_ci.')
  expect(explain(built('all_required_gates'))).toContain('the verdicts of the other gates')
  for (const gate of GATES) expect(explain(gate)).toContain(gate.question)
})
