/** Files of Kubernetes objects -> everything wrong with them, each alone and all together. Pure. */
import type { Finding } from '../../evidence/model/finding.ts'
import type { ManifestFile } from '../collect/inputs.deploy.ts'
import { clusterFindings } from './platform-devops.cluster.ts'
import { fieldFindings } from './platform-devops.fields.ts'
import { objectsOf, type KubernetesObject, type Say } from './platform-devops.objects.ts'
import { podFindings, podOf } from './platform-devops.pods.ts'
import { rightsFindings } from './platform-devops.rights.ts'
import { secretFindings } from './platform-devops.secrets.ts'

export interface Looked {
  readonly objects: readonly KubernetesObject[]
  /** Those whose fields the API publishes. */
  readonly known: readonly KubernetesObject[]
  /** Objects that make pods. */
  readonly workloads: number
  readonly findings: readonly Finding[]
}

export function kubernetesFindings(files: readonly ManifestFile[], charts: readonly string[]): Looked {
  const { objects, findings: unusable } = objectsOf(files, charts)
  const findings = [...unusable]
  const say: Say = (of, rule, severity, at, message, next) => {
    const subject = `${of.kind} ${of.namespace === '' ? '' : `${of.namespace}/`}${of.name}`.trim().slice(0, 500)
    findings.push({
      rule: `manifest.${rule}`,
      severity,
      path: of.file.slice(0, 500),
      line: of.line(at),
      subject,
      message: message.slice(0, 1000),
      next,
    })
  }
  const known = objects.filter((object) => fieldFindings(object, say))
  const pods = objects.flatMap((object) => {
    const pod = podOf(object)
    return pod === null ? [] : [{ object, pod }]
  })
  for (const { object, pod } of pods) podFindings(object, pod, say)
  clusterFindings(objects, say)
  for (const object of objects) {
    rightsFindings(object, say)
    secretFindings(object, say)
  }
  return { objects, known, workloads: pods.length, findings }
}
