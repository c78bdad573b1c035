/**
 * When promotions may start: the days and hours of `release.window`, less its freezes, in its own time zone. Local time is what a wall clock there shows,
 * as the IANA database has it: an hour that a change of the clocks leaves out is skipped, one that comes twice counts twice. Pure.
 */
import type { Config } from '../../evidence/model/config.ts'

export type Window = Config['release']['window']

export interface Closed {
  /** In words, with when it opens. */
  readonly why: string
  /** Epoch milliseconds; null: not within {@link MAX_DAYS} days. */
  readonly opensAt: number | null
}

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
/** So far ahead is looked for an opening. */
const MAX_DAYS = 800
const WEEK = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** null: a promotion may start now. @param labels of the release pull request @param now epoch milliseconds */
export function closedNow(window: Window, labels: readonly string[], now: number): Closed | null {
  const calendar = calendarOf(window, labels)
  const local = localOf(window.timezone, now)
  if (isOpen(calendar, local)) return null
  const opensAt = nextOpening(calendar, window.timezone, now)
  const freeze = calendar.freezes.find((one) => covers(one, local))
  const because =
    freeze === undefined ? `promotions start ${window.allow.join(', ')} only (${window.timezone})` : `frozen until ${freeze.to}: ${freeze.reason}`
  const opens = opensAt === null ? `nothing opens within ${MAX_DAYS} days` : `it opens ${sayTime(window.timezone, opensAt)}`
  return { why: `${because}; ${opens}`, opensAt }
}

interface Opening {
  /** 0: Sunday. */
  readonly days: ReadonlySet<number>
  /** Minutes since midnight; `to` may be less than `from`: then it ends on the next day. */
  readonly from: number
  readonly to: number
}

interface Calendar {
  /** null: always. */
  readonly openings: readonly Opening[] | null
  readonly freezes: Window['freeze']
}

function calendarOf({ allow, freeze }: Window, labels: readonly string[]): Calendar {
  return {
    openings: allow.length === 0 ? null : allow.map(openingOf),
    freezes: freeze.filter((one) => !one.except_labels.some((label) => labels.includes(label))),
  }
}

/** `Mon-Thu 08:00-16:00`, as the schema lets it through. */
function openingOf(text: string): Opening {
  const [days = '', hours = ''] = text.split(' ')
  const [first = '', last = first] = days.split('-')
  const [from = '', to = ''] = hours.split('-')
  const covered = new Set<number>()
  for (let day = WEEK.indexOf(first); ; day = (day + 1) % 7) {
    covered.add(day)
    if (day === WEEK.indexOf(last)) break
  }
  return { days: covered, from: minutesOf(from), to: minutesOf(to) }
}

function minutesOf(hour: string): number {
  const [hours, minutes] = hour.split(':')
  return Number(hours) * 60 + Number(minutes)
}

/** A wall clock's reading, as if it were UTC, in epoch milliseconds. */
type Local = number

function isOpen(calendar: Calendar, local: Local): boolean {
  if (calendar.freezes.some((freeze) => covers(freeze, local))) return false
  if (calendar.openings === null) return true
  const [day, minute] = [new Date(local).getUTCDay(), (local % DAY) / MINUTE]
  return calendar.openings.some(({ days, from, to }) =>
    from < to ? days.has(day) && minute >= from && minute < to : (days.has(day) && minute >= from) || (days.has((day + 6) % 7) && minute < to),
  )
}

function covers({ from, to }: Window['freeze'][number], local: Local): boolean {
  const day = dayOf(local)
  return day >= from && day <= to
}

function dayOf(local: Local): string {
  return new Date(local).toISOString().slice(0, 10)
}

/** The first instant from `now` on at which it is open: tried where alone it can open, which is where days and openings begin and where clocks change. */
function nextOpening(calendar: Calendar, timezone: string, now: number): number | null {
  const today = midnight(localOf(timezone, now))
  for (let day = today; day <= today + MAX_DAYS * DAY; day += DAY) {
    if (calendar.freezes.some((freeze) => covers(freeze, day))) continue
    const begins = [0, ...(calendar.openings ?? []).map(({ from }) => from)].flatMap((minute) => instantsOf(timezone, day + minute * MINUTE))
    const open = [...begins, ...changeOf(timezone, day)].filter((at) => at >= now && isOpen(calendar, localOf(timezone, at)))
    if (open.length > 0) return Math.min(...open)
  }
  return null
}

function midnight(local: Local): Local {
  return local - (local % DAY)
}

/** The instants at which a wall clock shows this; when it jumps over it, the instant of the jump. */
function instantsOf(timezone: string, local: Local): readonly number[] {
  const offsets = [offsetAt(timezone, local - DAY), offsetAt(timezone, local + DAY)]
  const exact = offsets.map((offset) => local - offset).filter((at) => localOf(timezone, at) === local)
  if (exact.length > 0) return exact
  const jumped = (at: number): boolean => localOf(timezone, at) >= local
  return [firstOf(local - Math.max(...offsets) - MINUTE, local - Math.min(...offsets), jumped)]
}

/** Where the clocks are changed on this day; mostly nowhere. */
function changeOf(timezone: string, day: Local): readonly number[] {
  const begins = day - offsetAt(timezone, day - DAY)
  const offset = offsetAt(timezone, begins)
  const changed = (at: number): boolean => offsetAt(timezone, at) !== offset
  return changed(begins + DAY) ? [firstOf(begins, begins + DAY, changed)] : []
}

/** The first minute after `before` at which it holds; it does not at `before`, and does at `after`. */
function firstOf(before: number, after: number, holds: (at: number) => boolean): number {
  let [not, does] = [before, after]
  while (does - not > MINUTE) {
    const middle = not + Math.floor((does - not) / 2 / MINUTE) * MINUTE
    if (holds(middle)) does = middle
    else not = middle
  }
  return does
}

function offsetAt(timezone: string, at: number): number {
  return localOf(timezone, at) - at
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** To the minute. */
function localOf(timezone: string, at: number): Local {
  let format = formats.get(timezone)
  if (format === undefined) {
    const digits = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', era: 'short' } as const
    format = new Intl.DateTimeFormat('en-US', { timeZone: timezone, hourCycle: 'h23', calendar: 'gregory', ...digits })
    formats.set(timezone, format)
  }
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
  const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'))
}

/** `Mon 2026-11-30 08:00 Europe/Berlin`, and the same in UTC. */
function sayTime(timezone: string, at: number): string {
  const local = localOf(timezone, at)
  const said = `${WEEK[new Date(local).getUTCDay()]} ${dayOf(local)} ${new Date(local).toISOString().slice(11, 16)} ${timezone}`
  return timezone === 'UTC' ? said : `${said} (${new Date(at).toISOString().slice(0, 16)}Z)`
}
