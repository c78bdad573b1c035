/** OpenSLO v1 objects -> the objectives that errors are held to. Of an SLO only its targets count here: what is failed, the judge is told with each tick. Pure. */
import { z } from 'zod'
import { readObjects } from '../../evidence/slo/documents.ts'
import { Objectives as Targets, targetOf } from '../../evidence/slo/model.ts'
import { describeSloProblem } from '../../evidence/slo/problem.ts'
import type { Objective } from '../../gates/judge/burn.ts'

const Slo = z.looseObject({ indicator: z.unknown().optional(), objectives: Targets })

export interface Objectives {
  readonly objectives: readonly Objective[]
  /** SLOs about something else than failed requests: a tick cannot tell them. */
  readonly others: readonly string[]
}

/** @returns a sentence for the first object that cannot be read */
export function objectivesIn(text: string, path = 'OpenSLO'): Objectives | string {
  const [objectives, others]: [Objective[], string[]] = [[], []]
  const read = readObjects(path, text)
  const [fault] = read.problems
  if (fault !== undefined) return describeSloProblem(fault)
  for (const object of read.objects.filter(({ kind }) => kind === 'SLO')) {
    const checked = object.check(Slo)
    if ('problems' in checked) return checked.problems.slice(0, 1).map(describeSloProblem).join('')
    const { indicator, objectives: targets } = checked.value
    if (isOfTime(indicator) || targets.some(({ op }) => op !== undefined)) others.push(object.name)
    else objectives.push(...targets.map((target) => ({ name: object.name, target: targetOf(target) })))
  }
  return { objectives, others }
}

/** Thresholds, and ratios over the buckets of a histogram, are about how long, not about whether. */
function isOfTime(indicator: unknown): boolean {
  return /"thresholdMetric"|_bucket\b|latency|duration/i.test(JSON.stringify(indicator ?? null))
}
