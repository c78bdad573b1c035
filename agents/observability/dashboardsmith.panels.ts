/** Grafana dashboards -> their panels, and which metrics each asks for. Pure. https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/ */
import { z } from 'zod'
import { below, parsePromql } from '../../evidence/slo/promql-tree.ts'

export interface Panel {
  /** Where its dashboard stands: a path, or `grafana:<uid>`. */
  readonly where: string
  readonly title: string
  readonly queries: readonly Query[]
}

export interface Query {
  readonly expr: string
  /** Of its selectors; null: it cannot be read. */
  readonly metrics: readonly string[] | null
}

const Target = z.looseObject({ expr: z.string().max(20_000).optional() })
const Item: z.ZodType<{ title?: string | undefined; targets?: z.infer<typeof Target>[] | undefined; panels?: unknown[] | undefined }> = z.looseObject(
  {
    title: z.string().max(1000).optional(),
    targets: z.array(Target).max(100).optional(),
    panels: z.array(z.unknown()).max(500).optional(),
  },
)
const Dashboard = z.looseObject({ title: z.string().min(1).max(1000), schemaVersion: z.number().optional(), panels: z.array(z.unknown()).max(1000) })
const MOST_DEPTH = 3

/** @returns null when it is no dashboard of Grafana */
export function panelsOf(where: string, text: string): readonly Panel[] | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const parsed = Dashboard.safeParse(value)
  return parsed.success ? parsed.data.panels.flatMap((item) => read(where, item, 0)) : null
}

/** Rows hold panels. */
function read(where: string, value: unknown, depth: number): readonly Panel[] {
  const parsed = Item.safeParse(value)
  if (!parsed.success || depth > MOST_DEPTH) return []
  const { title = 'a panel without a title', targets = [], panels = [] } = parsed.data
  const queries = targets.flatMap(({ expr }) => (expr === undefined || expr.trim() === '' ? [] : [{ expr, metrics: metricsOf(expr) }]))
  return [...(queries.length === 0 ? [] : [{ where, title, queries }]), ...panels.flatMap((panel) => read(where, panel, depth + 1))]
}

/** Grafana puts durations and names in before it asks; what it puts in is none of ours. */
function filled(expr: string): string {
  return expr
    .replaceAll(/\[\s*(?:\$\{?\w+\}?|\[\[\w+\]\])\s*(:?)/g, '[5m$1')
    .replaceAll(/:\s*(?:\$\{?\w+\}?)\s*\]/g, ':1m]')
    .replaceAll(/\$\{?__(?:rate_)?interval(?:_ms)?\}?|\$\{?__range(?:_s|_ms)?\}?/g, '5m')
}

/** @returns null when it cannot be read */
export function metricsOf(expr: string): readonly string[] | null {
  const text = filled(expr)
  const parsed = parsePromql(text)
  if ('broken' in parsed) return null
  const nodes = below(parsed.top)
  const selectors = nodes.filter((node) => node.name === 'VectorSelector')
  const named = selectors.flatMap((node) => {
    const identifier = node.getChild('Identifier')
    return identifier === null ? [] : [text.slice(identifier.from, identifier.to)]
  })
  return [...new Set(named)].toSorted()
}
