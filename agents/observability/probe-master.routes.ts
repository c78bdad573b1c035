/** An OpenAPI document -> its routes, and which of them the journeys walk. Pure. */
import { z } from 'zod'
import type { Journey } from '../../evidence/probes/journeys.ts'
import { readYaml } from '../yaml.ts'

export interface Route {
  readonly method: string
  /** As the document writes it: `/orders/{id}`. */
  readonly path: string
  /** `x-critical: true` at the operation or at its path. */
  readonly isCritical: boolean
}

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete'] as const
const Operation = z.looseObject({ 'x-critical': z.boolean().optional() })
const Item = z.looseObject({ 'x-critical': z.boolean().optional() })
const Document = z.looseObject({ openapi: z.string().regex(/^3\./), paths: z.record(z.string().max(1000), Item).default({}) })
const LIMITS = { text: 2_000_000, documents: 1 }

/** @returns null when it is no OpenAPI 3 document */
export function routesOf(text: string): readonly Route[] | null {
  const read = readYaml(text, LIMITS)
  const parsed = 'problem' in read ? null : Document.safeParse(read.documents[0]?.value)
  if (parsed?.success !== true) return null
  return Object.entries(parsed.data.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = Operation.safeParse(item[method])
      if (!operation.success) return []
      return [{ method: method.toUpperCase(), path, isCritical: operation.data['x-critical'] ?? item['x-critical'] ?? false }]
    }),
  )
}

export function isWalked(route: Route, journeys: readonly Journey[]): boolean {
  return journeys.some(({ steps }) => steps.some(({ method, path }) => method === route.method && isOn(path, route.path)))
}

/** `/orders/17?x=1` is on `/orders/{id}`. */
function isOn(path: string, route: string): boolean {
  const [parts, names] = [path.split(/[?#]/)[0] ?? '', route].map((one) => one.replace(/\/+$/, '').split('/'))
  return (
    parts !== undefined &&
    names !== undefined &&
    parts.length === names.length &&
    names.every((name, at) => /^\{[^}]+\}$/.test(name) || name === parts[at])
  )
}
