/**
 * The picture of a trend: headroom of each release against what must be left, and what the peak costs where that is known. A pure function of
 * `perf/trend.json`, so that a reader can draw it again.
 */
import type { Trend } from '../perf/trend.ts'
import type { PngText } from './png-text.ts'
import { escaped, GREY, INK, n, stroke, text, type Style } from './svg.ts'

const WIDTH = 1200
const HEIGHT = 480
const [LEFT, RIGHT, TOP, BOTTOM] = [92, WIDTH - 48, 140, 380] as const
const LINE: Style = { colour: '#0072b2', width: 3, dash: '' }
const TITLE = 'Headroom at the peak, release by release'

/** @returns SVG, with its alternative text as title and description */
export function trendPicture(trend: Trend): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" font-family="Inter">`,
    `<title>${TITLE}</title><desc>${escaped(described(trend))}</desc>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(LEFT, 48, 27, TITLE, { weight: 600 }),
    text(LEFT, 80, 16, changeWords(trend)),
    ...(trend.entries.length === 0
      ? [text(WIDTH / 2, (TOP + BOTTOM) / 2, 20, 'No release was measured.', { anchor: 'middle', colour: GREY })]
      : plot(trend)),
    '</svg>',
  ].join('\n')
}

/** The same words for the picture's own file. */
export function trendWords(trend: Trend): readonly PngText[] {
  return [
    { keyword: 'Title', text: TITLE },
    { keyword: 'Description', text: described(trend) },
  ]
}

const share = (of: number): string => `${Number((of * 100).toFixed(1))} %`

function changeWords({ change, entries }: Trend): string {
  if (change === null) return 'No change of level is sure.'
  return `Since ${entries[change.at]?.head.slice(0, 12) ?? 'then'} it is ${share(change.after)} instead of ${share(change.before)}.`
}

function described(trend: Trend): string {
  const { entries, target } = trend
  if (entries.length === 0) return 'No release was measured.'
  const told = entries.map(
    ({ head, headroom, hour_usd: cost }) => `${head.slice(0, 12)}: ${share(headroom)}${cost === null ? '' : `, ${cost.toFixed(2)} USD an hour`}`,
  )
  return `${changeWords(trend)} ${share(target)} must be left. ${told.join('; ')}.`
}

function plot({ entries, target, change }: Trend): readonly string[] {
  const lowest = Math.min(0, ...entries.map(({ headroom }) => headroom))
  const x = (at: number): number => (entries.length === 1 ? (LEFT + RIGHT) / 2 : LEFT + 30 + (at / (entries.length - 1)) * (RIGHT - LEFT - 60))
  const y = (value: number): number => BOTTOM - ((value - lowest) / (1 - lowest)) * (BOTTOM - TOP)
  const every = Math.ceil(entries.length / 10)
  return [
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((tick) => [
      `<line x1="${LEFT}" y1="${n(y(tick))}" x2="${RIGHT}" y2="${n(y(tick))}" stroke="#e3e3e3"/>`,
      text(LEFT - 12, y(tick) + 5, 14, share(tick), { anchor: 'end', colour: GREY }),
    ]),
    `<line x1="${LEFT}" y1="${n(y(target))}" x2="${RIGHT}" y2="${n(y(target))}" stroke="${INK}" stroke-width="2" stroke-dasharray="2 4"/>`,
    ...(change === null
      ? []
      : [
          `<line x1="${n((x(change.at - 1) + x(change.at)) / 2)}" y1="${TOP}" x2="${n((x(change.at - 1) + x(change.at)) / 2)}" y2="${BOTTOM}" stroke="#c04f00" stroke-width="2" stroke-dasharray="6 5"/>`,
        ]),
    `<polyline points="${entries.map(({ headroom }, at) => `${n(x(at))},${n(y(headroom))}`).join(' ')}" fill="none" stroke-linejoin="round" ${stroke(LINE)}/>`,
    ...entries.map(({ headroom }, at) => `<circle cx="${n(x(at))}" cy="${n(y(headroom))}" r="5" fill="${INK}"/>`),
    ...entries.flatMap(({ head, hour_usd: cost }, at) =>
      at % every === 0 || at === entries.length - 1
        ? [
            text(x(at), BOTTOM + 24, 14, head.slice(0, 7), { anchor: 'middle', colour: GREY }),
            ...(cost === null ? [] : [text(x(at), BOTTOM + 46, 14, `${cost.toFixed(2)} USD/h`, { anchor: 'middle', colour: GREY })]),
          ]
        : [],
    ),
  ]
}
