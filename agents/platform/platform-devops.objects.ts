/** Files -> Kubernetes objects with their places, and what cannot be one: broken files, templates and patches that nobody rendered. Pure. */
import type { Finding } from '../../evidence/model/finding.ts'
import type { ManifestFile } from '../collect/inputs.deploy.ts'
import { templateFolders } from './platform-devops.charts.ts'
import { isRecord, readYaml, type YamlDocument } from '../yaml.ts'

export type Fields = Readonly<Record<string, unknown>>
type Path = readonly (string | number)[]

export interface KubernetesObject {
  readonly file: string
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  /** '' where none is said. */
  readonly namespace: string
  readonly value: Fields
  line(path: Path): number
}

/** Says one thing about an object; the path leads to the place in it. */
export type Say = (of: KubernetesObject, rule: string, severity: Finding['severity'], at: Path, message: string, next: string) => void

export interface Objects {
  readonly objects: readonly KubernetesObject[]
  readonly findings: readonly Finding[]
}

const LIMITS = { text: 4 << 20, documents: 2000 }
const KUSTOMIZATION = /(?:^|\/)kustomization\.ya?ml$/

export function objectsOf(files: readonly ManifestFile[], charts: readonly string[]): Objects {
  const findings: Finding[] = []
  const parsed: { readonly path: string; readonly documents: readonly YamlDocument[] }[] = []
  const templates = templateFolders(charts)
  for (const { path, text } of files) {
    if (text === null || templates.some((folder) => path.startsWith(folder))) continue
    const file = readYaml(text, LIMITS)
    if ('problem' in file) findings.push(problem(path, file.problem.line, file.problem.kind, file.problem.message))
    else parsed.push({ path, documents: file.documents })
  }
  const patches = new Set(parsed.filter(({ path }) => KUSTOMIZATION.test(path)).flatMap(({ path, documents }) => patchesOf(path, documents)))
  const whole = parsed.filter(({ path }) => !KUSTOMIZATION.test(path))
  for (const { path } of whole.filter((one) => patches.has(one.path)))
    findings.push(unrendered(path, 'It is a patch of a kustomization', 'Commit what `kubectl kustomize` prints, or look at that in CI.'))
  for (const { path } of whole.filter((one) => !patches.has(one.path) && one.documents.some(({ value }) => isPatch(value)))) {
    findings.push(unrendered(path, 'It holds `$patch`, so it is a patch', 'Commit what `kubectl kustomize` prints, or look at that in CI.'))
    patches.add(path)
  }
  const kept = whole.filter(({ path }) => !patches.has(path))
  return { objects: kept.flatMap(({ path, documents }) => documents.flatMap((document) => objectsIn(path, document))), findings }
}

/** A List holds its objects as items. */
function objectsIn(file: string, document: YamlDocument, at: Path = []): KubernetesObject[] {
  const { value } = document
  if (!isRecord(value)) return []
  const { apiVersion, kind } = value
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return []
  if (kind === 'List' && Array.isArray(value['items']))
    return (value['items'] as unknown[]).flatMap((item, index) =>
      objectsIn(file, { value: item, line: (path) => document.line(path) }, [...at, 'items', index]),
    )
  const metadata = isRecord(value['metadata']) ? value['metadata'] : {}
  const name = metadata['name'] ?? metadata['generateName']
  const object: KubernetesObject = {
    file,
    apiVersion,
    kind,
    name: typeof name === 'string' ? name : '',
    namespace: typeof metadata['namespace'] === 'string' ? metadata['namespace'] : '',
    value,
    line: (path) => document.line([...at, ...path]),
  }
  return [object]
}

/** Files that a kustomization lays over others: parts of objects, and no objects. */
function patchesOf(path: string, documents: readonly YamlDocument[]): string[] {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  return documents.flatMap(({ value }) => {
    if (!isRecord(value)) return []
    const listed = ['patches', 'patchesStrategicMerge', 'patchesJson6902'].flatMap((key) =>
      Array.isArray(value[key]) ? (value[key] as unknown[]) : [],
    )
    return listed.flatMap((one) => {
      const named = isRecord(one) ? one['path'] : one
      return typeof named === 'string' && !named.includes('\n') ? [resolved(folder, named)] : []
    })
  })
}

/** No object of the API has a key `$patch`; a strategic merge patch says with it what to do with the rest. */
function isPatch(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isPatch)
  return isRecord(value) && (Object.hasOwn(value, '$patch') || Object.values(value).some(isPatch))
}

/** `a/b/` and `../c.yaml` -> `a/c.yaml` */
function resolved(folder: string, path: string): string {
  const parts: string[] = []
  for (const part of `${folder}${path}`.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}

function problem(path: string, line: number, kind: string, message: string): Finding {
  return {
    rule: `manifest.${kind}`,
    severity: 'error',
    path: path.slice(0, 500),
    line,
    message: `The file cannot be used: ${message}`.slice(0, 1000),
    next: 'Write it as `kubectl apply --dry-run=client` takes it.',
  }
}

function unrendered(path: string, why: string, next: string): Finding {
  return {
    rule: 'manifest.unrendered',
    severity: 'warning',
    path: path.slice(0, 500),
    message: `${why}: it is no manifest before it is rendered`,
    next,
  }
}

export function fieldsOf(value: unknown): Fields {
  return isRecord(value) ? value : {}
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** A text or a number as text; '' for anything else. */
export function wordOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
