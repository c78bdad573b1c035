/**
 * The picture of one step: share of failed requests of canary and stable against what is tolerated, with what is known of the canary so far; how long
 * requests took, where that was told; and requests per second, over the same time. A pure
 * function of `slo/<environment>-<step>.json`, so that a reader can draw it again and compare. Colours of Okabe and Ito, and dashes beside them, so that
 * nobody needs to tell colours apart; where data is missing there is a labelled gap, never a zero.
 */
import { amount, clock, instants, percent } from './axis.ts'
import { armOf, type ChartSample, type Column } from './intervals.ts'
import { bands, frame, LEFT, lines, RIGHT, scaleOf, WIDTH, type Across, type Panel, type Scale } from './panel.ts'
import { percentile } from './percentile.ts'
import type { PngText } from './png-text.ts'
import { READ_BACK } from '../pack/documents.ts'
import { objectiveWords, type HeldObjective } from '../slo/held.ts'
import { knownSoFar, type Known } from './so-far.ts'
import { escaped, GREY, INK, n, stroke, text, type Style } from './svg.ts'
import { described, failed, peak, time, type Measured } from './words.ts'

export interface SloSeries {
  readonly version: string
  readonly environment: string
  /** Percent of traffic. */
  readonly step: number
  /** Tolerated share of failed requests. */
  readonly guard: { readonly limit: number }
  /** Absent: errors alone were compared. */
  readonly compare?: { readonly objectives: readonly HeldObjective[] } | undefined
  /** Time between two looks. */
  readonly sample_ms: number
  /** When traffic had moved to each step so far. */
  readonly moved: readonly { readonly step: number; readonly at: number }[]
  /** The judge's last word on this step; null: it had none. */
  readonly judged: { readonly at: number; readonly decision: string; readonly sentence: string } | null
  readonly samples: readonly ChartSample[]
}

const SHARE = { top: 178, bottom: 420 } as const
/** Without latency the rates stand where it would. */
const LATENCY = { top: 482, bottom: 644 } as const
const RATE = { top: 482, bottom: 624 } as const
const LOWER = 224
const UNDER_RATE = 76
const [HALF, MOST] = [0.5, 0.95]
const COLUMNS = 160
/** So many looks without a reading are a gap, as for the judge. */
const SILENT_LOOKS = 5
const CANARY: Style = { colour: '#c04f00', width: 3, dash: '' }
const STABLE: Style = { colour: '#0072b2', width: 2.5, dash: ' stroke-dasharray="9 5"' }

interface View extends Measured, Across {
  /** Was latency told of anything? */
  readonly timed: boolean
  readonly rate: Panel
  readonly known: readonly Known[]
}

/** @returns SVG, with its alternative text as title and description */
export function sloPicture(series: SloSeries): string {
  const { title, description, body, height } = draw(series)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" font-family="Inter">`,
    `<title>${escaped(title)}</title><desc>${escaped(description)}</desc>`,
    '<defs><pattern id="gap" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="8" height="8" fill="#f1f1f1"/><line x1="0" y1="0" x2="0" y2="8" stroke="#c9c9c9" stroke-width="3"/></pattern></defs>',
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
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

function draw(series: SloSeries): {
  readonly title: string
  readonly description: string
  readonly height: number
  readonly body: readonly string[]
} {
  const { version, environment, step, judged } = series
  const title = `${version} in ${environment}, ${step} % of traffic`
  const samples = series.samples.filter(({ note }) => note !== READ_BACK)
  const first = samples[0]?.at
  const last = Math.max(samples.at(-1)?.at ?? 0, judged?.at ?? 0)
  const word = judged === null ? '' : `: ${judged.decision.replaceAll('_', ' ')}`
  const head = [text(LEFT, 48, 27, `${title}${word}`, { weight: 600 }), ...sentence(judged?.sentence ?? 'No judgement was recorded.')]
  if (first === undefined || last <= first)
    return {
      title,
      description: 'Nothing was measured.',
      height: RATE.bottom + UNDER_RATE,
      body: [...head, text(WIDTH / 2, (RATE.bottom + UNDER_RATE) / 2, 22, 'Nothing was measured.', { anchor: 'middle', colour: GREY })],
    }
  const view = viewOf({ ...series, samples }, first, last)
  return {
    title,
    description: described(series, view),
    height: view.rate.bottom + UNDER_RATE,
    body: [
      ...head,
      ...counts(view),
      ...held(series),
      ...legend(series),
      ...shares(series, view),
      ...latencies(series, view),
      ...rates(view),
      ...marks(series, view),
    ],
  }
}

function viewOf(series: SloSeries, from: number, to: number): View {
  const of = { from, to, columns: COLUMNS, silenceMs: SILENT_LOOKS * series.sample_ms }
  const scale = (RIGHT - LEFT) / (to - from)
  const [canary, stable] = [armOf(series.samples, 'canary', of), armOf(series.samples, 'stable', of)]
  const timed = [canary, stable].some(({ runs }) => runs.flat().some(({ latency }) => latency !== null))
  const began = series.moved.find(({ step }) => step === series.step)?.at
  return {
    from,
    to,
    canary,
    stable,
    x: (at) => LEFT + (at - from) * scale,
    timed,
    rate: timed ? { top: RATE.top + LOWER, bottom: RATE.bottom + LOWER } : RATE,
    known: began === undefined ? [] : knownSoFar(canary.runs, began),
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

/** Under the counts, so that a picture of a step that was held to nothing more is what it was. */
function held({ compare }: SloSeries): readonly string[] {
  const words = (compare?.objectives ?? []).map(objectiveWords).join(', ')
  if (words === '') return []
  return [text(LEFT, 144, 14, `held to ${words.length > 110 ? `${words.slice(0, 108)}…` : words}`, { colour: GREY })]
}

/** A line at each time that requests must not take longer than, where the scale reaches. */
function within({ compare }: SloSeries, { y, ticks }: Scale): readonly string[] {
  return (compare?.objectives ?? []).flatMap(({ within_ms: ms }) =>
    ms === undefined || ms > (ticks.at(-1) ?? 0)
      ? []
      : [`<line x1="${LEFT}" y1="${n(y(ms))}" x2="${RIGHT}" y2="${n(y(ms))}" stroke="${INK}" stroke-width="2" stroke-dasharray="2 4"/>`],
  )
}

function legend({ guard: { limit } }: SloSeries): readonly string[] {
  const items = [
    { label: 'canary', mark: stroke(CANARY) },
    { label: 'stable', mark: stroke(STABLE) },
    { label: 'canary so far, 95 %', mark: `stroke="${CANARY.colour}" stroke-width="14" stroke-opacity="0.18"` },
    { label: `tolerated ${percent(limit)}`, mark: `stroke="${INK}" stroke-width="2" stroke-dasharray="2 4"` },
  ]
  let x = RIGHT - items.reduce((sum, item) => sum + widthOf(item.label), widthOf('no data') - 12)
  return [
    ...items.flatMap(({ label, mark }) => {
      const at = x
      x += widthOf(label)
      return [`<line x1="${at}" y1="${SHARE.top - 19}" x2="${at + 28}" y2="${SHARE.top - 19}" ${mark}/>`, text(at + 35, SHARE.top - 14, 15, label)]
    }),
    `<rect x="${n(x)}" y="${SHARE.top - 26}" width="28" height="14" fill="url(#gap)" stroke="#c9c9c9"/>`,
    text(x + 35, SHARE.top - 14, 15, 'no data'),
  ]
}

/** Of one entry of the legend: its line, its words and the space after them. */
function widthOf(label: string): number {
  return 53 + label.length * 8
}

function shares(series: SloSeries, view: View): readonly string[] {
  const most = Math.max(series.guard.limit * 1.6, peak(view.canary) * 1.08, peak(view.stable) * 1.08)
  const scale = scaleOf(Math.min(1, most), SHARE)
  const limit = scale.y(series.guard.limit)
  return [
    ...frame(SHARE, scale, (value) => percent(value), 'share of requests that failed'),
    ...bands(view, SHARE, limit),
    ...funnel(view, scale),
    `<line x1="${LEFT}" y1="${n(limit)}" x2="${RIGHT}" y2="${n(limit)}" stroke="${INK}" stroke-width="2" stroke-dasharray="2 4"/>`,
    ...lines(view.canary, view, CANARY, (column) => column.share, scale),
    ...lines(view.stable, view, STABLE, (column) => column.share, scale),
  ]
}

/** Wide at first and narrower with each request: where the canary's share lies, as far as this step has seen. */
function funnel({ known, x }: View, { y }: Scale): readonly string[] {
  if (known.length < 2) return []
  const point = (at: number, value: number): string => `${n(x(at))},${n(y(value))}`
  const edge = [...known.map(({ at, high }) => point(at, high)), ...known.toReversed().map(({ at, low }) => point(at, low))]
  return [`<polygon points="${edge.join(' ')}" fill="${CANARY.colour}" fill-opacity="0.18"/>`]
}

function took(share: number): (column: Column) => number | null {
  return ({ latency }) => (latency === null ? null : percentile(latency, share))
}

function latencies(series: SloSeries, view: View): readonly string[] {
  if (!view.timed) return []
  const seen = [...view.canary.runs.flat(), ...view.stable.runs.flat()].map(took(MOST)).filter((value) => value !== null)
  const scale = scaleOf(Math.max(1, ...seen) * 1.05, LATENCY)
  return [
    ...frame(LATENCY, scale, amount, 'milliseconds a request took: median, and 95th percentile (thin)'),
    ...bands(view, LATENCY, null),
    ...within(series, scale),
    ...lines(view.canary, view, { ...CANARY, width: 1.25 }, took(MOST), scale),
    ...lines(view.stable, view, { ...STABLE, width: 1.25 }, took(MOST), scale),
    ...lines(view.canary, view, CANARY, took(HALF), scale),
    ...lines(view.stable, view, STABLE, took(HALF), scale),
  ]
}

function rates(view: View): readonly string[] {
  const panel = view.rate
  const most = Math.max(1, ...[...view.canary.runs.flat(), ...view.stable.runs.flat()].map((column) => column.rate * 1.05))
  const scale = scaleOf(most, panel)
  const seconds = view.to - view.from < 20 * 60_000
  const ticks = instants(view.from, view.to, 9)
  return [
    ...frame(panel, scale, amount, 'requests per second'),
    ...bands(view, panel, null),
    ...lines(view.canary, view, CANARY, (column) => column.rate, scale),
    ...lines(view.stable, view, STABLE, (column) => column.rate, scale),
    ...ticks.flatMap((at) => [
      `<line x1="${n(view.x(at))}" y1="${panel.bottom}" x2="${n(view.x(at))}" y2="${panel.bottom + 6}" stroke="${GREY}"/>`,
      text(view.x(at), panel.bottom + 24, 14, clock(at, seconds), { anchor: 'middle', colour: GREY }),
    ]),
    text(RIGHT, panel.bottom + 48, 14, `${time(view.from).slice(0, 10)}, UTC`, { anchor: 'end', colour: GREY }),
  ]
}

/** Where each step began, and where the judge spoke. */
function marks({ moved, judged }: SloSeries, { x, from, to, timed, rate }: View): readonly string[] {
  const line = (at: number, colour: string): readonly string[] =>
    [SHARE, ...(timed ? [LATENCY] : []), rate].map(
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
