/** Cargo.lock, versions 1 to 4. It does not say what only builds or tests: all counts as required. https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html */
import { sha256 } from '../core/digest.ts'
import { SbomError } from './error.ts'
import { packageVersion, section, textField } from './fields.ts'
import type { Fields } from './fields.ts'
import { assemble, MOST_EDGES, MOST_NODES } from './graph.ts'
import type { DraftEdge, DraftNode } from './graph.ts'
import { hexHash } from './integrity.ts'
import type { Inventory } from './inventory.ts'
import type { LockQuestion } from './lock-answer.ts'
import { originOf, purlOf } from './purl.ts'
import { tables, tomlOf } from './toml.ts'

interface Crate {
  readonly name: string
  readonly version: string
  /** Null: a folder of the project. */
  readonly source: string | null
  readonly checksum: string | null
  readonly needs: readonly string[]
}

const ROOT = ''

/** @throws SbomError */
export function readCargoLock({ path, bytes }: LockQuestion): Inventory {
  const lock = tomlOf(bytes, path)
  const version = lock['version']
  if (version !== undefined && version !== 3 && version !== 4)
    throw new SbomError('unsupported', `${path} is a lock file of version ${JSON.stringify(version).slice(0, 40)}; versions 1 to 4 are read`)
  const listed = tables(lock, 'package', path)
  if (listed.length > MOST_NODES) throw new SbomError('limit', `${listed.length} packages; at most ${MOST_NODES} are read`)
  const metadata = section(lock, 'metadata', path)
  const crates = listed.map((fields) => crateOf(fields, metadata, path))
  const byName = Map.groupBy(crates, ({ name }) => name)
  for (const [name, all] of byName)
    if (new Set(all.map((each) => idOf(each))).size < all.length) throw new SbomError('malformed', `${path}: ${name} stands twice`)
  const folders = crates.filter(({ source }) => source === null)
  const [only] = folders.length === 1 ? folders : []
  const root = rootOf(only)
  const edges: DraftEdge[] = only === undefined ? folders.map((each) => edge(ROOT, idOf(each), each.name)) : []
  for (const crate of crates)
    for (const need of crate.needs) {
      edges.push(edge(crate === only ? ROOT : idOf(crate), targetOf(need, byName, path), need.split(' ')[0] ?? need))
      if (edges.length > MOST_EDGES) throw new SbomError('limit', `more than ${MOST_EDGES} dependencies`)
    }
  const nodes = crates.filter((crate) => crate !== only).map((crate) => nodeOf(crate))
  return assemble({ source: { kind: 'cargo', path, sha256: sha256(bytes) }, root, nodes, edges })
}

function rootOf(only: Crate | undefined) {
  const shared = { id: ROOT, licence: null, hashes: [] }
  if (only === undefined) return { ...shared, purl: purlOf('generic', 'unnamed', ''), name: 'unnamed', version: '' }
  return { ...shared, purl: purlOf('cargo', only.name, only.version), name: only.name, version: only.version }
}

function edge(from: string, to: string | null, name: string): DraftEdge {
  return { from, to, kind: 'required', name, range: null }
}

function idOf({ name, version, source }: Crate): string {
  return `${name} ${version} (${source ?? ''})`
}

const NAME = /^[A-Za-z0-9_][\w-]{0,200}$/

function crateOf(fields: Fields, metadata: Fields, path: string): Crate {
  const name = textField(fields, 'name', path) ?? ''
  if (!NAME.test(name)) throw new SbomError('malformed', `${path}: ${JSON.stringify(name.slice(0, 80))} is no name of a package`)
  const version = packageVersion(textField(fields, 'version', name), name)
  const source = textField(fields, 'source', name)
  const needs: unknown = fields['dependencies'] ?? []
  if (!Array.isArray(needs) || !needs.every((each) => typeof each === 'string'))
    throw new SbomError('malformed', `${name}.dependencies is no list of texts`)
  // Versions 1 and 2 have the checksums in a table of their own.
  const checksum = textField(fields, 'checksum', name) ?? textField(metadata, `checksum ${name} ${version} (${source ?? ''})`, path)
  return { name, version, source, checksum: checksum === '<none>' ? null : checksum, needs }
}

/** `name`, `name version`, `name version (source)`: as much as it takes to mean one. */
function targetOf(need: string, byName: ReadonlyMap<string, readonly Crate[]>, path: string): string | null {
  const [, name = '', version, source] = /^(\S+)(?: (\S+))?(?: \((.+)\))?$/.exec(need.slice(0, 4000)) ?? []
  const [found, ...others] = (byName.get(name) ?? []).filter(
    (crate) => (version === undefined || crate.version === version) && (source === undefined || crate.source === source),
  )
  if (others.length > 0) throw new SbomError('malformed', `${path}: ${need.slice(0, 80)} may mean several packages`)
  return found === undefined ? null : idOf(found)
}

const PUBLIC = new Set(['registry+https://github.com/rust-lang/crates.io-index', 'sparse+https://index.crates.io/'])

function nodeOf(crate: Crate): DraftNode {
  const { name, version, source, checksum } = crate
  const [kind = '', place = ''] = /^(registry|sparse|git)\+(.+)$/.exec(source ?? '')?.slice(1) ?? []
  const origin = source === null || PUBLIC.has(source) ? null : originOf(kind === 'git' ? `git+${place}` : place)
  const qualifiers = origin === null ? {} : kind === 'git' ? { vcs_url: origin } : { repository_url: origin }
  return {
    id: idOf(crate),
    purl: purlOf('cargo', name, version, qualifiers),
    name,
    version,
    licence: null,
    hashes: checksum === null ? [] : [hexHash('SHA-256', checksum, name)],
    // A commit pins the bytes as a digest does.
    ...(kind === 'git' && /#[0-9a-f]{40}$/.test(place) ? { pins: [`git:${place.slice(-40)}`] } : {}),
    origin,
    bundled: false,
    local: source === null,
  }
}
