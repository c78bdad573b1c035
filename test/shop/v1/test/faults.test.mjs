import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ERROR_RATE, fails } from '../src/faults.mjs'

void test('fails as often as the constant says, and no more', () => {
  let failed = 0
  for (let index = 0; index < 1000; index += 1) if (fails()) failed += 1
  assert.ok(Math.abs(failed - 1000 * ERROR_RATE) <= 1)
})
