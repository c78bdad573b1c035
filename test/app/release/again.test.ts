import { expect, test } from 'vitest'
import { isLast, isNeverGivenUp, isRefused, notBefore, pauseAfter } from '../../../app/release/again.ts'
import type { Effect } from '../../../app/release/ports.ts'
import { HEAD, NOW, rowOf } from '../../support/release.ts'

const HOUR_MS = 3_600_000
const tag: Effect = { kind: 'tag.create', key: 'tag', tag: 'v2.0.0', sha: HEAD }
const home: Effect = { kind: 'weight.set', key: 'w', environment: 'prod', router: 'proxy', percent: 0 }
const message: Effect = { kind: 'message.send', key: 'm', webhook: 'chat', text: '' }
const hook: Effect = { kind: 'hook.call', key: 'h', webhook: 'bank', body: {} }
const cut = { kind: 'release.cut', key: 'c' } as Effect
const run = (key: string, inputs: Record<string, string>): Effect => ({ kind: 'workflow.dispatch', key, workflow: 'deploy.yml', ref: 'main', inputs })
const failure = (code?: string): Error => Object.assign(new Error('no'), { code })

test('the pause doubles up to a minute, and is ten minutes for what failed for an hour', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 69, 70].map(pauseAfter)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 600].map((seconds) => seconds * 1_000))
})

test('the pause is that of the row, from its last failure on; an attempt without an outcome is looked at at once', () => {
  expect(notBefore(rowOf(tag, null, { state: 'started', attempts: 3, failedAt: NOW }))).toBe(NOW + 4_000)
  expect(notBefore(rowOf(tag, null, { state: 'started', attempts: 1 }))).toBe(0)
  expect(notBefore(rowOf(tag))).toBe(0)
})

test.each([
  ['traffic', home],
  ['the workflow that takes it back', run('a', { step: '0' })],
  ['the version before', run('7#3/restore/2', { step: '100' })],
  ['golden paths', run('g', { hook: 'golden' })],
])('%s waits for no pause', (_, effect) => {
  expect(notBefore(rowOf(effect, null, { state: 'started', attempts: 9, failedAt: NOW }))).toBe(0)
})

test('what passes by itself is never the last failure; what does not is, an hour after the first', () => {
  const old = { state: 'started', attempts: 900, failedAt: NOW, refusedSince: NOW - HOUR_MS } as const
  for (const code of ['unavailable', 'unknown', 'limited', 'late', 'unreachable'])
    expect(isLast(rowOf(tag, null, old), failure(code), NOW)).toBe(false)
  for (const code of ['forbidden', 'refused', 'malformed', undefined]) {
    expect(isLast(rowOf(tag, null, old), failure(code), NOW)).toBe(true)
    expect(isLast(rowOf(tag, null, { ...old, refusedSince: NOW - HOUR_MS + 1 }), failure(code), NOW)).toBe(false)
    expect(isLast(rowOf(tag), failure(code), NOW)).toBe(false)
  }
  expect(isLast(rowOf(home, null, old), failure('refused'), NOW)).toBe(false)
  expect(isLast(rowOf(cut), failure('refused'), NOW)).toBe(true)
})

test('a message is not waited for, nor is a hook that nobody named', () => {
  expect(isRefused(message, failure('unreachable'))).toBe(true)
  expect(isRefused(hook, failure('unknown'))).toBe(true)
  expect(isRefused(hook, failure('unreachable'))).toBe(false)
})

test('the way home and the log are never given up', () => {
  for (const effect of [home, run('a', { step: '0' }), run('7#3/restore/2', {})]) expect(isNeverGivenUp(effect)).toBe(true)
  expect(isNeverGivenUp(tag)).toBe(false)
})
