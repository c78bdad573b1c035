import { expect, test } from 'vitest'
import { annotationsOf, SHOWN_PER_LEVEL } from '../../../actions/lib/annotations.ts'
import { handover } from '../../support/actions/handover.ts'

test('a finding points at its line and says what to do', () => {
  expect(annotationsOf(handover())).toStrictEqual({
    shown: [
      { severity: 'warning', message: 'The subject is long. Shorten it.', properties: { title: 'commit.subject', file: 'a.ts', startLine: 3 } },
    ],
    left: 0,
  })
})

test('errors come first, ten of each level, the rest is counted', () => {
  const whole = handover()
  const findings = Array.from({ length: 30 }, (_, index) => ({
    rule: 'a.b',
    severity: index < 15 ? ('info' as const) : ('error' as const),
    message: `m${index}`,
    next: 'n',
  }))
  const { shown, left } = annotationsOf({ ...whole, responses: whole.responses.map((one) => ({ ...one, findings })) })
  expect(shown.map((one) => one.severity)).toStrictEqual([
    ...Array<string>(SHOWN_PER_LEVEL).fill('error'),
    ...Array<string>(SHOWN_PER_LEVEL).fill('info'),
  ])
  expect(left).toBe(10)
})
