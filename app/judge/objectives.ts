/** OpenSLO v1 documents -> the objectives that errors are held to (https://github.com/OpenSLO/OpenSLO, kind SLO). Pure. */
import { z } from 'zod'
import { readDocument } from '../../evidence/config/document.ts'
import type { Objective } from '../../gates/judge/burn.ts'

const Share = z.number().gt(0).lt(1)
const Slo = z.object({
  apiVersion: z.string().regex(/^openslo\/v1(?:\b|$)/, 'openslo/v1'),
  kind: z.literal('SLO'),
  metadata: z.object({ name: z.string().min(1).max(100) }),
  spec: z.object({
    indicator: z.unknown().optional(),
    objectives: z
      .array(z.object({ target: Share.optional(), targetPercent: z.number().gt(0).lt(100).optional(), op: z.string().optional() }))
      .min(1)
      .max(20),
  }),
})

export interface Objectives {
  readonly objectives: readonly Objective[]
  /** SLOs about something else than failed requests: a tick cannot tell them. */
  readonly others: readonly string[]
}

/** @returns a sentence for the first document that cannot be read */
export function objectivesIn(text: string): Objectives | string {
  const [objectives, others]: [Objective[], string[]] = [[], []]
  for (const part of text.split(/^---[ \t]*$/m).filter((each) => each.trim() !== '')) {
    const document = readDocument(part)
    if (!document.ok) return document.problems[0]?.message ?? 'it cannot be read'
    if ((document.value as { readonly kind?: unknown } | null)?.kind !== 'SLO') continue
    const read = Slo.safeParse(document.value)
    if (!read.success) return `${read.error.issues[0]?.path.join('.') ?? ''}: ${read.error.issues[0]?.message ?? 'no SLO'}`
    const { metadata, spec } = read.data
    if (isOfTime(spec.indicator) || spec.objectives.some(({ op }) => op !== undefined)) {
      others.push(metadata.name)
      continue
    }
    for (const { target, targetPercent } of spec.objectives) {
      const share = target ?? (targetPercent === undefined ? undefined : targetPercent / 100)
      if (share === undefined) return `${metadata.name} has an objective without a target`
      objectives.push({ name: metadata.name, target: share })
    }
  }
  return { objectives, others }
}

/** Thresholds, and ratios over the buckets of a histogram, are about how long, not about whether. */
function isOfTime(indicator: unknown): boolean {
  return /"thresholdMetric"|_bucket\b|latency|duration/i.test(JSON.stringify(indicator ?? null))
}
