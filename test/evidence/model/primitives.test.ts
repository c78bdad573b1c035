import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CommitSha, Duration, milliseconds, timestamp, Timestamp, Version } from '../../../evidence/model/primitives.ts'

test.each([
  ['5ms', 5],
  ['90s', 90_000],
  ['10m', 600_000],
  ['72h', 259_200_000],
  ['35d', 3_024_000_000],
])('%s is %i ms', (duration, expected) => {
  expect(milliseconds(duration)).toBe(expected)
})

test.each(['', '0s', '10', '-1s', '1.5h', '1w', ' 1s', '1s '])('%j is no duration', (text) => {
  expect(Duration.safeParse(text).success).toBe(false)
})

test.each([
  ['v1.2.3', true],
  ['v1.2.3-rc.1', true],
  ['1.2.3', false],
  ['v01.2.3', false],
  ['v1.2', false],
  ['v1.2.3\n', false],
])('%j as a version: %s', (text, right) => {
  expect(Version.safeParse(text).success).toBe(right)
})

test('every time has one form, and reads back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (time) => {
      expect(Timestamp.parse(timestamp(time))).toBe(timestamp(time))
      expect(Date.parse(timestamp(time))).toBe(time)
    }),
  )
})

test('a commit is forty small hex digits', () => {
  expect(CommitSha.safeParse('A'.repeat(40)).success).toBe(false)
  expect(CommitSha.safeParse('a'.repeat(39)).success).toBe(false)
  expect(CommitSha.safeParse('a'.repeat(40)).success).toBe(true)
})
