/**
 * The picture of one step: share of failed requests of canary and stable against what is tolerated, and requests per second, over the same time. A pure
 * function of `slo/<environment>-<step>.json`, so that a reader can draw it again and compare. Colours of Okabe and Ito, and dashes beside them, so that
 * nobody needs to tell colours apart; where data is missing there is a labelled gap, never a zero.
 */
import { amount, clock, instants, percent, span, ticksUpTo } from './axis.ts'
import { armOf, type Arm, type ChartSample, type Column } from './intervals.ts'
import type { PngText } from './png-text.ts'
import { escaped, GREY, INK, n, stroke, text, type Style } from './svg.ts'
import { described, failed, peak, time, type Measured } from './words.ts'

export interface SloSeries {
  readonly version: string
  readonly environment: string
  /** Percent of traffic. */
  readonly step: number
  /** Tolerated share of failed requests. */
  readonly guard: { readonly limit: number }
  /** Time between two looks. */
  readonly sample_ms: number
  /** When traffic had moved to each step so far. */
  readonly moved: readonly { readonly step: number; readonly at: number }[]
  /** The judge's last word on this step; null: it had none. */
  readonly judged: { readonly at: number; readonly decision: string; readonly sentence: string } | null
  readonly samples: readonly ChartSample[]
}

const WIDTH = 1200
const HEIGHT = 700
const LEFT = 92
const RIGHT = WIDTH - 48
const SHARE = { top: 178, bottom: 420 } as const
const RATE = { top: 482, bottom: 624 } as const
const COLUMNS = 160
/** So many looks without a reading are a gap, as for the judge. */
const SILENT_LOOKS = 5
const CANARY: Style = { colour: '#c04f00', width: 3, dash: '' }
const STABLE: Style = { colour: '#0072b2', width: 2.5, dash: ' stroke-dasharray="9 5"' }

interface View extends Measured {
  readonly x: (at: number) => number
}

/** @returns SVG, with its alternative text as title and description */
export function sloPicture(series: SloSeries): string {
  const { title, description, body } = draw(series)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" font-family="Inter">`,
    `<title>${escaped(title)}</title><desc>${escaped(description)}</desc>`,
    '<defs><pattern id="gap" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="8" height="8" fill="#f1f1f1"/><line x1="0" y1="0" x2="0" y2="8" stroke="#c9c9c9" stroke-width="3"/></pattern></defs>',
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...body,
    '</svg>',
  ].join('\n')
}

/** The same words for the picture's own file. */
export function sloWords(series: SloSeries): readonly PngText[] {
  const { title, description } = draw(series)
  return [
    { keyword: 'Title', text: title },
    { keyword: 'Description', text: description },
  ]
}

function draw(series: SloSeries): { readonly title: string; readonly description: string; readonly body: readonly string[] } {
  const { version, environment, step, judged } = series
  const title = `${version} in ${environment}, ${step} % of traffic`
  const first = series.samples[0]?.at
  const last = Math.max(series.samples.at(-1)?.at ?? 0, judged?.at ?? 0)
  const word = judged === null ? '' : `: ${judged.decision.replaceAll('_', ' ')}`
  const head = [text(LEFT, 48, 27, `${title}${word}`, { weight: 600 }), ...sentence(judged?.sentence ?? 'No judgement was recorded.')]
  if (first === undefined || last <= first)
    return {
      title,
      description: 'Nothing was measured.',
      body: [...head, text(WIDTH / 2, HEIGHT / 2, 22, 'Nothing was measured.', { anchor: 'middle', colour: GREY })],
    }
  const view = viewOf(series, first, last)
  return {
    title,
    description: described(series, view),
    body: [...head, ...counts(view), ...legend(series), ...shares(series, view), ...rates(view), ...marks(series, view)],
  }
}

function viewOf(series: SloSeries, from: number, to: number): View {
  const of = { from, to, columns: COLUMNS, silenceMs: SILENT_LOOKS * series.sample_ms }
  const scale = (RIGHT - LEFT) / (to - from)
  return {
    from,
    to,
    canary: armOf(series.samples, 'canary', of),
    stable: armOf(series.samples, 'stable', of),
    x: (at) => LEFT + (at - from) * scale,
  }
}

/** Two lines at most. */
function sentence(words: string): readonly string[] {
  const lines: string[] = ['']
  for (const word of words.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + word.length > 136) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  const shown = lines.length > 2 ? [lines[0] ?? '', `${(lines[1] ?? '').slice(0, 134)}…`] : lines
  return shown.map((line, at) => text(LEFT, 78 + at * 21, 16, line))
}

function counts({ from, to, canary, stable }: View): readonly string[] {
  const line = `${time(from)} to ${time(to).slice(11)}    canary: ${failed(canary)}    stable: ${failed(stable)}`
  return [text(LEFT, 126, 14, line, { colour: GREY })]
}

function legend({ guard: { limit } }: SloSeries): readonly string[] {
  const items = [
    { label: 'canary', mark: stroke(CANARY) },
    { label: 'stable', mark: stroke(STABLE) },
    { label: `tolerated ${percent(limit)}`, mark: `stroke="${INK}" stroke-width="2" stroke-dasharray="2 4"` },
  ]
  let x = RIGHT - items.reduce((sum, item) => sum + widthOf(item.label), widthOf('no data') - 12)
  return [
    ...items.flatMap(({ label, mark }) => {
      const at = x
      x += widthOf(label)
      return [`<line x1="${at}" y1="42" x2="${at + 28}" y2="42" ${mark}/>`, text(at + 35, 47, 15, label)]
    }),
    `<rect x="${n(x)}" y="35" width="28" height="14" fill="url(#gap)" stroke="#c9c9c9"/>`,
    text(x + 35, 47, 15, 'no data'),
  ]
}

/** Of one entry of the legend: its line, its words and the space after them. */
function widthOf(label: string): number {
  return 53 + label.length * 8
}

interface Panel {
  readonly top: number
  readonly bottom: number
}

interface Scale {
  readonly ticks: readonly number[]
  readonly y: (value: number) => number
}

function scaleOf(most: number, panel: Panel): Scale {
  const ticks = ticksUpTo(most)
  const top = ticks.at(-1) ?? 1
  return { ticks, y: (value) => panel.bottom - (Math.min(value, top) / top) * (panel.bottom - panel.top) }
}

function shares(series: SloSeries, view: View): readonly string[] {
  const most = Math.max(series.guard.limit * 1.6, peak(view.canary) * 1.08, peak(view.stable) * 1.08)
  const scale = scaleOf(Math.min(1, most), SHARE)
  const limit = scale.y(series.guard.limit)
  return [
    ...frame(SHARE, scale, (value) => percent(value), 'share of requests that failed'),
    ...bands(view, SHARE, limit),
    `<line x1="${LEFT}" y1="${n(limit)}" x2="${RIGHT}" y2="${n(limit)}" stroke="${INK}" stroke-width="2" stroke-dasharray="2 4"/>`,
    ...lines(view.canary, view, CANARY, (column) => column.share, scale),
    ...lines(view.stable, view, STABLE, (column) => column.share, scale),
  ]
}

function rates(view: View): readonly string[] {
  const most = Math.max(1, ...[...view.canary.runs.flat(), ...view.stable.runs.flat()].map((column) => column.rate * 1.05))
  const scale = scaleOf(most, RATE)
  const seconds = view.to - view.from < 20 * 60_000
  const ticks = instants(view.from, view.to, 9)
  return [
    ...frame(RATE, scale, amount, 'requests per second'),
    ...bands(view, RATE, null),
    ...lines(view.canary, view, CANARY, (column) => column.rate, scale),
    ...lines(view.stable, view, STABLE, (column) => column.rate, scale),
    ...ticks.flatMap((at) => [
      `<line x1="${n(view.x(at))}" y1="${RATE.bottom}" x2="${n(view.x(at))}" y2="${RATE.bottom + 6}" stroke="${GREY}"/>`,
      text(view.x(at), RATE.bottom + 24, 14, clock(at, seconds), { anchor: 'middle', colour: GREY }),
    ]),
    text(RIGHT, RATE.bottom + 48, 14, `${time(view.from).slice(0, 10)}, UTC`, { anchor: 'end', colour: GREY }),
  ]
}

function frame(panel: Panel, { ticks, y }: Scale, label: (value: number) => string, title: string): readonly string[] {
  return [
    text(LEFT, panel.top - 14, 15, title, { weight: 600 }),
    ...ticks.flatMap((tick) => [
      `<line x1="${LEFT}" y1="${n(y(tick))}" x2="${RIGHT}" y2="${n(y(tick))}" stroke="#e3e3e3"/>`,
      text(LEFT - 12, y(tick) + 5, 14, label(tick), { anchor: 'end', colour: GREY }),
    ]),
    `<line x1="${LEFT}" y1="${panel.bottom}" x2="${RIGHT}" y2="${panel.bottom}" stroke="${GREY}"/>`,
  ]
}

/** Where data is missing: of one version or of both, said in words. */
function bands({ canary, stable, x }: View, panel: Panel, limit: number | null): readonly string[] {
  const both = canary.gaps.filter((gap) => stable.gaps.some((other) => other.from === gap.from && other.to === gap.to))
  const of = [
    ...both.map((gap) => ({ gap, who: 'no data' })),
    ...canary.gaps.filter((gap) => !both.includes(gap)).map((gap) => ({ gap, who: 'no canary data' })),
    ...stable.gaps.filter((gap) => !both.some((one) => one.from === gap.from && one.to === gap.to)).map((gap) => ({ gap, who: 'no stable data' })),
  ]
  return of.flatMap(({ gap, who }) => {
    const [left, right] = [x(gap.from), x(gap.to)]
    const middle = (panel.top + panel.bottom) / 2
    const label = `${who} for ${span(gap.to - gap.from)}`
    const length = label.length * 7.6
    const turned = right - left < length
    const low = limit !== null && !turned && Math.abs(middle - limit) < 18 ? 30 : 0
    const words = text((left + right) / 2 + (turned ? 5 : 0), middle + low, 14, label, {
      anchor: 'middle',
      halo: true,
      ...(turned && { turn: true }),
    })
    return [
      `<rect x="${n(left)}" y="${panel.top}" width="${n(Math.max(1, right - left))}" height="${panel.bottom - panel.top}" fill="url(#gap)"/>`,
      ...(turned && (length > panel.bottom - panel.top || right - left < 16) ? [] : [words]),
    ]
  })
}

/** Each column is as wide as the time it was counted in. */
function lines(arm: Arm, { x }: View, style: Style, value: (column: Column) => number | null, { y }: Scale): readonly string[] {
  return arm.runs.flatMap((run) => {
    const strokes: { readonly x: number; readonly y: number }[][] = [[]]
    for (const column of run) {
      const at = value(column)
      if (at === null) strokes.push([])
      else strokes.at(-1)?.push({ x: x(column.from), y: y(at) }, { x: x(column.to), y: y(at) })
    }
    return strokes
      .filter((points) => points.length > 0)
      .map(
        (points) =>
          `<polyline points="${points.map((point) => `${n(point.x)},${n(point.y)}`).join(' ')}" fill="none" stroke-linejoin="round" ${stroke(style)}/>`,
      )
  })
}

/** Where each step began, and where the judge spoke. */
function marks({ moved, judged }: SloSeries, { x, from, to }: View): readonly string[] {
  const line = (at: number, colour: string): readonly string[] =>
    [SHARE, RATE].map(
      ({ top, bottom }) => `<line x1="${n(x(at))}" y1="${top - 4}" x2="${n(x(at))}" y2="${bottom}" stroke="${colour}" stroke-width="1.5"/>`,
    )
  const inside = moved.filter(({ at }) => at >= from && at <= to)
  return [
    ...inside.flatMap(({ step, at }) => [...line(at, '#8a8a8a'), text(x(at) + 6, SHARE.top + 12, 14, `${step} %`, { halo: true, weight: 600 })]),
    ...(judged === null || judged.at < from || judged.at > to
      ? []
      : [
          ...line(judged.at, INK),
          text(x(judged.at) - 8, SHARE.top + 12, 14, judged.decision.replaceAll('_', ' '), { anchor: 'end', halo: true, weight: 600 }),
        ]),
  ]
}
