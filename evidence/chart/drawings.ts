/** Which files of agents have a picture beside them, drawn by the App from the file alone, so that whoever reads the pack can draw it again. Pure. */
import type { z } from 'zod'
import type { GateId } from '../model/phases.ts'
import { CAPACITY, CAPACITY_CHART, OBJECTIVE, objectiveChartPath, TREND, TREND_CHART } from '../pack/layout.ts'
import { CapacitySeries } from '../perf/series.ts'
import { Trend } from '../perf/trend.ts'
import { ObjectiveSeries } from '../slo/series.ts'
import { capacityPicture, capacityWords } from './capacity.ts'
import { objectivePicture, objectiveWords } from './objective.ts'
import type { PngText } from './png-text.ts'
import { trendPicture, trendWords } from './trend.ts'

export interface Drawn {
  svg(): string
  words(): readonly PngText[]
}

export interface Drawing {
  /** Beside whose check it is shown. */
  readonly gate: GateId
  isOf(path: string): boolean
  /** Path of the picture of a file. */
  chartPath(path: string): string
  /** One line for a check. */
  caption(path: string): string
  readonly schema: z.ZodType
  /** Null: it does not fit the schema. */
  drawn(value: unknown): Drawn | null
}

function drawing<Series>(
  of: Omit<Drawing, 'schema' | 'drawn'> & {
    readonly schema: z.ZodType<Series>
    readonly picture: (series: Series) => string
    readonly words: (series: Series) => readonly PngText[]
  },
): Drawing {
  return {
    ...of,
    drawn(value) {
      const parsed = of.schema.safeParse(value)
      return parsed.success ? { svg: () => of.picture(parsed.data), words: () => of.words(parsed.data) } : null
    },
  }
}

export const DRAWINGS: readonly Drawing[] = [
  drawing({
    gate: 'slo',
    isOf: (path) => OBJECTIVE.test(path),
    chartPath: objectiveChartPath,
    caption: (path) => `What was bad, against the budget of ${/([^/]+)\.objective\.json$/.exec(path)?.[1] ?? path}`,
    schema: ObjectiveSeries,
    picture: objectivePicture,
    words: objectiveWords,
  }),
  drawing({
    gate: 'perf',
    isOf: (path) => path === CAPACITY,
    chartPath: () => CAPACITY_CHART,
    caption: () => 'Answers a second by number of users, the law through them, and the peak of production',
    schema: CapacitySeries,
    picture: capacityPicture,
    words: capacityWords,
  }),
  drawing({
    gate: 'perf',
    isOf: (path) => path === TREND,
    chartPath: () => TREND_CHART,
    caption: () => 'Headroom at the peak, release by release',
    schema: Trend,
    picture: trendPicture,
    words: trendWords,
  }),
]

export function drawingOf(path: string): Drawing | undefined {
  return DRAWINGS.find((one) => one.isOf(path))
}
