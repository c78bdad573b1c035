/**
 * package-lock.json and npm-shrinkwrap.json, versions 1 to 3. Dependencies are resolved as Node resolves them: in the asking folder's node_modules, then in
 * each one above. https://docs.npmjs.com/cli/configuring-npm/package-lock-json
 */
import { sha256 } from '../core/digest.ts'
import { SbomError } from './error.ts'
import { fieldsOf, packageName, packageVersion, section, textField } from './fields.ts'
import type { Fields } from './fields.ts'
import { isListed } from './glob.ts'
import { assemble, MOST_EDGES, MOST_NODES } from './graph.ts'
import type { Draft, DraftEdge, DraftNode } from './graph.ts'
import { parseIntegrity } from './integrity.ts'
import type { Inventory } from './inventory.ts'
import type { LockQuestion } from './lock-answer.ts'
import { asksOf, jsonOf, licenceOf, readManifest, workspacesOf } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import { placesOfVersion1 } from './npm-lock-v1.ts'
import { npmPurl, originOf } from './purl.ts'

const MAX_BYTES = 32 << 20
const MAX_LOCATION = 1000
const MAX_NESTING = 40

/** @throws SbomError */
export function readNpmLock({ path, bytes, manifest }: LockQuestion): Inventory {
  const lock = fieldsOf(jsonOf(bytes, path, MAX_BYTES), path)
  const project = manifest === undefined ? null : readManifest(manifest)
  const version = lock['lockfileVersion']
  if (version !== undefined && version !== 1 && version !== 2 && version !== 3)
    throw new SbomError('unsupported', `${path} is a lock file of version ${JSON.stringify(version).slice(0, 40)}; versions 1 to 3 are read`)
  const places = version === 2 || version === 3 ? section(lock, 'packages', path) : placesOfVersion1(lock, path, manifest)
  return new Places(places, lock, path, project).inventory(bytes)
}

/** Places without a lock file around them, such as the node_modules of an image. @throws SbomError */
export function draftOfPlaces(places: Fields, path: string): Pick<Draft, 'nodes' | 'edges'> {
  const all = new Places(places, {}, path, null)
  return { nodes: all.nodes(), edges: all.edges() }
}

class Places {
  readonly #path: string
  readonly #project: Manifest | null
  readonly #lock: Fields
  readonly #entries = new Map<string, Fields>()
  /** Location of a link -> location of what it points to. */
  readonly #links = new Map<string, string>()

  constructor(places: Fields, lock: Fields, path: string, project: Manifest | null) {
    this.#path = path
    this.#project = project
    this.#lock = lock
    const all = Object.entries(places)
    if (all.length > MOST_NODES) throw new SbomError('limit', `${all.length} entries; at most ${MOST_NODES} are read`)
    for (const [location, value] of all) {
      checkLocation(location)
      const entry = fieldsOf(value, `packages.${location.slice(0, 80)}`)
      if (entry['link'] === true) this.#links.set(location, targetOf(entry, location))
      else this.#entries.set(location, entry)
    }
    for (const [location, target] of this.#links)
      if (!this.#entries.has(target))
        throw new SbomError('malformed', `${location} is a link to ${target.slice(0, 80)}, which the lock file does not hold`)
  }

  inventory(bytes: Uint8Array): Inventory {
    const root = this.#entries.get('') ?? {}
    const name = textField(root, 'name', '""') ?? textField(this.#lock, 'name', this.#path) ?? this.#project?.name ?? 'unnamed'
    const version = textField(root, 'version', '""') ?? textField(this.#lock, 'version', this.#path) ?? this.#project?.version ?? ''
    return assemble({
      source: { kind: 'npm', path: this.#path, sha256: sha256(bytes) },
      root: { id: '', purl: npmPurl(name, version, null), name, version, licence: licenceOf(root) ?? this.#project?.licence ?? null, hashes: [] },
      nodes: this.nodes(),
      edges: this.edges(),
    })
  }

  nodes(): readonly DraftNode[] {
    return [...this.#entries].filter(([location]) => location !== '').map(([location, entry]) => nodeOf(location, entry))
  }

  edges(): readonly DraftEdge[] {
    const edges: DraftEdge[] = this.#workspaces()
    const taken = new Set(edges.map(({ name }) => name))
    for (const [from, entry] of this.#entries) {
      const asks = asksOf(entry, `packages.${from.slice(0, 80)}`, !isInstalled(from))
      for (const { name, range, kind } of asks)
        if (from !== '' || !taken.has(name)) edges.push({ from, to: this.#resolve(from, name), kind, name, range })
      if (edges.length > MOST_EDGES) throw new SbomError('limit', `more than ${MOST_EDGES} dependencies`)
    }
    return edges
  }

  #workspaces(): DraftEdge[] {
    const root = this.#entries.get('')
    const patterns = root === undefined ? [] : workspacesOf(root)
    if (patterns.length === 0) return []
    return [...this.#links].flatMap(([location, to]) => {
      const name = nameOf(location)
      if (location !== `node_modules/${name}` || !isListed(to, patterns)) return []
      return [{ from: '', to, kind: 'required', name, range: `file:${to}` }]
    })
  }

  #resolve(from: string, name: string): string | null {
    for (let folder: string | null = from; folder !== null; folder = above(folder)) {
      const location = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`
      const target = this.#links.get(location) ?? (this.#entries.has(location) ? location : undefined)
      if (target !== undefined) return target
    }
    return null
  }
}

/** The folder in which Node looks next. Nothing lies above a folder outside the project. */
function above(folder: string): string | null {
  if (folder === '' || folder === '..') return null
  const end = folder.endsWith('/node_modules') ? folder.length - '/node_modules'.length : folder.lastIndexOf('/')
  const next = end <= 0 ? '' : folder.slice(0, end)
  if (next === '' && folder.startsWith('../')) return null
  return next === 'node_modules' ? '' : next.endsWith('/node_modules') ? next.slice(0, -'/node_modules'.length) : next
}

function checkLocation(location: string): void {
  const parts = location.split('/')
  if (location.length > MAX_LOCATION || parts.filter((part) => part === 'node_modules').length > MAX_NESTING)
    throw new SbomError('limit', `${JSON.stringify(location.slice(0, 80))} lies too deep`)
  const rest = parts.slice(parts.findIndex((part) => part !== '..'))
  if (location !== '' && (rest.some((part) => part === '' || part === '.' || part === '..') || /[\p{Cc}\\]/u.test(location)))
    throw new SbomError('malformed', `${JSON.stringify(location.slice(0, 80))} is no location`)
}

function targetOf(entry: Fields, location: string): string {
  const target = textField(entry, 'resolved', location)
  if (target === null) throw new SbomError('malformed', `${location} is a link to nowhere`)
  return target.replace(/^file:/, '').replace(/^\.\//, '')
}

/** Below a node_modules, so that its development dependencies are not installed. */
function isInstalled(location: string): boolean {
  return /(?:^|\/)node_modules\//.test(location)
}

/** `a/node_modules/@b/c` -> `@b/c` */
function nameOf(location: string): string {
  const parts = location.split('/')
  const last = parts.at(-1) ?? ''
  const scope = parts.at(-2) ?? ''
  return scope.startsWith('@') ? `${scope}/${last}` : last
}

function nodeOf(location: string, entry: Fields): DraftNode {
  const what = `packages.${location.slice(0, 80)}`
  const local = !isInstalled(location)
  const named = textField(entry, 'name', what) ?? nameOf(location)
  const name = local ? named.slice(0, 214) : packageName(named)
  const version = textField(entry, 'version', what)
  const resolved = textField(entry, 'resolved', what)
  const origin = originOf(resolved)
  const integrity = textField(entry, 'integrity', what)
  const checked = version === null && (local || resolved !== null) ? '' : packageVersion(version, what)
  return {
    id: location,
    purl: npmPurl(name, checked, origin),
    name,
    version: checked,
    licence: licenceOf(entry),
    hashes: integrity === null ? [] : parseIntegrity(integrity, what),
    origin,
    bundled: entry['inBundle'] === true,
    local,
  }
}
