/** What a pod may do on its node and what it may use: the restricted profile of the Pod Security Standards, limits, probes, pins. Pure. */
import type { Finding } from '../../evidence/model/finding.ts'
import { secretIn } from './infrasec.secrets.ts'
import { fieldsOf, listOf, wordOf, type Fields, type KubernetesObject, type Say } from './platform-devops.objects.ts'

type Path = readonly (string | number)[]

export interface Pod {
  readonly spec: Fields
  /** Of the template. */
  readonly labels: Fields
  readonly at: Path
}

const TEMPLATES: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job', 'Rollout'])

/** The pod that an object makes; null when it makes none. */
export function podOf({ kind, value }: KubernetesObject): Pod | null {
  const at: Path | null =
    kind === 'Pod' ? [] : TEMPLATES.has(kind) ? ['spec', 'template'] : kind === 'CronJob' ? ['spec', 'jobTemplate', 'spec', 'template'] : null
  if (at === null) return null
  const template = at.reduce<Fields>((found, part) => fieldsOf(found[part]), value)
  if (Object.keys(fieldsOf(template['spec'])).length === 0) return null
  return { spec: fieldsOf(template['spec']), labels: fieldsOf(fieldsOf(template['metadata'])['labels']), at: [...at, 'spec'] }
}

export function podFindings(object: KubernetesObject, { spec, at }: Pod, say: Say): void {
  const tell = (rule: string, severity: Finding['severity'], path: Path, message: string, next: string): void =>
    say(object, rule, severity, [...at, ...path], message, next)
  for (const key of ['hostNetwork', 'hostPID', 'hostIPC'])
    if (spec[key] === true) tell('host-namespace', 'error', [key], `${key}: the pod sees what is the node's`, `Take ${key} out.`)
  listOf(spec['volumes']).forEach((volume, index) => {
    if (fieldsOf(volume)['hostPath'] !== undefined)
      tell('host-path', 'error', ['volumes', index], 'The pod mounts a folder of its node', 'Use a volume claim, a config map or an emptyDir.')
  })
  if (spec['automountServiceAccountToken'] !== false)
    tell(
      'token-mounted',
      'warning',
      [],
      'The pod gets a token of the cluster, whether it needs one or not',
      'Say `automountServiceAccountToken: false`.',
    )
  for (const list of ['containers', 'initContainers'])
    listOf(spec[list]).forEach((container, index) =>
      containerFindings(
        fieldsOf(container),
        fieldsOf(spec['securityContext']),
        list === 'containers' && object.kind !== 'Job' && object.kind !== 'CronJob',
        [list, index],
        tell,
      ),
    )
}

type Tell = (rule: string, severity: Finding['severity'], path: Path, message: string, next: string) => void

function containerFindings(container: Fields, pod: Fields, serves: boolean, at: Path, tell: Tell): void {
  const name = typeof container['name'] === 'string' ? container['name'] : 'without a name'
  const own = fieldsOf(container['securityContext'])
  const either = (key: string): unknown => own[key] ?? pod[key]
  const error = (rule: string, path: Path, message: string, next: string): void =>
    tell(rule, 'error', [...at, ...path], `${message}: container ${name}`, next)
  const warning = (rule: string, path: Path, message: string, next: string): void =>
    tell(rule, 'warning', [...at, ...path], `${message}: container ${name}`, next)
  if (own['privileged'] === true) error('privileged', ['securityContext', 'privileged'], 'It has every right of the node', 'Take `privileged` out.')
  const user = either('runAsUser')
  if (user === 0 || (either('runAsNonRoot') !== true && !(typeof user === 'number' && user > 0)))
    error('run-as-root', ['securityContext'], 'Nothing keeps it from running as root', 'Say `runAsNonRoot: true`, with a `runAsUser` that is not 0.')
  if (own['allowPrivilegeEscalation'] !== false)
    error('privilege-escalation', ['securityContext'], 'A program in it may get more rights than it has', 'Say `allowPrivilegeEscalation: false`.')
  if (own['readOnlyRootFilesystem'] !== true)
    error(
      'root-writable',
      ['securityContext'],
      'Its own files can be changed while it runs',
      'Say `readOnlyRootFilesystem: true`, and mount what it writes to.',
    )
  const capabilities = fieldsOf(own['capabilities'])
  const added = listOf(capabilities['add']).filter((one) => one !== 'NET_BIND_SERVICE')
  if (!listOf(capabilities['drop']).some((one) => String(one).toUpperCase() === 'ALL') || added.length > 0)
    error(
      'capabilities',
      ['securityContext', 'capabilities'],
      added.length > 0 ? `It gets ${added.join(', ')}` : 'It keeps rights of the kernel that it need not have',
      'Say `capabilities: { drop: [ALL] }`.',
    )
  const seccomp = fieldsOf(own['seccompProfile'])['type'] ?? fieldsOf(pod['seccompProfile'])['type']
  if (seccomp !== 'RuntimeDefault' && seccomp !== 'Localhost')
    error('seccomp', ['securityContext'], 'It may make every call to the kernel', 'Say `seccompProfile: { type: RuntimeDefault }`.')
  const resources = fieldsOf(container['resources'])
  const [limits, requests] = [fieldsOf(resources['limits']), fieldsOf(resources['requests'])]
  if (limits['memory'] === undefined) error('no-limits', ['resources'], 'It may take all memory of its node', 'Say `resources.limits.memory`.')
  const unasked = ['cpu', 'memory'].filter((one) => requests[one] === undefined && limits[one] === undefined)
  if (unasked.length > 0)
    warning('no-requests', ['resources'], `It asks for no ${unasked.join(' and no ')}, so nobody can place it well`, 'Say `resources.requests`.')
  if (serves) {
    if (container['readinessProbe'] === undefined) warning('no-readiness', [], 'It gets traffic before it can answer', 'Add a `readinessProbe`.')
    if (container['livenessProbe'] === undefined) warning('no-liveness', [], 'When it hangs, it hangs for ever', 'Add a `livenessProbe`.')
  }
  listOf(container['ports']).forEach((port, index) => {
    const { hostPort } = fieldsOf(port)
    if (hostPort !== undefined && hostPort !== null && hostPort !== 0)
      error('host-port', ['ports', index], `It takes port ${wordOf(hostPort).slice(0, 40)} of its node, past every NetworkPolicy`, 'Use a Service.')
  })
  imageFinding(container['image'], error, warning)
  listOf(container['env']).forEach((variable, index) => {
    const { name: key, value } = fieldsOf(variable)
    const why = typeof key === 'string' && typeof value === 'string' ? secretIn(key, value) : null
    if (why !== null)
      error(
        'secret-in-env',
        ['env', index],
        `${String(key).slice(0, 100)} looks like a secret: ${why}`,
        'Use `valueFrom.secretKeyRef`; then replace the secret.',
      )
  })
}

type Short = (rule: string, path: Path, message: string, next: string) => void

function imageFinding(image: unknown, error: Short, warning: Short): void {
  if (image === undefined || image === null || image === '')
    error('image-missing', [], 'It names no image, so the API refuses it, or this is a patch that nobody rendered', 'Name the image by digest.')
  if (typeof image !== 'string' || image === '' || /@sha256:[0-9a-f]{64}$/.test(image)) return
  const next = 'Name the image by digest: `name@sha256:…`.'
  const tag = /:([\w][\w.-]*)$/.exec(image)?.[1]
  if (tag === undefined || tag === 'latest') error('image-latest', ['image'], `The image ${image} is whatever is newest when it starts`, next)
  else warning('image-by-tag', ['image'], `The image ${image} is named by a tag, which can move`, next)
}
