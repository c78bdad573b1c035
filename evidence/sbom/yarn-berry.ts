/**
 * yarn.lock of yarn 2 and later. Its checksums are of the archives that yarn itself makes, not of what the registry serves: they are no digest of the
 * package, and are not given as one. Peers are not resolved in it. https://yarnpkg.com/advanced/lexicon
 */
import { sha256 } from '../core/digest.ts'
import { SbomError } from './error.ts'
import { fieldsOf, isFields, packageName, packageVersion, section, textField, texts } from './fields.ts'
import type { Fields } from './fields.ts'
import { assemble, MOST_EDGES } from './graph.ts'
import type { DraftEdge, DraftNode } from './graph.ts'
import type { EdgeKind, Inventory } from './inventory.ts'
import type { LockQuestion } from './lock-answer.ts'
import { bentTarget, readManifest } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import { npmPurl, originOf } from './purl.ts'
import { yamlOf } from './yaml.ts'

/** @throws SbomError */
export function readYarnBerryLock({ path, bytes, manifest }: LockQuestion): Inventory {
  const [lock, second] = yamlOf(bytes, path)
  const { __metadata: _, ...entries } = lock
  if (second !== undefined) throw new SbomError('malformed', `${path} holds two documents`)
  const project = manifest === undefined ? null : readManifest(manifest)
  const all = Object.entries(entries).map(([key, value]) => ({ key, entry: fieldsOf(value, key.slice(0, 80)) }))
  const own = all.find(({ entry }) => (textField(entry, 'resolution', path) ?? '').endsWith('@workspace:.'))
  if (own === undefined) throw new SbomError('malformed', `${path} does not hold the project itself (workspace:.)`)
  const name = project?.name ?? nameOf(textField(own.entry, 'resolution', path) ?? '')
  const version = project?.version ?? ''
  return assemble({
    source: { kind: 'yarn', path, sha256: sha256(bytes) },
    root: { id: own.key, purl: npmPurl(name, version, null), name, version, licence: project?.licence ?? null, hashes: [] },
    nodes: all.filter((each) => each !== own).map(({ key, entry }) => nodeOf(key, entry)),
    edges: edgesOf(all, own.key, project),
  })
}

interface Keyed {
  readonly key: string
  readonly entry: Fields
}

function edgesOf(all: readonly Keyed[], own: string, project: Manifest | null): readonly DraftEdge[] {
  const byRequest = new Map<string, string>()
  const byName = new Map<string, Set<string>>()
  for (const { key } of all)
    for (const request of key.split(', ')) {
      byRequest.set(request, key)
      const name = nameOf(request)
      byName.set(name, (byName.get(name) ?? new Set()).add(key))
    }
  const targetOf = (name: string, range: string): string | null => {
    const found = byRequest.get(`${name}@${range}`) ?? byRequest.get(`${name}@npm:${range}`)
    return found ?? (project === null ? null : bentTarget(name, project, byRequest, byName))
  }
  const kinds = new Map(project?.asks.map(({ name, kind }) => [name, kind]))
  const edges: DraftEdge[] = []
  for (const { key, entry } of all) {
    const meta = section(entry, 'dependenciesMeta', key)
    for (const [name, range] of texts(entry, 'dependencies', key)) {
      const mayMiss = isFields(meta[name]) && meta[name]['optional'] === 'true'
      const said: EdgeKind = mayMiss ? 'optional' : 'required'
      const kind = key === own ? (kinds.get(name) ?? said) : said
      edges.push({ from: key, to: targetOf(name, range), kind, name, range: range.replace(/^npm:(?!@?[^@]+@)/, '') })
    }
    if (key !== own && isFolder(entry)) edges.push({ from: own, to: key, kind: 'required', name: nameOf(key), range: null })
    if (edges.length > MOST_EDGES) throw new SbomError('limit', `more than ${MOST_EDGES} dependencies`)
  }
  return edges
}

/** `@a/b@npm:^1` -> `@a/b` */
function nameOf(request: string): string {
  const at = request.indexOf('@', 1)
  return at === -1 ? request : request.slice(0, at)
}

/** A workspace, or a folder linked from elsewhere. */
function isFolder(entry: Fields): boolean {
  return entry['linkType'] === 'soft'
}

function nodeOf(id: string, entry: Fields): DraftNode {
  const resolution = textField(entry, 'resolution', id.slice(0, 80)) ?? ''
  const name = packageName(nameOf(resolution))
  const local = isFolder(entry)
  const said = textField(entry, 'version', id.slice(0, 80))
  const version = local && (said === null || said === '0.0.0-use.local') ? '' : packageVersion(said, resolution.slice(0, 80))
  const origin = originOf(placeOf(resolution.slice(name.length + 1)))
  return {
    id,
    purl: npmPurl(name, version, origin),
    name,
    version,
    licence: null,
    hashes: [],
    origin,
    bundled: false,
    local,
    ...(textField(entry, 'checksum', id.slice(0, 80)) === null ? {} : { cached: true }),
  }
}

/** `npm:1.0.0::__archiveUrl=https%3A%2F%2F…`, `https://…/a.tgz`, `https://github.com/o/r.git#commit=0123` */
function placeOf(reference: string): string | null {
  const archive = /::.*__archiveUrl=([^&]+)/.exec(reference)?.[1]
  if (archive !== undefined) return URL.canParse(decode(archive)) ? decode(archive) : null
  const git = /^(?:git\+)?((?:https?|ssh|git):\/\/[^#]+|git@[^#]+)#(?:.*&)?commit=([0-9a-f]+)/.exec(reference)
  if (git !== null) return `git+${(git[1] ?? '').replace(/^git@([^/:]+):/, 'ssh://git@$1/')}#${git[2]}`
  return /^https?:/.test(reference) ? (reference.split('#')[0] ?? null) : null
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
