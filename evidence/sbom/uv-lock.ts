/** uv.lock, version 1. It names the project and its workspace, and who asks for what. https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile */
import { sha256 } from '../core/digest.ts'
import { SbomError } from './error.ts'
import { section, textField } from './fields.ts'
import type { Fields } from './fields.ts'
import { assemble, MOST_EDGES, MOST_NODES } from './graph.ts'
import type { DraftEdge } from './graph.ts'
import type { EdgeKind, Inventory } from './inventory.ts'
import type { LockQuestion } from './lock-answer.ts'
import { purlOf } from './purl.ts'
import { pypiName, pypiPurl } from './pypi.ts'
import { byNameOf, distributionHash, distributionNode, distributionOf, registryOf } from './python-lock.ts'
import type { Distribution, Place } from './python-lock.ts'
import { tables, tomlOf } from './toml.ts'

const ROOT = 'project'

type ByName = ReadonlyMap<string, readonly Distribution[]>

/** @throws SbomError */
export function readUvLock({ path, bytes }: LockQuestion): Inventory {
  const lock = tomlOf(bytes, path)
  const version = lock['version']
  if (version !== 1)
    throw new SbomError('unsupported', `${path} is a lock file of version ${JSON.stringify(version ?? null).slice(0, 40)}; version 1 is read`)
  const listed = tables(lock, 'package', path)
  if (listed.length > MOST_NODES) throw new SbomError('limit', `${listed.length} packages; at most ${MOST_NODES} are read`)
  const all = listed.map((fields, at) => distributionOf(fields, at, path, isFolder(fields)))
  const byName = byNameOf(all, path, ({ fields }) => JSON.stringify(fields['source'] ?? null))
  const project = all.find(({ fields }) => ['.', ''].includes(folderOf(fields) ?? 'none'))
  const folders = all.filter(({ fields }) => isFolder(fields))
  // A lock file of a script names no project: then all of it is asked for.
  const asked = folders.length > 0 ? folders.filter((one) => one !== project) : all
  const edges = asked.map(({ id, name }): DraftEdge => ({ from: ROOT, to: id, kind: 'required', name, range: null }))
  for (const one of all) addEdges(edges, one, one === project ? ROOT : one.id, byName)
  const nodes = all.filter((one) => one !== project).map((one) => distributionNode(one, hashesOf(one), placeOf(one.fields, one.name)))
  const shared = { id: ROOT, licence: null, hashes: [] }
  const root =
    project === undefined
      ? { ...shared, purl: purlOf('generic', 'unnamed', ''), name: 'unnamed', version: '' }
      : { ...shared, purl: pypiPurl(project.name, project.version, null), name: project.name, version: project.version }
  return assemble({ source: { kind: 'uv', path, sha256: sha256(bytes) }, root, nodes, edges })
}

const FOLDERS = ['virtual', 'editable', 'directory']

function folderOf(fields: Fields): string | null {
  const source = section(fields, 'source', 'package')
  const kind = FOLDERS.find((each) => Object.hasOwn(source, each))
  return kind === undefined ? null : textField(source, kind, 'source')
}

function isFolder(fields: Fields): boolean {
  return folderOf(fields) !== null
}

function placeOf(fields: Fields, name: string): Place {
  const source = section(fields, 'source', name)
  const [git, url] = [textField(source, 'git', name), textField(source, 'url', name)]
  if (git !== null) {
    const [repository = '', commit = null] = git.split('#')
    return { kind: 'git', url: repository, commit }
  }
  if (url !== null) return { kind: 'url', url }
  return isFolder(fields) || source['path'] !== undefined
    ? { kind: 'local', url: null }
    : { kind: 'registry', url: registryOf(textField(source, 'registry', name)) }
}

function hashesOf({ name, fields }: Distribution) {
  const archives = [...(fields['sdist'] === undefined ? [] : [section(fields, 'sdist', name)]), ...tables(fields, 'wheels', name)]
  return archives.flatMap((archive) => {
    const hash = textField(archive, 'hash', name)
    return hash === null ? [] : [distributionHash(hash, name)]
  })
}

function addEdges(edges: DraftEdge[], { name, fields }: Distribution, from: string, byName: ByName): void {
  const groups: readonly (readonly [EdgeKind, readonly Fields[]])[] = [
    ['required', tables(fields, 'dependencies', name)],
    ...groupsOf(fields, 'optional-dependencies', name).map((group) => ['optional', group] as const),
    ...groupsOf(fields, 'dev-dependencies', name).map((group) => ['dev', group] as const),
  ]
  for (const [kind, group] of groups) {
    const extras = new Set<string>()
    for (const need of group) addNeed(edges, need, { from, kind, byName, extras })
  }
}

interface Asking {
  readonly from: string
  readonly kind: EdgeKind
  readonly byName: ByName
  /** Extras that were taken already: they may ask for each other. */
  readonly extras: Set<string>
}

/** Who asks for an extra of another asks for what that extra needs, too. */
function addNeed(edges: DraftEdge[], need: Fields, asking: Asking): void {
  const { from, kind, byName, extras } = asking
  const what = 'dependencies'
  const [name, version] = [(textField(need, 'name', what) ?? '').slice(0, 200), textField(need, 'version', what)]
  const targets = (byName.get(pypiName(name)) ?? []).filter((one) => version === null || one.version === version)
  if (targets.length === 0) edges.push({ from, to: null, kind, name, range: version })
  for (const { id, fields } of targets) {
    edges.push({ from, to: id, kind, name, range: version })
    if (edges.length > MOST_EDGES) throw new SbomError('limit', `more than ${MOST_EDGES} dependencies`)
    const groups = section(fields, 'optional-dependencies', name)
    for (const extra of Array.isArray(need['extra']) ? need['extra'] : []) {
      const key = `${id} ${String(extra)}`
      if (extras.has(key) || typeof extra !== 'string' || !Object.hasOwn(groups, extra)) continue
      extras.add(key)
      for (const more of tables(groups, extra, name)) addNeed(edges, more, asking)
    }
  }
}

function groupsOf(fields: Fields, key: string, name: string): readonly (readonly Fields[])[] {
  const groups = section(fields, key, name)
  return Object.keys(groups).map((group) => tables(groups, group, `${name}.${key}`))
}
