/** The time an objective speaks of: the last so many days, or the calendar's month so far. Pure. */
import { shorthandMs, type TimeWindow } from './model.ts'

/** Epoch milliseconds at which the window that holds `at` began. */
export function windowStart({ duration, calendar }: TimeWindow, at: number): number {
  if (calendar === undefined) return at - shorthandMs(duration)
  const zone = calendar.timeZone
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = calendar.startTime.split(/[- :]/).map(Number)
  const begun = (periods: number): number => {
    const count = periods * Number(duration.slice(0, -1))
    const unit = duration.slice(-1)
    const months = { M: 1, Q: 3, Y: 12 }[unit]
    if (months !== undefined) return instantOf(Date.UTC(year, month - 1 + count * months, day, hour, minute, second), zone)
    const days = { d: 1, w: 7 }[unit]
    if (days !== undefined) return instantOf(Date.UTC(year, month - 1, day + count * days, hour, minute, second), zone)
    return instantOf(Date.UTC(year, month - 1, day, hour, minute, second), zone) + periods * shorthandMs(duration)
  }
  // The estimate errs by a few periods, because months differ.
  let periods = Math.floor((at - begun(0)) / shorthandMs(duration)) - 1
  while (begun(periods + 1) <= at) periods += 1
  while (begun(periods) > at) periods -= 1
  return begun(periods)
}

/** What a clock on the wall of a zone shows, as if it were UTC -> epoch milliseconds. */
function instantOf(wall: number, zone: string): number {
  const first = wall - offsetOf(wall, zone)
  return wall - offsetOf(first, zone)
}

/** Milliseconds that the zone is ahead of UTC. */
function offsetOf(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(new Date(at))
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value)
  const wall = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
  return wall - Math.floor(at / 1000) * 1000
}
