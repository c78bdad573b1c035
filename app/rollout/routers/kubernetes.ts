/**
 * Kubernetes as the routers need it: one object read, applied, or patched, bounded in time and bytes, with every refusal as a {@link RouterError}. The
 * client of the Kubernetes project is loaded at the first call: it takes a second and 80 MB, which nobody without a cluster should pay.
 */
import type { CustomObjectsApi, RequestContext, ResponseContext } from '@kubernetes/client-node'
import { z } from 'zod'
import { RouterError } from './router.ts'
import { words } from './words.ts'

const MAX_ANSWER = 4 << 20
/** The name by which our changes are kept apart from those of others. */
export const FIELD_MANAGER = 'release-conductor'

/** Between two looks at an object whose controller is waited for. */
export const PAUSE_MS = 100
/** No look begins with less time than this left: one that is cut off would hide what the last one saw. */
const ANSWER_MS = 500

/** @param endsAt of `performance.now()` */
export function leavesTime(endsAt: number): boolean {
  return performance.now() + PAUSE_MS + ANSWER_MS <= endsAt
}

const DnsName = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/, 'a name of Kubernetes, such as shop-canary')
export const ObjectName = DnsName(253)
export const Namespace = DnsName(63)

/** How the operator's file says which cluster. */
export const CLUSTER_KEYS = {
  /** Without it: the cluster in which the App runs, as its own service account. */
  kubeconfig: z.string().min(1).max(1000).optional(),
  /** Of the kubeconfig; without it: its current one. */
  context: z.string().min(1).max(200).optional(),
} as const

export interface ClusterSource {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
}

export interface Resource {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly namespace: string
  readonly name: string
}

/** `managers`: others own what was applied, and were not overruled. `modified`: it changed since it was read. */
export type Applied =
  | { readonly ok: true; readonly object: unknown }
  | { readonly ok: false; readonly conflict: 'managers' | 'modified'; readonly why: string }

export interface Cluster {
  get(what: Resource, timeoutMs: number): Promise<unknown>
  /** Server-side apply. @param body with apiVersion, kind and metadata.name */
  apply(what: Resource, body: object, force: boolean, timeoutMs: number): Promise<Applied>
  /** JSON merge patch of the object, or of its status only. */
  merge(what: Resource, body: object, part: 'object' | 'status', timeoutMs: number): Promise<Applied>
}

const Status = z.looseObject({
  message: z.string().max(10_000).default(''),
  details: z
    .looseObject({
      causes: z
        .array(z.looseObject({ reason: z.string().optional(), message: z.string().optional() }))
        .max(100)
        .default([]),
    })
    .optional(),
})

/** The API server said no. */
interface Refusal {
  readonly status: number
  readonly said: z.infer<typeof Status>
}

async function bounded(response: ResponseContext): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body.stream() ?? []) {
    size += chunk.length
    if (size > MAX_ANSWER) throw new RouterError('malformed', `The API server's answer is longer than ${MAX_ANSWER} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function refusalOf(status: number, text: string): Refusal {
  try {
    return { status, said: Status.parse(JSON.parse(text)) }
  } catch {
    return { status, said: { message: '' } }
  }
}

interface Calls {
  readonly api: CustomObjectsApi
  options(
    contentType: string | null,
    timeoutMs: number,
    refused: (refusal: Refusal) => void,
  ): Parameters<CustomObjectsApi['getNamespacedCustomObject']>[1]
}

async function connect({ kubeconfig, context }: ClusterSource): Promise<Calls> {
  const client = await import('@kubernetes/client-node')
  const config = new client.KubeConfig()
  try {
    if (kubeconfig === undefined && process.env['KUBERNETES_SERVICE_HOST'] === undefined) throw new Error('the App runs in no cluster')
    if (kubeconfig === undefined) config.loadFromCluster()
    else config.loadFromFile(kubeconfig)
    if (context !== undefined) {
      if (config.getContextObject(context) === null) throw new Error(`it has no context ${context}`)
      config.setCurrentContext(context)
    }
    if (config.getCurrentCluster() === null) throw new Error('it names no cluster')
  } catch (error) {
    const what = kubeconfig === undefined ? 'the service account of this pod' : kubeconfig
    throw new RouterError('refused', `The cluster cannot be asked with ${what}: ${error instanceof Error ? words(error.message) : 'error'}.`, {
      cause: error,
    })
  }
  const plain = new client.IsomorphicFetchHttpLibrary()
  return {
    api: config.makeApiClient(client.CustomObjectsApi),
    options: (contentType, timeoutMs, refused) => ({
      httpApi: client.wrapHttpLibrary({
        async send(request: RequestContext): Promise<ResponseContext> {
          request.setSignal(AbortSignal.timeout(Math.max(1, Math.round(timeoutMs))))
          if (contentType !== null) request.setHeaderParam('Content-Type', contentType)
          const response = await plain.send(request).toPromise()
          const text = await bounded(response)
          if (response.httpStatusCode !== 200 && response.httpStatusCode !== 201) refused(refusalOf(response.httpStatusCode, text))
          const bytes = Buffer.from(text)
          return new client.ResponseContext(response.httpStatusCode, response.headers, {
            text: () => Promise.resolve(text),
            binary: () => Promise.resolve(bytes),
            stream: () => new Blob([bytes]).stream(),
          })
        },
      }),
    }),
  }
}

function codeOf(status: number): 'unreachable' | 'refused' {
  return status === 429 || status >= 500 ? 'unreachable' : 'refused'
}

export function cluster(source: ClusterSource): Cluster {
  let calls: Promise<Calls> | null = null

  async function call(
    { plural, name, namespace }: Resource,
    contentType: string | null,
    timeoutMs: number,
    ask: (api: CustomObjectsApi, options: ReturnType<Calls['options']>) => Promise<unknown>,
  ): Promise<Applied> {
    calls ??= connect(source)
    const connected = await calls.catch((error: unknown) => {
      calls = null
      throw error
    })
    let refusal: Refusal | null = null
    try {
      const object = await ask(
        connected.api,
        connected.options(contentType, timeoutMs, (said) => (refusal = said)),
      )
      return { ok: true, object }
    } catch (error) {
      if (error instanceof RouterError) throw error
      const said = refusal as Refusal | null
      const what = `${plural}/${name} in namespace ${namespace}`
      if (said === null)
        throw new RouterError('unreachable', `The API server does not answer about ${what}: ${words(String(error))}. Its weight is unknown.`, {
          cause: error,
        })
      const why = words(said.said.message) || `status ${said.status}`
      if (said.status !== 409) throw new RouterError(codeOf(said.status), `The API server refuses ${what}: ${why}`, { cause: error })
      const owned = said.said.details?.causes.filter(({ reason }) => reason === 'FieldManagerConflict') ?? []
      if (owned.length === 0) return { ok: false, conflict: 'modified', why }
      return { ok: false, conflict: 'managers', why: words(owned.map(({ message = '' }) => message).join(', ')) || why }
    }
  }

  return {
    async get(what, timeoutMs) {
      const answer = await call(what, null, timeoutMs, (api, options) => api.getNamespacedCustomObject(what, options))
      if (answer.ok) return answer.object
      throw new RouterError('refused', `The API server refuses ${what.plural}/${what.name}: ${answer.why}`)
    },
    apply: (what, body, force, timeoutMs) =>
      call(what, 'application/apply-patch+yaml', timeoutMs, (api, options) =>
        api.patchNamespacedCustomObject({ ...what, body, force, fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' }, options),
      ),
    merge: (what, body, part, timeoutMs) =>
      call(what, 'application/merge-patch+json', timeoutMs, (api, options) => {
        const request = { ...what, body, fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' }
        return part === 'status' ? api.patchNamespacedCustomObjectStatus(request, options) : api.patchNamespacedCustomObject(request, options)
      }),
  }
}
