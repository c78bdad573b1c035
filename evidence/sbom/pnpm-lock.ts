/** pnpm-lock.yaml, versions 6 and 9. It names neither the project nor any licence. https://github.com/pnpm/spec/blob/master/lockfile/9.0.md */
import { sha256 } from '../core/digest.ts'
import { SbomError } from './error.ts'
import { fieldsOf, isFields, packageName, packageVersion, section, textField, texts } from './fields.ts'
import type { Fields } from './fields.ts'
import { assemble, MOST_EDGES } from './graph.ts'
import type { DraftEdge, DraftNode } from './graph.ts'
import { parseIntegrity } from './integrity.ts'
import type { EdgeKind, Inventory, Remark } from './inventory.ts'
import type { LockQuestion } from './lock-answer.ts'
import { readManifest } from './manifest.ts'
import { npmPurl, originOf, purlOf } from './purl.ts'
import { yamlOf } from './yaml.ts'

const SECTIONS: readonly (readonly [string, EdgeKind])[] = [
  ['dependencies', 'required'],
  ['optionalDependencies', 'optional'],
  ['devDependencies', 'dev'],
]

/** @throws SbomError */
export function readPnpmLock({ path, bytes, manifest }: LockQuestion): Inventory {
  const documents = yamlOf(bytes, path)
  const lock = documents.at(-1) ?? documents[0]
  const version = textField(lock, 'lockfileVersion', path) ?? ''
  if (!/^(?:6\.\d|9\.0)$/.test(version))
    throw new SbomError('unsupported', `${path} is a lock file of version ${JSON.stringify(version.slice(0, 40))}; 6.x and 9.0 are read`)
  const project = manifest === undefined ? null : readManifest(manifest)
  const name = project?.name ?? 'unnamed'
  const root = {
    id: IMPORTER,
    purl: npmPurl(name, project?.version ?? '', null),
    name,
    version: project?.version ?? '',
    licence: project?.licence ?? null,
    hashes: [],
  }
  const places = new Places(lock, path, version === '9.0')
  const { nodes, edges, remarks } = places
  // The first of two documents pins pnpm itself and its plug-ins: nothing of the project.
  const unread: readonly Remark[] = documents.length > 1 ? [{ code: 'unread', about: 'the first document' }] : []
  return assemble({ source: { kind: 'pnpm', path, sha256: sha256(bytes) }, root, nodes, edges, remarks: [...remarks, ...unread] })
}

/** Id of the project; of its other folders, with the path behind. */
const IMPORTER = 'importer:'

class Places {
  readonly nodes: DraftNode[] = []
  readonly edges: DraftEdge[] = []
  readonly remarks: Remark[] = []
  readonly #packages: Fields
  readonly #snapshots: Fields
  readonly #importers: Fields
  /** Folder -> the names under which other folders ask for it. */
  readonly #called = new Map<string, Set<string>>()

  constructor(lock: Fields, path: string, isSplit: boolean) {
    this.#packages = section(lock, 'packages', path)
    this.#snapshots = isSplit ? section(lock, 'snapshots', path) : this.#packages
    const importers = section(lock, 'importers', path)
    this.#importers = Object.keys(importers).length === 0 ? { '.': lock } : importers
    for (const [key, value] of Object.entries(this.#snapshots)) this.#snapshot(key, fieldsOf(value === '' ? {} : value, key))
    for (const [folder, value] of Object.entries(this.#importers)) this.#importer(folder, fieldsOf(value, folder))
    for (const folder of Object.keys(this.#importers)) if (folder !== '.') this.#folder(folder)
  }

  #add(edge: DraftEdge): void {
    this.edges.push(edge)
    if (this.edges.length > MOST_EDGES) throw new SbomError('limit', `more than ${MOST_EDGES} dependencies`)
  }

  #snapshot(key: string, snapshot: Fields): void {
    const base = withoutPeers(key)
    const entry = fieldsOf(this.#packages[base] ?? this.#packages[key] ?? {}, base)
    this.nodes.push(nodeOf(key, base, entry))
    const peers = section(entry, 'peerDependencies', base)
    const meta = section(entry, 'peerDependenciesMeta', base)
    for (const [group, kind] of SECTIONS.slice(0, 2))
      for (const [name, reference] of texts(snapshot, group, key)) {
        const mayMiss = isFields(meta[name]) && meta[name]['optional'] === 'true'
        const asked = !Object.hasOwn(peers, name) ? kind : mayMiss ? 'peer-optional' : 'peer'
        this.#add({ from: key, to: this.#target('.', name, reference), kind: asked, name, range: null })
      }
  }

  #importer(folder: string, importer: Fields): void {
    for (const [group, kind] of SECTIONS)
      for (const [name, value] of Object.entries(section(importer, group, folder))) {
        const ask = fieldsOf(value, `${folder}.${name.slice(0, 80)}`)
        const reference = textField(ask, 'version', name) ?? ''
        this.#add({ from: idOf(folder), to: this.#target(folder, name, reference), kind, name, range: textField(ask, 'specifier', name) })
      }
  }

  #target(folder: string, name: string, reference: string): string | null {
    if (reference.startsWith('link:')) return this.#linked(folder, name, reference.slice('link:'.length))
    const ids = [`${name}@${reference}`, reference, `/${name}@${reference}`]
    return ids.find((id) => Object.hasOwn(this.#snapshots, id)) ?? null
  }

  #linked(folder: string, name: string, path: string): string | null {
    const target = joined(folder, path)
    if (!Object.hasOwn(this.#importers, target)) {
      this.remarks.push({ code: 'unread', about: `link:${path}` })
      return null
    }
    const names = this.#called.get(target) ?? new Set()
    this.#called.set(target, names.add(name))
    return idOf(target)
  }

  #folder(folder: string): void {
    const [only, ...others] = this.#called.get(folder) ?? []
    const name = only !== undefined && others.length === 0 ? packageName(only) : folder.slice(0, 214)
    const purl = name === only ? npmPurl(name, '', null) : purlOf('generic', name, '')
    this.nodes.push({ id: idOf(folder), purl, name, version: '', licence: null, hashes: [], origin: null, bundled: false, local: true })
    this.#add({ from: IMPORTER, to: idOf(folder), kind: 'required', name, range: null })
  }
}

function idOf(folder: string): string {
  return folder === '.' ? IMPORTER : `${IMPORTER}${folder}`
}

/** `packages/a` and `../b` -> `packages/b` */
function joined(folder: string, path: string): string {
  const parts: string[] = []
  for (const part of [...folder.split('/'), ...path.split('/')]) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.length === 0 ? '.' : parts.join('/')
}

/** `a@1.0.0(b@2.0.0)` -> `a@1.0.0` */
function withoutPeers(key: string): string {
  const end = key.indexOf('(')
  return end === -1 ? key : key.slice(0, end)
}

function nodeOf(id: string, base: string, entry: Fields): DraftNode {
  const key = base.replace(/^\//, '')
  const at = key.indexOf('@', 1)
  const name = packageName(textField(entry, 'name', base) ?? (at === -1 ? key : key.slice(0, at)))
  const reference = at === -1 ? '' : key.slice(at + 1)
  const said = textField(entry, 'version', base) ?? (/[:/]/.test(reference) ? null : reference)
  const resolution = section(entry, 'resolution', base)
  const origin = originOf(placeOf(resolution))
  const integrity = textField(resolution, 'integrity', base)
  const version = said === null ? '' : packageVersion(said, base)
  return {
    id,
    purl: npmPurl(name, version, origin),
    name,
    version,
    licence: null,
    hashes: integrity === null ? [] : parseIntegrity(integrity, base),
    origin,
    bundled: false,
    local: resolution['type'] === 'directory',
  }
}

function placeOf(resolution: Fields): string | null {
  const tarball = textField(resolution, 'tarball', 'resolution')
  if (resolution['type'] !== 'git') return tarball
  const repo = (textField(resolution, 'repo', 'resolution') ?? '').replace(/^(?:git@)([^/:]+):/, 'ssh://git@$1/')
  return `${repo.startsWith('git+') ? '' : 'git+'}${repo}#${textField(resolution, 'commit', 'resolution') ?? ''}`
}
