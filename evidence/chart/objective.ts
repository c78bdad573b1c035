/**
 * The picture of one objective: the share of what was bad over time against the budget that the target leaves, and what each window says. A pure function
 * of `slo/<objective>.objective.json`, so that a reader can draw it again. Where nothing was counted there is a gap, never a zero.
 */
import type { ObjectiveSeries } from '../slo/series.ts'
import { amount, clock, instants, percent, span, ticksUpTo } from './axis.ts'
import type { PngText } from './png-text.ts'
import { escaped, GREY, INK, n, stroke, text, type Style } from './svg.ts'
import { time } from './words.ts'

const WIDTH = 1200
const HEIGHT = 560
const [LEFT, RIGHT, TOP, BOTTOM] = [92, WIDTH - 48, 176, 420] as const
const BAD: Style = { colour: '#c04f00', width: 3, dash: '' }

/** @returns SVG, with its alternative text as title and description */
export function objectivePicture(series: ObjectiveSeries): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" font-family="Inter">`,
    `<title>${escaped(titleOf(series))}</title><desc>${escaped(described(series))}</desc>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(LEFT, 48, 27, titleOf(series), { weight: 600 }),
    text(LEFT, 80, 16, budgetWords(series)),
    text(LEFT, 104, 14, `${series.source}, at ${time(series.at)}`, { colour: GREY }),
    ...(series.points.length === 0
      ? [text(WIDTH / 2, (TOP + BOTTOM) / 2, 20, 'No course was measured.', { anchor: 'middle', colour: GREY })]
      : course(series)),
    text(LEFT, BOTTOM + 66, 15, 'burn, times the rate that uses the budget up', { weight: 600 }),
    ...windowsOf(series),
    '</svg>',
  ].join('\n')
}

/** The same words for the picture's own file. */
export function objectiveWords(series: ObjectiveSeries): readonly PngText[] {
  return [
    { keyword: 'Title', text: titleOf(series) },
    { keyword: 'Description', text: described(series) },
  ]
}

function titleOf({ objective, service, target }: ObjectiveSeries): string {
  return `${objective}${service === null ? '' : ` of ${service}`}: ${shares(target)} must be good`
}

/** With the digits that tell 99.9 from 99.95. */
function shares(share: number): string {
  return `${Number((share * 100).toFixed(4))} %`
}

function budgetWords({ budget }: ObjectiveSeries): string {
  if (budget === null) return 'Its budget is not known: nothing was asked about the window of the objective.'
  const { window, bad, total, attainment, left } = budget
  return `${amount(bad)} of ${amount(total)} were bad in ${window}: ${shares(attainment)} good, ${Number((left * 100).toFixed(1))} % of the budget is left.`
}

function described(series: ObjectiveSeries): string {
  const { windows, points } = series
  const worst = Math.max(0, ...points.map(({ bad, total }) => bad / total))
  return [
    budgetWords(series),
    windows.length === 0 ? 'No window was measured.' : `Burn: ${windows.map(({ window, burn }) => `${burnOf(burn)} in ${window}`).join(', ')}.`,
    points.length === 0 ? 'No course was measured.' : `At most ${percent(worst)} were bad in one of ${points.length} spans.`,
    gapsOf(series).length === 0
      ? ''
      : `Nothing was counted for ${gapsOf(series)
          .map((gap) => span(gap.to - gap.from))
          .slice(0, 10)
          .join(', ')}.`,
  ]
    .filter((part) => part !== '')
    .join(' ')
}

function burnOf(burn: number): string {
  return `${Number(burn.toPrecision(2))}`
}

function gapsOf({ points }: ObjectiveSeries): readonly { readonly from: number; readonly to: number }[] {
  return points.slice(1).flatMap(({ from }, index) => {
    const before = points[index]?.to ?? from
    return from > before ? [{ from: before, to: from }] : []
  })
}

function course(series: ObjectiveSeries): readonly string[] {
  const { points, target } = series
  const [from, to] = [points[0]?.from ?? 0, points.at(-1)?.to ?? 1]
  const x = (at: number): number => LEFT + ((at - from) / Math.max(1, to - from)) * (RIGHT - LEFT)
  const budget = 1 - target
  const ticks = ticksUpTo(Math.min(1, Math.max(budget * 1.6, 1e-6, ...points.map(({ bad, total }) => (bad / total) * 1.08))))
  const most = ticks.at(-1) ?? 1
  const y = (share: number): number => BOTTOM - (Math.min(share, most) / most) * (BOTTOM - TOP)
  return [
    text(LEFT, TOP - 14, 15, 'share of what was bad', { weight: 600 }),
    text(RIGHT, TOP - 14, 14, `budget ${shares(budget)}`, { anchor: 'end', colour: GREY }),
    ...ticks.flatMap((tick) => [
      `<line x1="${LEFT}" y1="${n(y(tick))}" x2="${RIGHT}" y2="${n(y(tick))}" stroke="#e3e3e3"/>`,
      text(LEFT - 12, y(tick) + 5, 14, percent(tick), { anchor: 'end', colour: GREY }),
    ]),
    ...gapsOf(series).map(
      (gap) => `<rect x="${n(x(gap.from))}" y="${TOP}" width="${n(Math.max(1, x(gap.to) - x(gap.from)))}" height="${BOTTOM - TOP}" fill="#eeeeee"/>`,
    ),
    `<line x1="${LEFT}" y1="${n(y(budget))}" x2="${RIGHT}" y2="${n(y(budget))}" stroke="${INK}" stroke-width="2" stroke-dasharray="2 4"/>`,
    ...runsOf(series).map(
      (run) =>
        `<polyline points="${run.flatMap((one) => [`${n(x(one.from))},${n(y(one.bad / one.total))}`, `${n(x(one.to))},${n(y(one.bad / one.total))}`]).join(' ')}" fill="none" stroke-linejoin="round" ${stroke(BAD)}/>`,
    ),
    ...instants(from, to, 9).map((at) => text(x(at), BOTTOM + 24, 14, clock(at, to - from < 20 * 60_000), { anchor: 'middle', colour: GREY })),
  ]
}

/** Neighbours that touch are one line. */
function runsOf({ points }: ObjectiveSeries): readonly (readonly ObjectiveSeries['points'][number][])[] {
  const runs: ObjectiveSeries['points'][number][][] = []
  for (const point of points) {
    const last = runs.at(-1)
    if (last?.at(-1)?.to === point.from) last.push(point)
    else runs.push([point])
  }
  return runs
}

function windowsOf({ windows, at, points }: ObjectiveSeries): readonly string[] {
  const first = points[0]?.from
  const label = (window: string): string => (window === 'scrape' ? (first === undefined ? 'while it was watched' : span(at - first)) : window)
  if (windows.length === 0) return [text(LEFT, BOTTOM + 94, 15, 'No window was measured.', { colour: GREY })]
  return windows.slice(0, 8).map(({ window, burn, bad, total }, index) => {
    const words = `${label(window)}: ${burnOf(burn)} (${amount(bad)} of ${amount(total)})`
    return text(LEFT + (index % 3) * 360, BOTTOM + 94 + Math.floor(index / 3) * 22, 15, words)
  })
}
