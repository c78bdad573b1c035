import { assert, constantFrom, integer, property, subarray } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { closedNow, type Window } from '../../../app/rollout/window.ts'
import { configOf, configText } from '../../support/release.ts'

const MINUTE = 60_000

function windowOf(over: Partial<Window> = {}): Window {
  return { timezone: 'Europe/Berlin', allow: [], freeze: [], ...over }
}

function opens(window: Window, at: string, labels: readonly string[] = []): string | null {
  const closed = closedNow(window, labels, Date.parse(at))
  return closed === null ? 'open' : closed.opensAt === null ? null : new Date(closed.opensAt).toISOString()
}

test('a config without a window lets everything start at any time', () => {
  expect(closedNow(configOf(configText()).config.release.window, [], 0)).toBeNull()
})

describe('days and hours, in the time zone of the window', () => {
  test.each([
    ['before it opens', 'Mon-Thu 08:00-16:00', '2026-11-26T06:59:59.999Z', '2026-11-26T07:00:00.000Z'],
    ['as it opens', 'Mon-Thu 08:00-16:00', '2026-11-26T07:00:00.000Z', 'open'],
    ['in its last minute', 'Mon-Thu 08:00-16:00', '2026-11-26T14:59:59.999Z', 'open'],
    ['as it closes, on a Thursday', 'Mon-Thu 08:00-16:00', '2026-11-26T15:00:00.000Z', '2026-11-30T07:00:00.000Z'],
    ['in summer, an hour earlier', 'Mon-Thu 08:00-16:00', '2026-07-06T05:59:00.000Z', '2026-07-06T06:00:00.000Z'],
    ['over the end of the week', 'Fri-Mon 08:00-16:00', '2026-11-29T12:00:00.000Z', 'open'],
    ['until midnight', 'Thu 20:00-24:00', '2026-11-26T22:59:00.000Z', 'open'],
    ['after midnight', 'Thu 20:00-24:00', '2026-11-26T23:00:00.000Z', '2026-12-03T19:00:00.000Z'],
    ['over midnight', 'Thu 22:00-06:00', '2026-11-27T04:59:00.000Z', 'open'],
    ['after such a night', 'Thu 22:00-06:00', '2026-11-27T05:00:00.000Z', '2026-12-03T21:00:00.000Z'],
    ['the night before its day', 'Thu 22:00-06:00', '2026-11-26T04:00:00.000Z', '2026-11-26T21:00:00.000Z'],
  ])('%s', (_when, allow, at, expected) => {
    expect(opens(windowOf({ allow: [allow] }), at)).toBe(expected)
  })

  test('the nearest of several', () => {
    expect(opens(windowOf({ allow: ['Fri 08:00-09:00', 'Thu 20:00-21:00', 'Thu 18:00-19:00'] }), '2026-11-26T12:00:00.000Z')).toBe(
      '2026-11-26T17:00:00.000Z',
    )
  })
})

describe('a change of the clocks', () => {
  // Berlin 2027: 28 March 02:00 becomes 03:00; 31 October 03:00 becomes 02:00.
  test.each([
    ['an hour that is left out opens where the clock jumps', ['Sun 02:30-05:00'], '2027-03-28T00:00:00.000Z', '2027-03-28T01:00:00.000Z'],
    ['an opening inside that hour does not come that day', ['Sun 02:10-02:50'], '2027-03-28T00:00:00.000Z', '2027-04-04T00:10:00.000Z'],
    ['an hour that comes twice is open the first time', ['Sun 02:30-03:00'], '2027-10-31T00:30:00.000Z', 'open'],
    ['and closed between', ['Sun 02:30-03:00'], '2027-10-31T01:00:00.000Z', '2027-10-31T01:30:00.000Z'],
    ['and open the second time', ['Sun 02:30-03:00'], '2027-10-31T01:30:00.000Z', 'open'],
    ['a clock that goes back into an opening opens it', ['Sun 01:00-02:30'], '2027-10-31T00:40:00.000Z', '2027-10-31T01:00:00.000Z'],
  ])('%s', (_what, allow, at, expected) => {
    expect(opens(windowOf({ allow }), at)).toBe(expected)
  })

  test('at midnight: the day begins where the clock jumps', () => {
    // Cairo 2027: on 30 April 00:00 becomes 01:00.
    const freeze = [{ from: '2027-04-28', to: '2027-04-29', reason: 'year end', except_labels: [] }]
    expect(opens(windowOf({ timezone: 'Africa/Cairo', freeze }), '2027-04-29T12:00:00.000Z')).toBe('2027-04-29T22:00:00.000Z')
  })
})

describe('a freeze', () => {
  const freeze = [{ from: '2026-12-18', to: '2027-01-04', reason: 'year end', except_labels: ['hotfix'] }]

  test.each([
    ['begins with its first day', '2026-12-17T22:59:00.000Z', 'open'],
    ['holds from midnight', '2026-12-17T23:00:00.000Z', '2027-01-04T23:00:00.000Z'],
    ['holds on its last day', '2027-01-04T22:59:00.000Z', '2027-01-04T23:00:00.000Z'],
    ['ends with it', '2027-01-04T23:00:00.000Z', 'open'],
  ])('%s', (_what, at, expected) => {
    expect(opens(windowOf({ freeze }), at)).toBe(expected)
  })

  test('lets a release with an excepted label through, but not outside the hours', () => {
    expect(opens(windowOf({ freeze }), '2026-12-24T12:00:00.000Z', ['hotfix'])).toBe('open')
    expect(opens(windowOf({ freeze, allow: ['Mon 08:00-16:00'] }), '2026-12-24T12:00:00.000Z', ['hotfix'])).toBe('2026-12-28T07:00:00.000Z')
    expect(opens(windowOf({ freeze }), '2026-12-24T12:00:00.000Z', ['feature'])).toBe('2027-01-04T23:00:00.000Z')
  })

  test('one that follows another is waited for too', () => {
    const next = { from: '2027-01-05', to: '2027-01-06', reason: 'stocktaking', except_labels: [] }
    expect(opens(windowOf({ freeze: [...freeze, next] }), '2026-12-24T12:00:00.000Z')).toBe('2027-01-06T23:00:00.000Z')
  })

  test('without an end in sight opens never', () => {
    const forever = [{ from: '2020-01-01', to: '2099-12-31', reason: 'the product is retired', except_labels: [] }]
    expect(opens(windowOf({ freeze: forever }), '2026-12-24T12:00:00.000Z')).toBeNull()
    expect(closedNow(windowOf({ freeze: forever }), [], Date.parse('2026-12-24'))?.why).toContain('nothing opens')
  })

  test('says until when, why and when it opens, in the same words until then', () => {
    const window = windowOf({ freeze, allow: ['Mon-Thu 08:00-16:00'] })
    const said = closedNow(window, [], Date.parse('2026-12-24T12:00:00.000Z'))?.why
    expect(said).toBe('frozen until 2027-01-04: year end; it opens Tue 2027-01-05 08:00 Europe/Berlin (2027-01-05T07:00Z)')
    expect(closedNow(window, [], Date.parse('2027-01-04T22:59:59.000Z'))?.why).toBe(said)
  })
})

test('what it names as the opening is the first open minute, in whatever zone and season', () => {
  const zones = constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo', 'Asia/Kathmandu', 'America/St_Johns')
  const seasons = constantFrom('2027-03-13', '2027-03-27', '2027-04-03', '2027-04-29', '2027-10-02', '2027-10-30', '2027-11-06', '2027-07-01')
  const allow = subarray(['Sat-Sun 01:00-02:30', 'Sun 02:15-02:45', 'Fri 23:30-00:30', 'Sun 23:00-24:00', 'Sat 00:00-00:15'], { minLength: 1 })
  assert(
    property(zones, seasons, allow, integer({ min: 0, max: 47 * 60 }), (timezone, day, openings, minutes) => {
      const window = windowOf({ timezone, allow: openings, freeze: [{ from: '2027-11-07', to: '2027-11-07', reason: 'x', except_labels: [] }] })
      const now = Date.parse(day) + minutes * MINUTE
      const closed = closedNow(window, [], now)
      if (closed === null) return
      const opensAt = closed.opensAt ?? 0
      expect(opensAt).toBeGreaterThan(now)
      expect(closedNow(window, [], opensAt)).toBeNull()
      // All edges lie on a quarter of an hour.
      const quarter = 15 * MINUTE
      const looks = [opensAt - MINUTE]
      for (let at = Math.ceil(now / quarter) * quarter; at < Math.min(opensAt, now + 36 * 60 * MINUTE); at += quarter) looks.push(at)
      expect(new Set(looks.map((at) => closedNow(window, [], at)?.opensAt))).toEqual(new Set([opensAt]))
    }),
    { numRuns: 40 },
  )
})
