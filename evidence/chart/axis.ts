/** Ticks and words of the axes: round numbers, UTC times. Pure, and without logarithms, so that every machine draws the same. */

/** 0, then round steps, until `most` lies within: at most six. */
export function ticksUpTo(most: number): readonly number[] {
  let step = 1e-6
  const factors = [2, 2.5, 2]
  for (let at = 0; most / step > 5 && at < 60; at++) step *= factors[at % 3] ?? 2
  const count = Math.max(1, Math.ceil(most / step - 1e-9))
  return Array.from({ length: count + 1 }, (_, index) => rounded(index * step))
}

/** Floating point leaves 0.30000000000000004; an axis does not. */
function rounded(value: number): number {
  return Number(value.toPrecision(12))
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const STEPS = [1, 2, 5, 10, 15, 30]
  .map((n) => n * SECOND)
  .concat(
    [1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
    [1, 2, 3, 6, 12, 24, 48, 96, 168].map((n) => n * HOUR),
  )

/** Round instants between two others, at most `most` of them. */
export function instants(from: number, to: number, most: number): readonly number[] {
  const step = STEPS.find((candidate) => (to - from) / candidate <= most) ?? Math.ceil((to - from) / most / (168 * HOUR)) * 168 * HOUR
  const found: number[] = []
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push(at)
  return found
}

/** `12:04:30`; `12:04` for whole minutes; with the day where a day begins. */
export function clock(at: number, withSeconds: boolean): string {
  const text = new Date(at).toISOString()
  if (at % (24 * HOUR) === 0) return text.slice(5, 10)
  return withSeconds ? text.slice(11, 19) : text.slice(11, 16)
}

/** `1.5 %`, with as many digits as the value needs. */
export function percent(share: number): string {
  const value = share * 100
  const text = value >= 10 || value === 0 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toPrecision(1)
  return `${Number(text)} %`
}

/** `1 250`, `0.5`: digits in groups of three. */
export function amount(value: number): string {
  const text = value >= 10 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1)
  const [whole = '', rest] = text.split('.')
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ' ')
  return rest === undefined ? grouped : `${grouped}.${rest}`
}

/** `14 s`, `2 min 5 s`, `3 h`. */
export function span(ms: number): string {
  const seconds = Math.round(ms / SECOND)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}
