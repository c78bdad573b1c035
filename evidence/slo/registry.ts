/** OpenSLO files -> the objectives a repository holds itself to, or every problem with them. Pure. */
import { readObjects, type SloObject } from './documents.ts'
import { counterQuery, valueQuery } from './counters.ts'
import { IndicatorSpec, queryOf, shorthandMs, SloSpec, targetOf, type ObjectiveSpec, type TimeWindow } from './model.ts'
import type { SloProblem } from './problem.ts'

export type Indicator =
  | { readonly kind: 'ratio'; readonly counts: 'good' | 'bad'; readonly part: string; readonly total: string }
  | { readonly kind: 'threshold'; readonly query: string; readonly op: 'lte' | 'gte' | 'lt' | 'gt'; readonly value: number }

/** One objective: an SLO with several has one of these for each. */
export interface Slo {
  /** The SLO's name; `name_2` for its second objective. */
  readonly id: string
  readonly name: string
  readonly service: string | null
  readonly path: string
  readonly line: number
  /** Share of what must be good, in [0, 1). */
  readonly target: number
  readonly window: TimeWindow
  readonly indicator: Indicator
  /** By time slices: how long each is, and which share of it must be good. Null: by occurrences. */
  readonly slice: { readonly ms: number; readonly target: number } | null
}

export interface Registry {
  readonly slos: readonly Slo[]
  readonly problems: readonly SloProblem[]
}

/** Of an SLO that names no window. */
const DEFAULT_WINDOW: TimeWindow = { duration: '30d', isRolling: true }

export function registryOf(files: readonly { readonly path: string; readonly text: string }[]): Registry {
  const read = files.map(({ path, text }) => readObjects(path, text))
  const problems: SloProblem[] = read.flatMap((each) => each.problems)
  const objects = read.flatMap((each) => each.objects)
  problems.push(...doubled(objects))
  const indicators = new Map<string, IndicatorSpec | null>()
  for (const object of objects.filter(({ kind }) => kind === 'SLI')) {
    const checked = object.check(IndicatorSpec)
    indicators.set(object.name, 'value' in checked ? checked.value : null)
    if ('problems' in checked) problems.push(...checked.problems)
  }
  const services = new Set(objects.filter(({ kind }) => kind === 'Service').map(({ name }) => name))
  const slos: Slo[] = []
  for (const object of objects.filter(({ kind }) => kind === 'SLO')) {
    const checked = object.check(SloSpec)
    if ('problems' in checked) {
      problems.push(...checked.problems)
      continue
    }
    const { service } = checked.value
    if (service !== undefined && services.size > 0 && !services.has(service))
      problems.push(object.problem(['service'], `there is no Service ${service} in these files`, `one of ${[...services].join(', ')}`))
    const answer = slosOf(object, checked.value, indicators)
    problems.push(...answer.problems)
    slos.push(...answer.slos)
  }
  return { slos: slos.toSorted((a, b) => (a.id < b.id ? -1 : 1)), problems }
}

function doubled(objects: readonly SloObject[]): SloProblem[] {
  return objects.flatMap((object, at) => {
    const first = objects.slice(0, at).find((other) => other.kind === object.kind && other.name === object.name)
    if (first === undefined) return []
    return [
      {
        ...object.problem([], `${object.kind} ${object.name} stands in ${first.path}:${first.line} too`, 'each name once'),
        line: object.line,
        key: 'metadata.name',
        example: 'name: availability',
      },
    ]
  })
}

function slosOf(object: SloObject, spec: SloSpec, indicators: ReadonlyMap<string, IndicatorSpec | null>): Registry {
  const { indicator: inline, indicatorRef: ref } = spec
  if ((inline === undefined) === (ref === undefined))
    return none(object.problem([], 'it has no indicator, or two', 'either indicator, or indicatorRef with the name of an SLI'))
  const found = inline?.spec ?? indicators.get(ref ?? '')
  if (found === undefined)
    return none(
      object.problem(
        ['indicatorRef'],
        `there is no SLI ${ref} in these files`,
        `one of ${[...indicators.keys()].join(', ') || 'none: write an SLI'}`,
      ),
    )
  // What is wrong with an SLI is told where it stands.
  if (found === null) return { slos: [], problems: [] }
  const [slos, problems]: [Slo[], SloProblem[]] = [[], []]
  for (const [at, objective] of spec.objectives.entries()) {
    const one = sloOf(object, spec, found, objective, at)
    if ('problems' in one) problems.push(...one.problems)
    else slos.push(one)
  }
  return { slos, problems }
}

function none(problem: SloProblem): Registry {
  return { slos: [], problems: [problem] }
}

function sloOf(
  object: SloObject,
  spec: SloSpec,
  found: IndicatorSpec,
  objective: ObjectiveSpec,
  at: number,
): Slo | { readonly problems: readonly SloProblem[] } {
  const problems: SloProblem[] = []
  const here = (key: string, message: string, expected: string) => problems.push(object.problem(['objectives', at, key], message, expected))
  const isSliced = spec.budgetingMethod === 'Timeslices'
  if (isSliced && (objective.timeSliceTarget === undefined || objective.timeSliceWindow === undefined))
    here('timeSliceTarget', 'time slices need both timeSliceTarget and timeSliceWindow', 'timeSliceTarget and timeSliceWindow')
  if (!isSliced && (objective.timeSliceTarget ?? objective.timeSliceWindow) !== undefined)
    here('timeSliceTarget', 'the budgeting method is Occurrences', 'budgetingMethod: Timeslices, or neither of the two')
  const { timeSliceWindow: width = 1 } = objective
  const sliceMs = typeof width === 'number' ? width * 60_000 : shorthandMs(width)
  const indicator = indicatorOf(object, found, objective, here)
  problems.push(...indicator.problems)
  const { value } = indicator
  if (problems.length > 0 || value === null) return { problems }
  return {
    id: at === 0 ? object.name : `${object.name}_${at + 1}`,
    name: object.name,
    service: spec.service ?? null,
    path: object.path,
    line: object.line,
    target: targetOf(objective),
    window: spec.timeWindow?.[0] ?? DEFAULT_WINDOW,
    indicator: value,
    slice: isSliced ? { ms: sliceMs, target: objective.timeSliceTarget ?? 1 } : null,
  }
}

function indicatorOf(
  object: SloObject,
  found: IndicatorSpec,
  { op, value }: ObjectiveSpec,
  here: (key: string, message: string, expected: string) => unknown,
): { readonly value: Indicator | null; readonly problems: readonly SloProblem[] } {
  const { ratioMetric: ratio, thresholdMetric: threshold } = found
  if (threshold !== undefined) {
    const query = queryOf(threshold)
    const read = valueQuery(query)
    const problems =
      'problem' in read ? [object.problem(['indicator'], `the query of thresholdMetric cannot be used: ${short(query)}`, read.problem)] : []
    if (op === undefined) here('op', 'a thresholdMetric is compared, and nothing says how', 'lte, gte, lt or gt')
    if (value === undefined) here('value', 'a thresholdMetric is compared, and nothing says with what', 'a number')
    return { value: op === undefined || value === undefined ? null : { kind: 'threshold', query, op, value }, problems }
  }
  if (op !== undefined || value !== undefined) here('op', 'a ratioMetric is not compared with a value', 'neither op nor value')
  const counts = ratio?.good === undefined ? 'bad' : 'good'
  const [part, total] = [ratio?.good ?? ratio?.bad, ratio?.total].map((metric) => (metric === undefined ? '' : queryOf(metric)))
  const problems = [
    [counts, part ?? ''],
    ['total', total ?? ''],
  ].flatMap(([name = '', query = '']) => {
    const read = counterQuery(query)
    if ('problem' in read) return [object.problem(['indicator'], `the query of ${name} cannot be used: ${short(query)}`, read.problem)]
    if (name === 'total' && read.query.zero)
      return [
        object.problem(
          ['indicator'],
          'the query of total ends in or vector(0)',
          'a total without it: without requests nothing is known, and that is not zero',
        ),
      ]
    return []
  })
  return { value: { kind: 'ratio', counts, part: part ?? '', total: total ?? '' }, problems }
}

function short(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}
