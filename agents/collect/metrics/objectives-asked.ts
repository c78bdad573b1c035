/** What a Prometheus says of each objective: what was counted in each window, when it was last scraped, and how it went over time. */
import { milliseconds } from '../../../evidence/model/primitives.ts'
import type { SloPolicy, SloSource } from '../../../evidence/model/config/slo.ts'
import { counterQuery } from '../../../evidence/slo/counters.ts'
import { questionsOf, selectorsOf } from '../../../evidence/slo/questions.ts'
import type { Slo } from '../../../evidence/slo/registry.ts'
import { windowStart } from '../../../evidence/slo/window.ts'
import type { Course, Objectives, Point, Reading } from '../inputs.objectives.ts'
import { instantValue, MAX_SKEW_MS, QUERY_CAPS, rangeValues, type Asking } from './http-api.ts'
import { problemOf } from './problem.ts'
import { graded, totalQuery } from './promql.ts'

type Prometheus = Extract<SloSource, { kind: 'prometheus' }>
type Measured = Pick<Objectives, 'readings' | 'courses'>

const INTERVALS = 2
const TOGETHER = 4
const COURSE_POINTS = 72
/** All questions together. What was not asked by then is no data. */
const PATIENCE_MS = 120_000

/** @param at epoch milliseconds: every window ends here */
export async function objectivesAsked(slos: readonly Slo[], source: Prometheus, windows: SloPolicy['windows'], at: number): Promise<Measured> {
  const staleMs = INTERVALS * milliseconds(source.interval)
  const asking: Asking = { url: source.url, headers: {}, at, staleMs, skewMs: MAX_SKEW_MS + staleMs + QUERY_CAPS.timeoutMs }
  const end = Date.now() + PATIENCE_MS
  const labels = [...new Set(windows.flatMap(({ long, short }) => [long, short]))]
  const jobs: (() => Promise<readonly Reading[]>)[] = slos.flatMap((slo) => [
    ...selectorsToProve(slo).map((selector) => async () => [await freshness(asking, slo, selector)]),
    ...labels.map((window) => () => counted(asking, slo, window, window)),
    () => counted(asking, slo, 'budget', `${Math.max(1, Math.ceil((at - windowStart(slo.window, at)) / 1000))}s`),
  ])
  const readings = (await pooled(jobs, end)).flat()
  const longest = Math.max(...labels.map(milliseconds))
  const courses = await pooled(
    slos.map((slo) => () => courseOf(asking, slo, longest)),
    end,
  )
  return { readings, courses }
}

/** A few at a time, in the order they were given; none after the end. */
async function pooled<Value>(jobs: readonly (() => Promise<Value>)[], end: number): Promise<Value[]> {
  const done: (Value | undefined)[] = jobs.map(() => undefined)
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < jobs.length && Date.now() < end) {
      const at = next
      next += 1
      done[at] = await jobs[at]?.()
    }
  }
  await Promise.all(Array.from({ length: TOGETHER }, worker))
  return done.filter((value) => value !== undefined)
}

async function counted(asking: Asking, slo: Slo, window: string, duration: string): Promise<readonly Reading[]> {
  return await Promise.all(
    questionsOf(slo, duration).map(async ({ part, query }): Promise<Reading> => {
      const reading = { slo: slo.id, window, part, query }
      try {
        const value = await instantValue(asking, query)
        if (value !== null) return { ...reading, value, problem: null }
        return { ...reading, value: null, problem: { code: 'absent', message: 'There is no answer to this query. Absence is not zero.' } }
      } catch (error) {
        return { ...reading, value: null, problem: problemOf(error) }
      }
    }),
  )
}

/** With `or vector(0)` a query answers even where nothing is: what must be there is what tells its series from the rest. */
function selectorsToProve(slo: Slo): readonly string[] {
  const { indicator } = slo
  if (indicator.kind === 'threshold') return selectorsOf(slo)
  const [part, total] = [totalQuery(indicator.part), totalQuery(indicator.total)]
  const read = counterQuery(indicator.part)
  if (!('query' in part) || !('query' in total) || !('query' in read) || !read.query.zero) return selectorsOf(slo)
  const proofs = part.query.selectors.flatMap((selector) => graded(selector, total.query.selectors) ?? [])
  return [...new Set([...total.query.selectors.map(({ text }) => text), ...proofs])]
}

async function freshness(asking: Asking, slo: Slo, selector: string): Promise<Reading> {
  const query = `max(timestamp(${selector}))`
  const reading = { slo: slo.id, window: 'now', part: 'fresh' as const, query }
  try {
    const scraped = await instantValue(asking, query)
    if (scraped === null) return { ...reading, value: null, problem: { code: 'absent', message: `Nothing tells ${selector} now.`.slice(0, 600) } }
    const age = Math.max(0, asking.at / 1000 - scraped)
    if (age * 1000 <= asking.staleMs) return { ...reading, value: Math.round(age * 1000) / 1000, problem: null }
    return { ...reading, value: null, problem: { code: 'stale', message: `${selector} was last scraped ${Math.round(age)} s ago.`.slice(0, 600) } }
  } catch (error) {
    return { ...reading, value: null, problem: problemOf(error) }
  }
}

/** For the picture. What cannot be had leaves a gap there; the readings above say why. */
async function courseOf(asking: Asking, slo: Slo, spanMs: number): Promise<Course> {
  const stepMs = Math.ceil(spanMs / COURSE_POINTS / 1000) * 1000
  const from = asking.at - Math.floor(spanMs / stepMs) * stepMs
  try {
    const [part, total] = questionsOf(slo, `${stepMs / 1000}s`)
    const [parts, totals] = await Promise.all([part, total].map(({ query }) => rangeValues(asking, query, { from: from + stepMs, stepMs })))
    const points = [...(totals ?? [])].flatMap(([to, all]): Point[] => {
      const some = parts?.get(to)
      if (some === undefined || all <= 0) return []
      return [{ from: to - stepMs, to, bad: Math.max(0, part.part === 'bad' ? some : all - some), total: all }]
    })
    return { slo: slo.id, points }
  } catch {
    return { slo: slo.id, points: [] }
  }
}
