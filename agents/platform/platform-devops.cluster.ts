/** What only several objects together say: who is let in, what stays when a node goes, what points at nothing. Pure. */
import { isRecord } from '../yaml.ts'
import { fieldsOf, listOf, type Fields, type KubernetesObject, type Say } from './platform-devops.objects.ts'
import { podOf, type Pod } from './platform-devops.pods.ts'

interface Workload {
  readonly object: KubernetesObject
  readonly pod: Pod
}

const REPLICATED: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'ReplicaSet', 'Rollout'])

export function clusterFindings(objects: readonly KubernetesObject[], say: Say): void {
  const workloads = objects.flatMap((object): Workload[] => {
    const pod = podOf(object)
    return pod === null ? [] : [{ object, pod }]
  })
  const of = (kind: string): KubernetesObject[] => objects.filter((object) => object.kind === kind)
  for (const { object, pod } of workloads) {
    if (!of('NetworkPolicy').some((policy) => covers(policy, ['spec', 'podSelector'], object, pod)))
      say(
        object,
        'no-network-policy',
        'error',
        ['metadata', 'name'],
        `No NetworkPolicy is about ${title(object)}: everybody in the cluster may talk to it`,
        'Add a NetworkPolicy that selects its pods.',
      )
    if (REPLICATED.has(object.kind)) replicaFindings({ object, pod }, objects, say)
    selectorFinding(object, pod, say)
  }
  for (const service of of('Service')) serviceFinding(service, workloads, say)
  for (const scaler of of('HorizontalPodAutoscaler')) scalerFinding(scaler, objects, say)
}

function title({ kind, name }: KubernetesObject): string {
  return `${kind} ${name || 'without a name'}`
}

/** Does the selector of this object choose those pods? */
function covers(by: KubernetesObject, path: readonly string[], object: KubernetesObject, { labels }: Pod): boolean {
  const selector = path.reduce<unknown>((found, part) => fieldsOf(found)[part], by.value)
  return by.namespace === object.namespace && isRecord(selector) && selects(selector, labels)
}

/** A label selector of Kubernetes. */
export function selects(selector: Fields, labels: Fields): boolean {
  return (
    Object.entries(fieldsOf(selector['matchLabels'])).every(([key, value]) => labels[key] === value) &&
    listOf(selector['matchExpressions']).every((expression) => {
      const { key, operator, values } = fieldsOf(expression)
      const label = typeof key === 'string' ? labels[key] : undefined
      if (operator === 'Exists') return label !== undefined
      if (operator === 'DoesNotExist') return label === undefined
      return listOf(values).includes(label) === (operator === 'In')
    })
  )
}

function replicaFindings({ object, pod }: Workload, objects: readonly KubernetesObject[], say: Say): void {
  const scaler = objects.find((one) => one.kind === 'HorizontalPodAutoscaler' && isTarget(one, object))
  const scaled = objects.some((one) => one.kind === 'ScaledObject' && isTarget(one, object))
  const stated = scaler === undefined ? fieldsOf(object.value['spec'])['replicas'] : fieldsOf(scaler.value['spec'])['minReplicas']
  const replicas = typeof stated === 'number' ? stated : 1
  if (replicas === 0 || objects.some((one) => one.kind === 'PodDisruptionBudget' && covers(one, ['spec', 'selector'], object, pod))) return
  const next = 'Add a PodDisruptionBudget, and a second replica where it can have one.'
  if (replicas === 1 && !scaled)
    say(
      object,
      'single-replica',
      'error',
      ['spec', 'replicas'],
      `${title(object)} has one replica and no PodDisruptionBudget: it is gone while its node is emptied`,
      next,
    )
  else
    say(
      object,
      'no-disruption-budget',
      'warning',
      ['spec', 'replicas'],
      `No PodDisruptionBudget keeps one of ${title(object)} while nodes are emptied`,
      next,
    )
}

function isTarget(scaler: KubernetesObject, object: KubernetesObject): boolean {
  const { kind, name } = fieldsOf(fieldsOf(scaler.value['spec'])['scaleTargetRef'])
  return scaler.namespace === object.namespace && (kind ?? 'Deployment') === object.kind && name === object.name
}

function scalerFinding(scaler: KubernetesObject, objects: readonly KubernetesObject[], say: Say): void {
  const { minReplicas = 1, maxReplicas } = fieldsOf(scaler.value['spec'])
  if (!objects.some((object) => isTarget(scaler, object)))
    say(
      scaler,
      'scales-nothing',
      'warning',
      ['spec', 'scaleTargetRef'],
      `${title(scaler)} scales something that is not here`,
      'Name a workload of these manifests.',
    )
  if (typeof minReplicas === 'number' && typeof maxReplicas === 'number' && minReplicas > maxReplicas)
    say(
      scaler,
      'scales-backwards',
      'error',
      ['spec', 'maxReplicas'],
      `${title(scaler)} has a least number above its most`,
      'Let minReplicas be at most maxReplicas.',
    )
}

function selectorFinding(object: KubernetesObject, { labels }: Pod, say: Say): void {
  const { selector } = fieldsOf(object.value['spec'])
  if (object.kind === 'Job' || object.kind === 'CronJob' || object.kind === 'ReplicationController' || !isRecord(selector)) return
  if (!selects(selector, labels))
    say(
      object,
      'selector-mismatch',
      'error',
      ['spec', 'selector'],
      `${title(object)} does not select the pods it makes: the API refuses it`,
      'Let the labels of the template be those of the selector.',
    )
}

function serviceFinding(service: KubernetesObject, workloads: readonly Workload[], say: Say): void {
  const { selector, type } = fieldsOf(service.value['spec'])
  if (!isRecord(selector) || type === 'ExternalName') return
  if (!workloads.some(({ object, pod }) => service.namespace === object.namespace && selects({ matchLabels: selector }, pod.labels)))
    say(
      service,
      'serves-nothing',
      'warning',
      ['spec', 'selector'],
      `${title(service)} selects no pod of these manifests`,
      'Let its selector be the labels of a template.',
    )
}
