/**
 * Input `manifests`: what the commit says about how it runs. Kubernetes objects (YAML or JSON, rendered by whatever tool), Terraform plans as
 * `terraform show -json` prints them, pgBouncer's ini, Helm charts, and Terraform's root modules; found by what stands in the files, not by where they lie.
 */
import type { CollectContext, Collected } from './collector.ts'
import { isOwn, readFiles } from './files.ts'
import { filesWith, headCommit, tree } from './git.ts'

const LIMITS = { what: 'manifests', files: 1000, fileBytes: 4 << 20, totalBytes: 16 << 20 }
const YAML = ['*.yaml', '*.yml']
const CHART = /(?:^|\/)Chart\.ya?ml$/
const KUSTOMIZATION = /(?:^|\/)kustomization\.ya?ml$/

export async function collectManifests(context: CollectContext): Promise<Collected<'manifests'>> {
  const { workspace } = context
  const head = await headCommit(workspace, context.sha)
  const [objects, json, plans, poolers, roots] = await Promise.all([
    filesWith(workspace, head, ['^apiVersion:', '^kind:'], YAML),
    filesWith(workspace, head, ['^[{ ]*"apiVersion" *:|[{,] *"apiVersion" *: *"', '"kind" *: *"'], ['*.json']),
    filesWith(workspace, head, ['"terraform_version" *:', '"resource_changes" *:'], ['*.json']),
    filesWith(workspace, head, ['^ *\\[pgbouncer\\]'], ['*.ini']),
    // A module that others call has neither: both belong to what is applied.
    filesWith(workspace, head, ['^[ \t]*(provider|backend)[ \t]+"'], ['*.tf']),
  ])
  const kubernetes = new Set([...objects, ...json])
  const kinds = new Map([
    ...[...kubernetes].map((path) => [path, 'kubernetes'] as const),
    ...plans.map((path) => [path, 'terraform'] as const),
    ...poolers.map((path) => [path, 'pgbouncer'] as const),
    ...roots.map((path) => [path, 'configuration'] as const),
  ])
  const own = (await tree(workspace, head)).filter(isOwn)
  const charts = own.filter(({ path }) => CHART.test(path)).map(({ path }) => path)
  const entries = own.filter(({ path }) => kinds.has(path) || KUSTOMIZATION.test(path) || CHART.test(path))
  const files = await readFiles(context, entries, LIMITS)
  const kindOf = (path: string) => (CHART.test(path) ? 'chart' : (kinds.get(path) ?? 'kubernetes'))
  return { value: { head, charts: charts.slice(0, 500), files: files.map((file) => ({ ...file, kind: kindOf(file.path) })) } }
}
