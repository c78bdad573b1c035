import { expect, test } from 'vitest'
import { CLAIM_MS, GITHUB_MS, LEASE_MS, NET_MS, SILENCE_MS } from '../../app/takeover.ts'

const PROMISED_MS = 15_000

test.each([
  ['a release', LEASE_MS + 250],
  ['a trigger', SILENCE_MS + NET_MS],
  ['a delivery', CLAIM_MS + 1_000],
])('what a dead process had of %s is taken up in time', (_what, ms) => {
  // A second for the one that takes it up.
  expect(ms + 1_000).toBeLessThanOrEqual(PROMISED_MS)
})

test('a call that was still sent has ended before the lease has', () => {
  expect(LEASE_MS / 3 + GITHUB_MS).toBeLessThanOrEqual(LEASE_MS)
})

test('one beat that is late is no death', () => {
  expect(2 * NET_MS).toBeLessThan(SILENCE_MS)
})
