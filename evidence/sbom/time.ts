/** Times as bills of materials write them. */
import { SbomError } from './error.ts'

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?Z$/

/** A real moment in UTC: the 30th of February is none. */
export function isTime(text: string): boolean {
  const whole = TIME.exec(text)?.[1]
  if (whole === undefined) return false
  const time = new Date(`${whole}Z`)
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(whole)
}

/** `2026-01-02T03:04:05.678Z` -> `2026-01-02T03:04:05Z`. @throws SbomError `time` */
export function secondsOf(text: string): string {
  if (!isTime(text)) throw new SbomError('time', `${JSON.stringify(text.slice(0, 40))} is no time in UTC`)
  return `${text.slice(0, 19)}Z`
}
