import { describe, expect, test } from 'vitest'
import { next } from '../../../app/release/next.ts'
import type { OutboxRow, ReleaseState } from '../../../app/release/ports.ts'
import type { Rollout } from '../../../app/release/state.ts'
import { GREEN_WITHIN_MS } from '../../../app/rollout/golden-paths.ts'
import { agreedOf, factsOf, NOW, recordOf, rolloutOf, rowOf } from '../../support/release.ts'

const CHANNELS = { start: ['room'], breach: ['room', 'on-call', 'room'], ga: ['room'] }
const WHERE = 'acme/shop#3, commit 111111111111, trace eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee'
const HOME = rowOf({ kind: 'weight.set', key: '7#3/rollout/1/prod/withdraw', environment: 'prod', router: 'proxy', percent: 0 }, { id: null })

function told(
  state: ReleaseState,
  over: Partial<Rollout>,
  rows: readonly OutboxRow[] = [],
  now = NOW,
): { webhook: string; text: string; key: string }[] {
  const plain = rolloutOf(over)
  const rollout = { ...plain, policy: { ...plain.policy, messages: CHANNELS, onCall: ['@acme/sre'], ...over.policy } }
  const record = recordOf({ state }, { rollout, rollouts: 1 })
  const { intents } = next(record, factsOf(null, { rows: [HOME, ...rows], now }))
  return intents.flatMap((effect) => (effect.kind === 'message.send' ? [{ webhook: effect.webhook, text: effect.text, key: effect.key }] : []))
}

const BACK: Partial<Rollout> = {
  stage: 'withdrawn',
  step: 50,
  startedAt: NOW,
  shiftedAt: NOW,
  why: { code: 'slo_breach', sentence: 'Roll back: 9 of 90 failed.' },
}

test('the start: steps, who approved, gates, who is on call, where to look', () => {
  const agreed = [
    agreedOf({
      gates: { policy_ci: { outcome: 'pass', verdict: 'd'.repeat(64) }, supply_chain: { outcome: 'not_applicable', verdict: 'd'.repeat(64) } },
    }),
  ]
  expect(told('canary', { agreed })).toEqual([
    {
      key: '7#3/message/start/1/room',
      webhook: 'room',
      text: `v2.0.0: the rollout to prod starts, 10, 50, 100 %, approved by approver.\nGates: policy_ci pass, supply_chain not applicable.\nOn call: @acme/sre.\n${WHERE}`,
    },
  ])
})

test('a later step is no start', () => {
  expect(told('canary', { step: 50, startedAt: NOW })).toEqual([])
})

describe('a rollback', () => {
  test('is told to each channel once, with step, reason and trace', () => {
    const text = `v2.0.0 was rolled back from 50 % of prod. Roll back: 9 of 90 failed.\nAll traffic is at the version before since 1970-01-01T00:16:40.000Z or sooner.\n${WHERE}`
    expect(told('rolling_back', BACK)).toEqual([
      { key: '7#3/message/breach/1/room', webhook: 'room', text },
      { key: '7#3/message/breach/1/on-call', webhook: 'on-call', text },
    ])
  })

  test('is not told again', () => {
    const sent = rowOf({ kind: 'message.send', key: '7#3/message/breach/1/room', webhook: 'room', text: 'x' })
    expect(told('rolled_back', BACK, [sent]).map(({ webhook }) => webhook)).toEqual(['on-call'])
  })

  test('is not told while traffic goes home, nor while it may still become green in time', () => {
    expect(told('rolling_back', { ...BACK, stage: 'withdrawing', environment: 'stage' })).toEqual([])
    const policy = { ...rolloutOf().policy, messages: CHANNELS, golden: [{ url: 'checkout', status: 200 }] }
    expect(told('rolling_back', { ...BACK, policy })).toEqual([])
    const late = told('rolling_back', { ...BACK, policy, red: ['checkout answers 503'] }, [], NOW + GREEN_WITHIN_MS)
    expect(late[0]?.text).toContain('Not green yet: checkout was not looked at.')
  })
})

test('a release that serves everyone is told; nothing is said that was not done', () => {
  expect(told('ga', { stage: 'done', step: 100 })).toEqual([
    { key: '7#3/message/ga/1/room', webhook: 'room', text: `v2.0.0 serves everyone on prod: the last step baked without a breach.\n${WHERE}` },
  ])
})
