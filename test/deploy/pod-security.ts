/** The rules of the Pod Security Standard `restricted` about what our manifests use of a pod; what they do not use is refused rather than judged. Pure. */

type Json = Record<string, unknown>

export interface PodSpec extends Json {
  readonly containers: readonly Json[]
  readonly volumes?: readonly Json[]
}

const VOLUMES = new Set(['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'])
const HOST = ['hostNetwork', 'hostPID', 'hostIPC']
const OF_BOTH = ['runAsNonRoot', 'runAsUser', 'runAsGroup', 'seccompProfile']
const OF_POD = new Set([...OF_BOTH, 'fsGroup', 'fsGroupChangePolicy'])
const OF_CONTAINER = new Set([...OF_BOTH, 'allowPrivilegeEscalation', 'readOnlyRootFilesystem', 'capabilities'])

const json = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})

/** In words; empty when the pod is restricted. */
export function notRestricted(spec: PodSpec): readonly string[] {
  const pod = json(spec['securityContext'])
  const others = ['initContainers', 'ephemeralContainers'].filter((key) => spec[key] !== undefined)
  return [
    ...HOST.filter((key) => spec[key] !== undefined && spec[key] !== false),
    ...others.map((key) => `${key} are not looked at`),
    ...Object.keys(pod).filter((key) => !OF_POD.has(key)),
    ...(spec.volumes ?? []).flatMap((volume) => Object.keys(volume).filter((key) => key !== 'name' && !VOLUMES.has(key))),
    ...spec.containers.flatMap((container) => inContainer(container, pod)),
  ]
}

function inContainer(container: Json, pod: Json): readonly string[] {
  const own = json(container['securityContext'])
  const of = (key: string): unknown => own[key] ?? pod[key]
  const { drop, add = [] } = json(own['capabilities'])
  const ports = Array.isArray(container['ports']) ? container['ports'].map(json) : []
  const wrong: Readonly<Record<string, boolean>> = {
    'runAsNonRoot is not true': of('runAsNonRoot') !== true,
    'runAsUser is no number but 0': typeof of('runAsUser') !== 'number' || of('runAsUser') === 0,
    'allowPrivilegeEscalation is not false': own['allowPrivilegeEscalation'] !== false,
    'capabilities are not all dropped': !Array.isArray(drop) || !drop.includes('ALL'),
    'capabilities are added': !Array.isArray(add) || add.length > 0,
    'seccompProfile is not that of the runtime': json(of('seccompProfile'))['type'] !== 'RuntimeDefault',
    'a port of the host': ports.some((port) => port['hostPort'] !== undefined),
  }
  return [...Object.keys(own).filter((key) => !OF_CONTAINER.has(key)), ...Object.keys(wrong).filter((what) => wrong[what] === true)]
}
