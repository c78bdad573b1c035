/**
 * Input `manifests`: what the commit says about how it runs. Kubernetes objects (YAML or JSON, rendered by whatever tool), Terraform plans as
 * `terraform show -json` prints them, and pgBouncer's ini; found by what stands in the files, not by where they lie.
 */
import type { CollectContext, Collected } from './collector.ts'
import { isOwn, readFiles } from './files.ts'
import { filesWith, headCommit, tree } from './git.ts'

const LIMITS = { what: 'manifests', files: 1000, fileBytes: 4 << 20, totalBytes: 16 << 20 }
const YAML = ['*.yaml', '*.yml']
const KUSTOMIZATION = /(?:^|\/)kustomization\.ya?ml$/

export async function collectManifests(context: CollectContext): Promise<Collected<'manifests'>> {
  const { workspace } = context
  const head = await headCommit(workspace, context.sha)
  const [objects, json, plans, poolers] = await Promise.all([
    filesWith(workspace, head, ['^apiVersion:', '^kind:'], YAML),
    filesWith(workspace, head, ['^[{ ]*"apiVersion" *:|[{,] *"apiVersion" *: *"', '"kind" *: *"'], ['*.json']),
    filesWith(workspace, head, ['"terraform_version" *:', '"resource_changes" *:'], ['*.json']),
    filesWith(workspace, head, ['^ *\\[pgbouncer\\]'], ['*.ini']),
  ])
  const kubernetes = new Set([...objects, ...json])
  const kinds = new Map([
    ...[...kubernetes].map((path) => [path, 'kubernetes'] as const),
    ...plans.map((path) => [path, 'terraform'] as const),
    ...poolers.map((path) => [path, 'pgbouncer'] as const),
  ])
  const entries = (await tree(workspace, head)).filter((entry) => isOwn(entry) && (kinds.has(entry.path) || KUSTOMIZATION.test(entry.path)))
  const charts = (await tree(workspace, head)).filter((entry) => /(?:^|\/)Chart\.ya?ml$/.test(entry.path) && isOwn(entry)).map(({ path }) => path)
  const files = await readFiles(context, entries, LIMITS)
  return {
    value: { head, charts: charts.slice(0, 500), files: files.map((file) => ({ ...file, kind: kinds.get(file.path) ?? 'kubernetes' })) },
  }
}
