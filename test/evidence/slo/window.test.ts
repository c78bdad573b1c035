import { expect, test } from 'vitest'
import { windowStart } from '../../../evidence/slo/window.ts'

const at = (text: string) => Date.parse(text)
const begun = (duration: string, startTime: string, timeZone: string, now: string) =>
  new Date(windowStart({ duration, calendar: { startTime, timeZone } }, at(now))).toISOString()

test('a rolling window ends now', () => {
  expect(windowStart({ duration: '30d', isRolling: true }, at('2026-03-31T00:00:00Z'))).toBe(at('2026-03-01T00:00:00Z'))
})

test.each([
  ['1M', '2026-01-01 00:00:00', 'UTC', '2026-03-31T23:59:59Z', '2026-03-01T00:00:00.000Z'],
  ['1M', '2026-01-01 00:00:00', 'UTC', '2026-04-01T00:00:00Z', '2026-04-01T00:00:00.000Z'],
  ['1Q', '2026-01-01 00:00:00', 'UTC', '2026-06-30T00:00:00Z', '2026-04-01T00:00:00.000Z'],
  ['1Y', '2020-01-21 12:30:00', 'UTC', '2026-01-21T12:29:59Z', '2025-01-21T12:30:00.000Z'],
  ['1w', '2026-01-05 00:00:00', 'UTC', '2026-02-04T10:00:00Z', '2026-02-02T00:00:00.000Z'],
  ['1d', '2026-01-01 00:00:00', 'Europe/Berlin', '2026-07-01T21:59:59Z', '2026-06-30T22:00:00.000Z'],
  ['1d', '2026-01-01 00:00:00', 'Europe/Berlin', '2026-07-01T22:00:00Z', '2026-07-01T22:00:00.000Z'],
  ['1M', '2026-01-01 00:00:00', 'America/New_York', '2026-04-01T03:59:59Z', '2026-03-01T05:00:00.000Z'],
  ['1M', '2026-06-01 00:00:00', 'UTC', '2026-02-10T00:00:00Z', '2026-02-01T00:00:00.000Z'],
  ['12h', '2026-01-01 06:00:00', 'UTC', '2026-01-02T05:00:00Z', '2026-01-01T18:00:00.000Z'],
])('%s from %s in %s, at %s', (duration, start, zone, now, expected) => {
  expect(begun(duration, start, zone, now)).toBe(expected)
})
