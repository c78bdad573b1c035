/**
 * What the pages of a service say of each objective, for teams without a Prometheus: all instances are scraped again and again for a stated time, and the
 * increments of their counters are added up. Only that time is known; budgets and longer windows are not.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { SloSource } from '../../../evidence/model/config/slo.ts'
import { milliseconds } from '../../../evidence/model/primitives.ts'
import { counterQuery } from '../../../evidence/slo/counters.ts'
import type { Slo } from '../../../evidence/slo/registry.ts'
import { countedBetween, type Page } from '../../../evidence/slo/scraped.ts'
import type { Course, Objectives, Point, Problem, Reading } from '../inputs.objectives.ts'
import { boundedGet, metricsAddress } from './bounded-get.ts'
import { parseOpenMetrics } from './openmetrics.ts'
import { problemOf } from './problem.ts'

type OpenMetrics = Extract<SloSource, { kind: 'openmetrics' }>
type Watched = Pick<Objectives, 'readings' | 'courses'> & { readonly watchedMs: number; readonly at: number }

const PAGE_CAPS = { maxBytes: 4 << 20, timeoutMs: 5_000 }
const LEAST_PAUSE_MS = 1000
const MOST_LOOKS = 60

/** @param now epoch milliseconds, as often as it is asked */
export async function objectivesWatched(slos: readonly Slo[], source: OpenMetrics, now: () => number): Promise<Watched> {
  const pages: Page[] = []
  let failed: Problem | null = null
  const span = milliseconds(source.for)
  const gap = Math.max(LEAST_PAUSE_MS, span / MOST_LOOKS)
  for (;;) {
    try {
      pages.push(await pageOf(source.urls, now))
      failed = null
    } catch (error) {
      failed = problemOf(error)
      // Without a first page there is nothing to count from.
      if (pages.length === 0) break
    }
    const left = (pages[0]?.at ?? 0) + span - now()
    if (left <= 0) break
    await pause(Math.min(gap, left))
  }
  const [first, last] = [pages[0], pages.at(-1)]
  const watchedMs = first === undefined || last === undefined ? 0 : last.at - first.at
  const all = slos.map((slo) => measured(slo, pages, failed))
  return { readings: all.flatMap(({ readings }) => readings), courses: all.map(({ course }) => course), watchedMs, at: last?.at ?? now() }
}

async function pageOf(urls: readonly string[], now: () => number): Promise<Page> {
  const texts = await Promise.all(urls.map((url) => boundedGet(metricsAddress(url), PAGE_CAPS)))
  const at = now()
  return { at, series: texts.flatMap((text, index) => parseOpenMetrics(text).series.map((one) => ({ ...one, instance: urls[index] ?? '' }))) }
}

function measured(slo: Slo, pages: readonly Page[], failed: Problem | null): { readonly readings: readonly Reading[]; readonly course: Course } {
  const { indicator } = slo
  const nothing = (problem: Problem) => ({
    readings: [{ ...frame(slo, 'total', slo.id), value: null, problem }],
    course: { slo: slo.id, points: [] },
  })
  if (indicator.kind !== 'ratio' || slo.slice !== null)
    return nothing({
      code: 'needs-prometheus',
      message: 'Thresholds and time slices need a Prometheus; a scrape counts good or bad, and total.',
    })
  if (failed !== null) return nothing(failed)
  const asked = [
    { part: indicator.counts, query: indicator.part },
    { part: 'total' as const, query: indicator.total },
  ].map(({ part, query }) => ({ part, query, steps: stepsOf(query, pages) }))
  const readings = asked.map(({ part, query, steps }): Reading =>
    'code' in steps
      ? { ...frame(slo, part, query), value: null, problem: { code: steps.code, message: steps.message.slice(0, 600) } }
      : { ...frame(slo, part, query), value: Math.max(0, sum(steps)), problem: null },
  )
  const [some, all] = asked.map(({ steps }) => ('code' in steps ? [] : steps))
  const points = pages.slice(1).flatMap(({ at }, index): Point[] => {
    const [one, total, from] = [some?.[index], all?.[index], pages[index]?.at]
    if (one === undefined || total === undefined || from === undefined || total <= 0 || at <= from) return []
    return [{ from, to: at, bad: Math.max(0, indicator.counts === 'bad' ? one : total - one), total }]
  })
  return { readings, course: { slo: slo.id, points } }
}

function frame(slo: Slo, part: Reading['part'], query: string): Pick<Reading, 'slo' | 'window' | 'part' | 'query'> {
  return { slo: slo.id, window: 'scrape', part, query }
}

function stepsOf(text: string, pages: readonly Page[]): ReturnType<typeof countedBetween> {
  const read = counterQuery(text)
  if ('problem' in read) return { code: 'inconsistent', message: `no counters: ${read.problem}` }
  if (pages.length < 2) return { code: 'absent', message: 'There are not two pages to count between.' }
  return countedBetween(read.query, pages)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
