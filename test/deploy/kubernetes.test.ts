/** The manifests hold by the API of Kubernetes, are restricted, and fit each other, the image and the App. No cluster is asked. */
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { expect, test } from 'vitest'
import { parseOperator } from '../../app/operator.ts'
import { WEBHOOK_PATH } from '../../app/webhooks/front-door.ts'
import { milliseconds } from '../../evidence/model/primitives.ts'
import { filesUnder, ROOT, text } from '../structure/tree.ts'
import { ended } from '../support/tools.ts'
import { stages, wordsOf } from './image-recipe.ts'
import { notRestricted, type PodSpec } from './pod-security.ts'

interface Thing {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly [key: string]: unknown
}

const THINGS = filesUnder('deploy/kubernetes').flatMap((path) => parseAllDocuments(text(path)).map((document) => document.toJS() as Thing))
const NAME = 'release-conductor'

function the(kind: string, name = NAME): Thing {
  const found = THINGS.filter((thing) => thing.kind === kind && thing.metadata.name === name)
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} ${kind} ${name}`)
  return found[0]
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
}
interface App {
  readonly name: string
  readonly env: readonly {
    readonly name: string
    readonly value?: string
    readonly valueFrom?: { readonly secretKeyRef: { readonly optional?: boolean } }
  }[]
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly startupProbe: Probe
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
  readonly lifecycle: { readonly preStop: { readonly sleep: { readonly seconds: number } } }
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[]
  readonly image: string
}
interface Selects {
  readonly selector: { readonly matchLabels: unknown }
}
interface Set_ {
  readonly spec: Selects & {
    readonly replicas: number
    readonly serviceName: string
    readonly template: {
      readonly metadata: { readonly labels: Record<string, string> }
      readonly spec: PodSpec & { readonly terminationGracePeriodSeconds: number; readonly securityContext: { readonly runAsUser: number } }
    }
    readonly volumeClaimTemplates: readonly { readonly metadata: { readonly name: string } }[]
  }
}

const SET = (the('StatefulSet') as Thing & Set_).spec
const POD = SET.template.spec
const APP = POD.containers[0] as unknown as App
const OPERATOR = parseOperator(String((the('ConfigMap') as Thing & { data: Record<string, string> }).data['operator.yml']))

/**
 * What the compiler says of the things as values of the types that Kubernetes' own OpenAPI was made into; empty when they hold. Those types call `from`
 * `_from`, because it is a word of the language.
 */
async function problems(things: readonly Thing[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'manifests-'))
  try {
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    const kinds = [...new Set(things.map(({ kind }) => `V1${kind}`))]
    const values = things.map((thing, at) => `export const thing${at}: V1${thing.kind} = ${JSON.stringify(thing).replaceAll('"from":', '"_from":')}`)
    await writeFile(join(folder, 'things.mts'), [`import type { ${kinds.join(', ')} } from '@kubernetes/client-node'`, ...values].join('\n'))
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024', '--types', 'node']
    const { code, out } = await ended(join(ROOT, 'node_modules/.bin/tsc'), [...flags, 'things.mts'], { cwd: folder })
    return code === 0 ? '' : out
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

test('each holds by the published OpenAPI of Kubernetes, and what does not would be seen', async () => {
  expect(await problems(THINGS)).toBe('')
  const service = the('Service')
  expect(await problems([{ ...service, spec: { selectors: {} } }])).toContain('selectors')
  expect(await problems([{ ...the('PodDisruptionBudget'), spec: { maxUnavailable: [] } }])).toContain('IntOrString')
  const { selector: _, ...without } = SET
  expect(await problems([{ ...the('StatefulSet'), spec: without }])).toContain("'selector'")
})

test('each is of the version that Kubernetes serves, in our namespace, and none is a secret', () => {
  const versions = Object.fromEntries(THINGS.map(({ kind, apiVersion }) => [kind, apiVersion]))
  expect(versions).toEqual({
    Namespace: 'v1',
    ConfigMap: 'v1',
    PersistentVolumeClaim: 'v1',
    ServiceAccount: 'v1',
    StatefulSet: 'apps/v1',
    PodDisruptionBudget: 'policy/v1',
    Service: 'v1',
    Ingress: 'networking.k8s.io/v1',
    NetworkPolicy: 'networking.k8s.io/v1',
  })
  expect(THINGS.filter(({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace !== NAME)).toEqual([])
  expect(APP.env.filter(({ value, valueFrom }) => value !== undefined || valueFrom === undefined)).toEqual([])
})

const own = (over: Record<string, unknown>): PodSpec => ({
  ...POD,
  containers: POD.containers.map((container) => ({ ...container, securityContext: { ...(container['securityContext'] as object), ...over } })),
})
const pod = (over: Record<string, unknown>): PodSpec => ({ ...POD, securityContext: { ...POD.securityContext, ...over } })

test('the pod is restricted, and writes to its volumes alone', () => {
  expect(notRestricted(POD)).toEqual([])
  expect(POD.containers.map((container) => (container['securityContext'] as { readOnlyRootFilesystem?: boolean }).readOnlyRootFilesystem)).toEqual([
    true,
  ])
})

test.each<[string, PodSpec]>([
  ['the network of the host', { ...POD, hostNetwork: true }],
  ['a folder of the host', { ...POD, volumes: [{ name: 'host', hostPath: { path: '/' } }] }],
  ['a container before it', { ...POD, initContainers: [] }],
  ['root by number', pod({ runAsUser: 0 })],
  ['anybody', pod({ runAsNonRoot: undefined })],
  ['root in the container', own({ runAsUser: 0 })],
  ['no seccomp', pod({ seccompProfile: { type: 'Unconfined' } })],
  ['privileges', own({ privileged: true })],
  ['more privileges than its parent', own({ allowPrivilegeEscalation: undefined })],
  ['capabilities', own({ capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } })],
  ['capabilities of the runtime', own({ capabilities: {} })],
])('%s would be seen', (_, spec) => {
  expect(notRestricted(spec)).not.toEqual([])
})

test('it fits the image: its user, its file, its health, an image by digest', () => {
  const [, final] = stages()
  expect(final.instructions.find((each) => each.getKeyword() === 'USER')?.getArgumentsContent()).toBe(
    `${POD.securityContext.runAsUser}:${POD.securityContext.runAsUser}`,
  )
  expect(wordsOf(final, 'CMD')).toEqual(['serve', `--operator=${APP.volumeMounts.find(({ name }) => name === 'config')?.mountPath}/operator.yml`])
  expect(APP.image).toMatch(/^[a-z./-]+@sha256:/)
})

test('it fits the App: port, paths of probes, time to end, the server it needs for more than one process', () => {
  expect(APP.ports).toMatchObject([{ name: 'http', containerPort: OPERATOR.listen.port }])
  const served = [...text('app/webhooks/front-door.ts').matchAll(/path === '(\/\w+)'/g)].map((match) => match[1])
  const probes = [APP.startupProbe, APP.livenessProbe, APP.readinessProbe].map(({ httpGet }) => httpGet)
  expect(probes.map(({ path, port }) => [served.includes(path), port])).toEqual([1, 2, 3].map(() => [true, 'http']))
  expect(APP.livenessProbe.httpGet.path).toBe('/healthz')
  const grace = Number(/^const GRACE_MS = ([\d_]+)$/m.exec(text('app/index.ts'))?.[1]?.replaceAll('_', ''))
  expect(POD.terminationGracePeriodSeconds * 1000).toBeGreaterThan(APP.lifecycle.preStop.sleep.seconds * 1000 + 2 * grace)
  expect(SET.replicas).toBeGreaterThanOrEqual(2)
  expect(APP.env.find(({ name }) => name === 'DATABASE_URL')?.valueFrom?.secretKeyRef.optional).toBeUndefined()
  expect(milliseconds(OPERATOR.sweep)).toBeLessThanOrEqual(60_000)
})

const mounted = (path: string) => APP.volumeMounts.find(({ mountPath }) => mountPath === path)?.name ?? ''

test('what must survive a pod does: its journal in a volume of its own, packs in one of all', () => {
  expect(SET.volumeClaimTemplates.map(({ metadata }) => metadata.name)).toEqual([mounted(OPERATOR.data_dir)])
  const volume = (POD.volumes ?? []).find(({ name }) => name === mounted(OPERATOR.artifacts_dir)) as {
    persistentVolumeClaim: { claimName: string }
  }
  const claim = the('PersistentVolumeClaim', volume.persistentVolumeClaim.claimName) as Thing & { spec: { accessModes: readonly string[] } }
  expect(claim.spec.accessModes).toEqual(['ReadWriteMany'])
  for (const key of [OPERATOR.github.private_key_file, OPERATOR.signing.key_file])
    expect(key.startsWith(`${APP.volumeMounts.find(({ name }) => name === 'keys')?.mountPath}/`)).toBe(true)
})

test('everything that selects pods selects ours, and the world reaches nothing but what is meant for it', () => {
  const { labels } = SET.template.metadata
  expect(SET.selector.matchLabels).toEqual(labels)
  expect((the('PodDisruptionBudget') as Thing & { spec: Selects }).spec.selector.matchLabels).toEqual(labels)
  expect((the('NetworkPolicy') as Thing & { spec: { podSelector: unknown } }).spec.podSelector).toEqual({ matchLabels: labels })
  for (const name of [NAME, SET.serviceName]) expect((the('Service', name) as Thing & { spec: { selector: unknown } }).spec.selector).toEqual(labels)
  const { rules } = (the('Ingress') as Thing & { spec: { rules: readonly { http: { paths: readonly { path: string }[] } }[] } }).spec
  expect(rules.flatMap(({ http }) => http.paths.map(({ path }) => path))).toEqual([
    WEBHOOK_PATH,
    '/releases',
    '/pictures',
    '/assets',
    '/login',
    '/logout',
    '/account',
  ])
})
