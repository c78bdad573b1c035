/**
 * As much of a Kubernetes API server as routers ask: one kind of objects over real HTTP, read, applied server side with field managers, patched, with its
 * status apart from the rest. Every object that leaves it or is stored holds by the published schema, when it is given one; a violation is kept in
 * `violations`, which a test expects to be empty.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import type { Crd } from './crd.ts'

type Json = Record<string, unknown>

export interface Stored extends Json {
  metadata: Json & { name: string; namespace: string; generation: number; resourceVersion: string }
  spec: Json
  status?: Json
}

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly contentType: string
  readonly body: unknown
}

export interface ApiServer {
  readonly url: string
  readonly object: Stored
  readonly asked: Asked[]
  readonly violations: string[]
  /** Owners of fields below spec, by name. */
  readonly owners: Map<string, string>
  /** Answers instead, when it returns one. */
  fault: ((asked: Asked) => { readonly status: number; readonly body: string } | null) | null
  /** Hears, and does not answer. */
  stall: boolean
  /** After each change of spec. */
  onSpec: ((object: Stored) => void) | null
  /** After each patch that changed something. */
  onPatch: (() => void) | null
  /** Somebody else changes it. */
  change(edit: (object: Stored) => void, owner?: string): void
  close(): Promise<void>
}

export interface ApiServerOptions {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly object: Json & { metadata: { name: string; namespace: string }; spec: Json; status?: Json }
  /** Owner of everything below spec at first. */
  readonly owner?: string
  readonly token?: string
  readonly crd?: Crd
  /** What the API server fills in. */
  readonly defaults?: (object: Stored) => void
}

class Refused extends Error {
  readonly status: number
  readonly body: Json
  constructor(status: number, reason: string, message: string, details: Json = {}) {
    super(message)
    this.status = status
    this.body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code: status }
  }
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** RFC 7396. */
function merged(target: unknown, patch: unknown): unknown {
  if (!isJson(patch)) return patch
  const result: Json = isJson(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = merged(result[key], value)
  }
  return result
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

export async function apiServer({
  group,
  version,
  plural,
  object: first,
  owner = 'kubectl-client-side-apply',
  token,
  crd,
  defaults,
}: ApiServerOptions): Promise<ApiServer> {
  const object = structuredClone(first) as Stored
  Object.assign(object.metadata, { generation: 1, resourceVersion: '1', uid: '4d5b2f3c-0000-4000-8000-000000000001' })
  defaults?.(object)
  const base = `/apis/${group}/${version}/namespaces/${object.metadata.namespace}/${plural}/${object.metadata.name}`
  let revision = 1
  const owners = new Map(Object.keys(object.spec).map((field) => [field, owner]))

  function hold(what: string, problems: readonly string[]): void {
    server.violations.push(...problems.map((problem) => `${what}: ${problem}`))
  }

  function store(next: Stored): Stored {
    const before = structuredClone(object)
    defaults?.(next)
    const problems = crd?.problems(next) ?? []
    if (problems.length > 0) throw new Refused(422, 'Invalid', `${String(next['kind'])} is invalid: ${problems.join('; ')}`)
    const changed = !isDeepStrictEqual(next.spec, before.spec)
    const annotated = !isDeepStrictEqual(next.metadata['annotations'], before.metadata['annotations'])
    if (!changed && !annotated && isDeepStrictEqual(next.status, before.status)) return object
    for (const key of Object.keys(object)) delete object[key]
    Object.assign(object, next)
    revision += 1
    const annotations = next.metadata['annotations']
    object.metadata = {
      ...before.metadata,
      ...(annotations !== undefined && { annotations }),
      resourceVersion: String(revision),
      generation: before.metadata.generation + (changed ? 1 : 0),
    }
    if (changed) server.onSpec?.(object)
    return object
  }

  function apply({ body, query }: Asked): Stored {
    const manager = query['fieldManager']
    if (manager === undefined)
      throw new Refused(400, 'BadRequest', 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch')
    const { metadata, spec, ...rest } = body as Stored
    if (rest['apiVersion'] !== `${group}/${version}` || rest['kind'] !== object['kind'] || metadata.name !== object.metadata.name)
      throw new Refused(400, 'BadRequest', 'the object provided is not the one of the path')
    if (metadata.resourceVersion !== undefined && metadata.resourceVersion !== object.metadata.resourceVersion)
      throw new Refused(
        409,
        'Conflict',
        'Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version and try again',
      )
    const next = structuredClone(object)
    Object.assign(next.spec, structuredClone(spec))
    defaults?.(next)
    const fields = Object.keys(spec)
    const lost = fields.filter((field) => (owners.get(field) ?? manager) !== manager && !isDeepStrictEqual(next.spec[field], object.spec[field]))
    if (lost.length > 0 && query['force'] !== 'true') {
      const causes = lost.map((field) => ({
        reason: 'FieldManagerConflict',
        message: `conflict with "${owners.get(field) ?? ''}" using ${group}/${version}`,
        field: `.spec.${field}`,
      }))
      throw new Refused(409, 'Conflict', `Apply failed with ${lost.length} conflict: ${causes[0]?.message ?? ''}: ${causes[0]?.field ?? ''}`, {
        causes,
      })
    }
    const stored = store(next)
    for (const field of fields) owners.set(field, manager)
    return stored
  }

  function merge({ body, path }: Asked): Stored {
    const { resourceVersion } = (body as Partial<Stored>).metadata ?? {}
    if (resourceVersion !== undefined && resourceVersion !== object.metadata.resourceVersion)
      throw new Refused(
        409,
        'Conflict',
        'Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version and try again',
      )
    const next = merged(structuredClone(object), body) as Stored
    // Each path changes its own part only.
    if (path.endsWith('/status')) Object.assign(next, { spec: structuredClone(object.spec), metadata: structuredClone(object.metadata) })
    else if (object.status !== undefined) next.status = structuredClone(object.status)
    return store(next)
  }

  function answer(asked: Asked, authorization: string | undefined): Stored {
    if (token !== undefined && authorization !== `Bearer ${token}`) throw new Refused(401, 'Unauthorized', 'Unauthorized')
    if (asked.path !== base && asked.path !== `${base}/status`)
      throw new Refused(404, 'NotFound', `${plural}.${group} "${asked.path.split('/')[7] ?? ''}" not found`)
    if (asked.method === 'GET') return object
    if (asked.method !== 'PATCH') throw new Refused(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource')
    if (asked.contentType === 'application/apply-patch+yaml') return apply(asked)
    if (asked.contentType === 'application/merge-patch+json') return merge(asked)
    throw new Refused(415, 'UnsupportedMediaType', `the body of the request was in an unknown format: ${asked.contentType}`)
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const text = await textOf(request)
    const asked: Asked = {
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      contentType: request.headers['content-type'] ?? '',
      body: text === '' ? null : (JSON.parse(text) as unknown),
    }
    server.asked.push(asked)
    const send = (status: number, body: string) => response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    if (server.stall) return
    const fault = server.fault?.(asked) ?? null
    if (fault !== null) return void send(fault.status, fault.body)
    try {
      const body = answer(asked, request.headers.authorization)
      hold(`answer to ${asked.method}`, crd?.problems(body) ?? [])
      send(200, JSON.stringify(body))
      if (asked.method === 'PATCH') server.onPatch?.()
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      send(error.status, JSON.stringify(error.body))
    }
  }

  const http = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      server.violations.push(String(error))
      response.destroy()
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const server: ApiServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    object,
    asked: [],
    violations: [],
    owners,
    fault: null,
    stall: false,
    onSpec: null,
    onPatch: null,
    change(edit, by) {
      const next = structuredClone(object)
      edit(next)
      store(next)
      if (by !== undefined) for (const field of Object.keys(object.spec)) owners.set(field, by)
    },
    async close() {
      const closed = once(http, 'close')
      http.close()
      http.closeAllConnections()
      await closed
    },
  }
  hold('the first object', crd?.problems(object) ?? [])
  return server
}

/** A kubeconfig for it. The client takes an address without TLS only when it is told so. */
export function kubeconfigOf(url: string, token = 'a-token'): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'loopback', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'app', user: { token } }],
    contexts: [{ name: 'loopback', context: { cluster: 'loopback', user: 'app' } }],
    'current-context': 'loopback',
  })
}
