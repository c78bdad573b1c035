/** One request on its way through the double, and what a route gives back. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Actor, Json, Repository } from '../world/model.ts'
import type { World } from '../world/world.ts'
import type { Bus } from '../hook/bus.ts'

export interface Call {
  readonly world: World
  readonly bus: Bus
  readonly method: string
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, unknown>>
  readonly body: Json
  /** Raw bytes, for uploads. */
  readonly bytes: Buffer
  readonly headers: IncomingHttpHeaders
  readonly actor: Actor
  /** The repository of the path; a route without one must not ask. */
  readonly repository: Repository
  /** Path and query as asked, for links. */
  readonly url: URL
}

export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Bytes instead of JSON: not checked against a schema. */
  readonly raw?: { readonly bytes: Uint8Array; readonly type: string }
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** Template exactly as GitHub publishes it. */
  readonly path: string
  readonly handle: (call: Call) => Promise<Answer> | Answer
}

export const route = (method: Route['method'], path: string, handle: Route['handle']): Route => ({ method, path, handle })

export const ok = (body: unknown, headers?: Readonly<Record<string, string>>): Answer =>
  headers ? { status: 200, body, headers } : { status: 200, body }
export const created = (body: unknown): Answer => ({ status: 201, body })
export const empty = (status = 204): Answer => ({ status })

/** One page of a list and its `Link` header. `per_page` 30 by default, 100 at most. */
export const page = <T>(call: Call, items: readonly T[]): { items: T[]; headers: Record<string, string> } => {
  const size = Math.min(100, Math.max(1, Number(call.query['per_page'] ?? 30)))
  const number = Math.max(1, Number(call.query['page'] ?? 1))
  const last = Math.max(1, Math.ceil(items.length / size))
  const link = (target: number, rel: string): string => {
    const url = new URL(call.url)
    url.searchParams.set('page', String(target))
    return `<${url.href}>; rel="${rel}"`
  }
  const links = [
    ...(number > 1 ? [link(number - 1, 'prev'), link(1, 'first')] : []),
    ...(number < last ? [link(number + 1, 'next'), link(last, 'last')] : []),
  ]
  return { items: items.slice((number - 1) * size, number * size), headers: links.length > 0 ? { link: links.join(', ') } : {} }
}
