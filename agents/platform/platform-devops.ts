import { z } from 'zod'
import type { Finding } from '../../evidence/model/finding.ts'
import { agent } from '../agent.ts'
import { capped, count } from '../tally.ts'
import { chartFindings } from './platform-devops.charts.ts'
import { planted } from './platform-devops.faults.ts'
import { kubernetesFindings } from './platform-devops.kubernetes.ts'
import { pgbouncerFindings } from './platform-devops.pgbouncer.ts'
import { terraformFindings, unplannedFindings } from './platform-devops.terraform.ts'

export const platformDevops = agent({
  id: 'A6',
  name: 'platform-devops',
  phase: ['P0'],
  gate: ['hardening'],
  topic: 'manifests',
  question: 'Would what runs this release be confined to what it needs, be placed and kept alive, and be what the API understands?',
  why: 'A manifest is code that runs as the cluster: what it leaves open, every intruder finds open.',
  version: 4,
  needs: ['manifests'],
  writes: ['hardening/manifests.json'],
  policy: z.object({}),
  assess({ manifests }) {
    const { files, charts, head } = manifests
    const {
      objects,
      known,
      workloads,
      findings: found,
    } = kubernetesFindings(
      files.filter(({ kind }) => kind === 'kubernetes'),
      charts,
    )
    const plans = files.flatMap(({ kind, path, text }) => (kind === 'terraform' && text !== null ? [terraformFindings(path, text)] : []))
    const poolers = files.flatMap(({ kind, path, text }) => (kind === 'pgbouncer' && text !== null ? [pgbouncerFindings(path, text)] : []))
    const unread = files.filter(({ text }) => text === null)
    const findings = capped([
      ...unread.map(({ path, why }) => unreadFinding(path, why)),
      ...chartFindings(files, charts),
      ...found,
      ...plans.flatMap((plan) => plan.findings),
      ...unplannedFindings(files),
      ...poolers.flat(),
    ])
    // A file of custom resources alone says nothing that anybody here understands.
    const read = new Set(known.map(({ file }) => file)).size + plans.length + poolers.length
    const metrics = {
      manifests: read,
      manifests_unread: unread.length,
      objects: objects.length,
      custom_objects: objects.length - known.length,
      workloads,
      resources: plans.reduce((sum, plan) => sum + plan.resources, 0),
      errors: count(findings, 'error'),
      warnings: count(findings, 'warning'),
    }
    return {
      findings,
      measurements: [
        {
          gate: 'hardening',
          metrics,
          // No threshold on errors: exceptions are granted by the gate's policy, so an error here is not yet a no.
          thresholds: { manifests: '>0', manifests_unread: '=0' },
          measured: { n: read, window: head, source: 'git', query: 'Kubernetes objects, Terraform plans, pgBouncer settings' },
        },
      ],
      files: [
        {
          path: 'hardening/manifests.json',
          type: 'report',
          content: { version: 1, commit: head, files: files.map(({ path }) => path), metrics, findings },
        },
      ],
      notes:
        read === 0
          ? 'The repository has no manifest that could be looked at.'
          : `${metrics.objects} Kubernetes objects, ${metrics.resources} planned resources, ${poolers.length} pgBouncer settings: ${metrics.errors} errors, ${metrics.warnings} warnings.`,
      next:
        read === 0
          ? 'Commit what your tool renders (`helm template`, `kubectl kustomize`), or declare `not_applicable.hardening.manifests` with a reason.'
          : metrics.errors === 0
            ? 'Nothing to do.'
            : 'Fix each error in hardening/manifests.json, or ask for an exception under `gates.hardening.exceptions`.',
    }
  },
  planted,
})

function unreadFinding(path: string, why: string | null): Finding {
  const message = `${path.slice(0, 400)} could not be read: ${why ?? 'no reason was given'}`
  return { rule: 'manifest.unread', severity: 'error', path: path.slice(0, 500), message, next: 'Make it a regular text file of a normal size.' }
}
