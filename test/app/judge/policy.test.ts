import { expect, test } from 'vitest'
import { judgePolicyOf, PolicyFile } from '../../../app/judge/policy.ts'
import { POLICY } from '../../support/judge-policy.ts'

test('without a word the defaults of an environment count', () => {
  expect(judgePolicyOf(PolicyFile.parse({}), 100)).toEqual(POLICY)
})

test('each key is read, by step where there are steps; other keys of an environment may stand there', () => {
  const file = PolicyFile.parse({
    judge: {
      false_alarm: 0.02,
      miss: 0.1,
      minimum_effect: { errors: '2x', latency: '1.5x' },
      certify: { errors: '3x', latency: '2x' },
      warm_up: '2m',
    },
    slos: [{ target: 0.99 }],
    absence: { errors: 'fail' },
    bake: { 10: '1m', 100: '2m' },
    deadline: '5m',
    router: 'proxy',
  })
  expect(judgePolicyOf(file, 100)).toMatchObject({
    falseAlarm: 0.02,
    miss: 0.1,
    minimum: { errors: 2, latency: 1.5 },
    bake: 120,
    deadline: 300,
    warmUp: 120,
  })
  expect(judgePolicyOf(file, 10)).toMatchObject({ bake: 60, objectives: [{ name: 'availability', target: 0.99 }], absence: { errors: 'fail' } })
  expect(judgePolicyOf(file, 50)).toBeUndefined()
  expect(PolicyFile.safeParse({ judges: {} }).success).toBe(false)
  expect(PolicyFile.safeParse({ slos: ['../slo.yaml'] }).success).toBe(false)
  expect(judgePolicyOf(PolicyFile.parse({ slos: ['slo/*.yaml', { target: 0.9 }] }), 100, [{ name: 'a', target: 0.99 }])?.objectives).toEqual([
    { name: 'availability', target: 0.9 },
    { name: 'a', target: 0.99 },
  ])
})
