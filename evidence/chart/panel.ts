/** One panel of a picture: its frame and axis, its gaps, its lines. Pure. */
import { span, ticksUpTo } from './axis.ts'
import type { Arm, Column } from './intervals.ts'
import { GREY, n, stroke, text, type Style } from './svg.ts'

export const WIDTH = 1200
export const LEFT = 92
export const RIGHT = WIDTH - 48

/** What is drawn over the time. */
export interface Across {
  readonly canary: Arm
  readonly stable: Arm
  readonly x: (at: number) => number
}

export interface Panel {
  readonly top: number
  readonly bottom: number
}

export interface Scale {
  readonly ticks: readonly number[]
  readonly y: (value: number) => number
}

export function scaleOf(most: number, panel: Panel): Scale {
  const ticks = ticksUpTo(most)
  const top = ticks.at(-1) ?? 1
  return { ticks, y: (value) => panel.bottom - (Math.min(value, top) / top) * (panel.bottom - panel.top) }
}

export function frame(panel: Panel, { ticks, y }: Scale, label: (value: number) => string, title: string): readonly string[] {
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
export function bands({ canary, stable, x }: Across, panel: Panel, limit: number | null): readonly string[] {
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
export function lines(arm: Arm, { x }: Pick<Across, 'x'>, style: Style, value: (column: Column) => number | null, { y }: Scale): readonly string[] {
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
