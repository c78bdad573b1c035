/**
 * The picture of a capacity: what was measured at each number of users, the law through it with its interval, and where the peak of production lies. A pure
 * function of `perf/headroom.json`, so that a reader can draw it again. Nothing is drawn beyond what was measured.
 */
import type { CapacitySeries } from '../perf/series.ts'
import { amount, ticksUpTo } from './axis.ts'
import type { PngText } from './png-text.ts'
import { escaped, GREY, INK, n, stroke, text, type Style } from './svg.ts'

const WIDTH = 1200
const HEIGHT = 560
const [LEFT, RIGHT, TOP, BOTTOM] = [92, WIDTH - 48, 176, 460] as const
const LAW: Style = { colour: '#0072b2', width: 3, dash: '' }
const PEAK = '#c04f00'

/** @returns SVG, with its alternative text as title and description */
export function capacityPicture(series: CapacitySeries): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" font-family="Inter">`,
    `<title>${escaped(titleOf(series))}</title><desc>${escaped(described(series))}</desc>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(LEFT, 48, 27, titleOf(series), { weight: 600 }),
    text(LEFT, 80, 16, leftWords(series)),
    text(LEFT, 104, 14, `${series.host}, ${series.at.slice(0, 19).replace('T', ' ')} UTC, commit ${series.head.slice(0, 12)}`, { colour: GREY }),
    ...(series.steps.length === 0
      ? [text(WIDTH / 2, (TOP + BOTTOM) / 2, 20, 'No step was measured.', { anchor: 'middle', colour: GREY })]
      : plot(series)),
    '</svg>',
  ].join('\n')
}

/** The same words for the picture's own file. */
export function capacityWords(series: CapacitySeries): readonly PngText[] {
  return [
    { keyword: 'Title', text: titleOf(series) },
    { keyword: 'Description', text: described(series) },
  ]
}

function titleOf({ capacity, replicas }: CapacitySeries): string {
  const whose = replicas.target === 1 ? 'one replica' : `${replicas.target} replicas`
  return capacity === null ? `Capacity of ${whose}: not known` : `Capacity of ${whose}: ${amount(capacity.value)} answers a second`
}

const share = (of: number): string => `${Number((of * 100).toFixed(1))} %`

function leftWords({ headroom, target, peak, replicas, replicas_needed: needed }: CapacitySeries): string {
  if (headroom === null || peak === null) return 'How much is left at the peak is not known.'
  return `${share(headroom)} of ${replicas.production} replicas are left at a peak of ${amount(peak)} a second; ${share(target)} must be${needed === null ? '' : `, which needs ${needed}`}.`
}

function described(series: CapacitySeries): string {
  const { capacity, fit, steps } = series
  return [
    leftWords(series),
    capacity === null
      ? 'No law could be fitted.'
      : `Between ${amount(capacity.low)} and ${amount(capacity.high)} at ${amount(capacity.users)} users. Contention ${fit?.alpha ?? 0}, crosstalk ${fit?.beta ?? 0}.`,
    steps.length === 0 ? 'No step was measured.' : `Measured: ${steps.map(({ users, value }) => `${amount(value)} with ${users}`).join(', ')}.`,
  ].join(' ')
}

function plot(series: CapacitySeries): readonly string[] {
  const { steps, curve, peak, replicas } = series
  const share = peak === null ? null : (peak / replicas.production) * replicas.target
  const mostUsers = Math.max(1, ...steps.map(({ users }) => users))
  const ticks = ticksUpTo(
    Math.max(1e-6, share ?? 0, ...steps.map(({ high, value }) => Math.min(high, value * 2)), ...curve.map(({ value }) => value)) * 1.05,
  )
  const top = ticks.at(-1) ?? 1
  const x = (users: number): number => LEFT + (users / mostUsers) * (RIGHT - LEFT)
  const y = (value: number): number => BOTTOM - (Math.min(value, top) / top) * (BOTTOM - TOP)
  const line = (of: readonly { readonly users: number; readonly at: number }[]): string =>
    of.map(({ users, at }) => `${n(x(users))},${n(y(at))}`).join(' ')
  const band = [...curve.map(({ users, high }) => ({ users, at: high })), ...curve.toReversed().map(({ users, low }) => ({ users, at: low }))]
  return [
    text(LEFT, TOP - 14, 15, 'answers a second', { weight: 600 }),
    ...ticks.flatMap((tick) => [
      `<line x1="${LEFT}" y1="${n(y(tick))}" x2="${RIGHT}" y2="${n(y(tick))}" stroke="#e3e3e3"/>`,
      text(LEFT - 12, y(tick) + 5, 14, amount(tick), { anchor: 'end', colour: GREY }),
    ]),
    ...(curve.length < 2
      ? []
      : [
          `<polygon points="${line(band)}" fill="${LAW.colour}" fill-opacity="0.15"/>`,
          `<polyline points="${line(curve.map(({ users, value }) => ({ users, at: value })))}" fill="none" stroke-linejoin="round" ${stroke(LAW)}/>`,
        ]),
    ...(share === null
      ? []
      : [
          `<line x1="${LEFT}" y1="${n(y(share))}" x2="${RIGHT}" y2="${n(y(share))}" stroke="${PEAK}" stroke-width="2" stroke-dasharray="6 5"/>`,
          text(RIGHT, y(share) - 8, 14, `their share of the peak: ${amount(share)}`, { anchor: 'end', halo: true }),
        ]),
    ...steps.flatMap(({ users, value, low, high }) => [
      `<line x1="${n(x(users))}" y1="${n(y(low))}" x2="${n(x(users))}" y2="${n(y(high))}" stroke="${INK}" stroke-width="2"/>`,
      `<circle cx="${n(x(users))}" cy="${n(y(value))}" r="5" fill="${INK}"/>`,
    ]),
    ...placed(
      steps.map(({ users }) => users),
      x,
    ).map((users) => text(x(users), BOTTOM + 24, 14, String(users), { anchor: 'middle', colour: GREY })),
    text((LEFT + RIGHT) / 2, BOTTOM + 56, 15, 'users, each asking again as soon as it is answered', { anchor: 'middle' }),
  ]
}

/** Those whose words do not lie on each other, from the last. */
function placed(users: readonly number[], x: (users: number) => number): readonly number[] {
  const kept: number[] = []
  for (const one of users.toReversed()) if (kept.every((other) => Math.abs(x(other) - x(one)) >= 26)) kept.push(one)
  return kept
}
