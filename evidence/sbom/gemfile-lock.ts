/** Gemfile.lock of Bundler. Groups are not in it: all counts as required. https://bundler.io/man/bundle-lock.1.html */
import { sha256 } from '../core/digest.ts'
import { SbomError } from './error.ts'
import { assemble, MOST_EDGES, MOST_NODES } from './graph.ts'
import type { DraftEdge, DraftNode } from './graph.ts'
import { hashesAndPins, hexHash } from './integrity.ts'
import type { Hash, Inventory } from './inventory.ts'
import { linesOf, malformedLine } from './lines.ts'
import type { LockQuestion } from './lock-answer.ts'
import { originOf, purlOf } from './purl.ts'

/** One GEM, GIT, PATH or PLUGIN SOURCE. */
interface Source {
  readonly kind: string
  remote: string
  revision: string
}

interface Gem {
  readonly id: string
  readonly name: string
  readonly version: string
  readonly source: Source
  /** Empty for the one that runs everywhere. */
  readonly platforms: Set<string>
  readonly needs: Map<string, string | null>
}

interface Lock {
  readonly gems: Map<string, Gem>
  readonly asked: Map<string, string | null>
  /** `name version` -> digests of its archives. */
  readonly sums: Map<string, Hash[]>
}

const ROOT = 'project'
const SOURCES = new Set(['GEM', 'GIT', 'PATH', 'PLUGIN SOURCE'])

/** @throws SbomError */
export function readGemfileLock({ path, bytes }: LockQuestion): Inventory {
  const { gems, asked, sums } = lockOf(linesOf(bytes, path), path)
  const byName = Map.groupBy(gems.values(), ({ name }) => name)
  const edgesOf = (from: string, needs: ReadonlyMap<string, string | null>): readonly DraftEdge[] =>
    [...needs].flatMap(([name, range]): readonly DraftEdge[] => {
      const targets = byName.get(name) ?? []
      // Bundler itself is asked for, and never listed.
      if (targets.length === 0) return [{ from, to: null, kind: name === 'bundler' ? 'optional' : 'required', name, range }]
      return targets.map(({ id }) => ({ from, to: id, kind: 'required', name, range }))
    })
  const edges = [...edgesOf(ROOT, asked), ...[...gems.values()].flatMap(({ id, needs }) => edgesOf(id, needs))]
  if (edges.length > MOST_EDGES) throw new SbomError('limit', `more than ${MOST_EDGES} dependencies`)
  const root = { id: ROOT, purl: purlOf('generic', 'unnamed', ''), name: 'unnamed', version: '', licence: null, hashes: [] }
  const nodes = [...gems.values()].map((gem) => nodeOf(gem, sums))
  return assemble({ source: { kind: 'bundler', path, sha256: sha256(bytes) }, root, nodes, edges })
}

const WORD = String.raw`([A-Za-z0-9_][\w.-]{0,200})`
const SPEC = new RegExp(String.raw`^ {4}${WORD} \(([0-9][\w.]{0,100})(?:-([\w.-]{1,100}))?\)$`)
const NEED = new RegExp(String.raw`^(?: {2}| {6})${WORD}(?: \(([^()]{1,300})\))?!?$`)
const SUM = new RegExp(String.raw`^ {2}${WORD} \(([0-9][\w.]{0,100})(?:-[\w.-]{1,100})?\)(?: (.+))?$`)

function lockOf(lines: readonly string[], path: string): Lock {
  const lock: Lock = { gems: new Map(), asked: new Map(), sums: new Map() }
  let section = ''
  let source: Source = { kind: '', remote: '', revision: '' }
  let gem: Gem | undefined
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue
    if (/^(?:<<<<<<<|=======|>>>>>>>)/.test(line)) throw malformedLine(path, at, 'is the mark of a merge that was not resolved')
    if (/^[A-Z][A-Z ]{0,40}$/.test(line)) {
      section = line
      if (SOURCES.has(section)) source = { kind: section, remote: '', revision: '' }
      gem = undefined
    } else if (SOURCES.has(section)) {
      const [, key, value = ''] = /^ {2}([a-z_]+): *(.*)$/.exec(line) ?? []
      const [, name, version = '', platform] = SPEC.exec(line) ?? []
      const [, needed, range = null] = /^ {6}/.test(line) ? (NEED.exec(line) ?? []) : []
      if (key === 'remote' && source.remote === '') source.remote = value
      else if (key === 'revision') source.revision = value
      else if (name !== undefined) gem = added(lock, source, name, version, platform, path, at)
      else if (needed !== undefined && gem !== undefined) gem.needs.set(needed, range)
      else if (key === undefined) throw malformedLine(path, at, 'is not what Bundler writes')
    } else if (section === 'DEPENDENCIES') {
      const [, name, range = null] = NEED.exec(line) ?? []
      if (name === undefined) throw malformedLine(path, at, 'names no gem')
      lock.asked.set(name, range)
    } else if (section === 'CHECKSUMS') sum(lock, line, path, at)
    else if (section === '') throw malformedLine(path, at, 'is not what Bundler writes')
  }
  return lock
}

function added({ gems }: Lock, source: Source, name: string, version: string, platform: string | undefined, path: string, at: number): Gem {
  const id = `${name} ${version} ${source.kind} ${source.remote}`
  const gem: Gem = gems.get(id) ?? { id, name, version, source, platforms: new Set(), needs: new Map() }
  if (gem.platforms.has(platform ?? '')) throw malformedLine(path, at, `lists ${name} ${version} again`)
  gem.platforms.add(platform ?? '')
  gems.set(id, gem)
  if (gems.size > MOST_NODES) throw new SbomError('limit', `${path} has more than ${MOST_NODES} gems`)
  return gem
}

function sum({ sums }: Lock, line: string, path: string, at: number): void {
  const [, name, version, digests] = SUM.exec(line) ?? []
  if (name === undefined) throw malformedLine(path, at, 'is no checksum of a gem')
  const found = (digests?.split(',') ?? []).map((digest) => {
    const [, hex] = /^sha256=([0-9a-f]+)$/.exec(digest.trim()) ?? []
    if (hex === undefined) throw malformedLine(path, at, 'has a checksum that is no SHA-256')
    return hexHash('SHA-256', hex, `${path}: line ${at + 1}`)
  })
  const key = `${name} ${version}`
  const known = sums.get(key) ?? []
  known.push(...found)
  sums.set(key, known)
}

function nodeOf({ id, name, version, source, platforms }: Gem, sums: ReadonlyMap<string, readonly Hash[]>): DraftNode {
  const { kind, remote, revision } = source
  const isGit = kind === 'GIT'
  const origin = kind === 'PATH' || /^https?:\/\/rubygems\.org\/?$/.test(remote) ? null : originOf(isGit ? `git+${remote}#${revision}` : remote)
  const [platform = ''] = platforms
  const qualifiers = {
    ...(platforms.size === 1 && platform !== '' ? { platform } : {}),
    ...(origin === null ? {} : isGit ? { vcs_url: origin } : { repository_url: origin }),
  }
  return {
    id,
    purl: purlOf('gem', name, version, qualifiers),
    name,
    version,
    licence: null,
    ...(isGit && /^[0-9a-f]{40}$/.test(revision) ? { hashes: [], pins: [`git:${revision}`] } : hashesAndPins(sums.get(`${name} ${version}`) ?? [])),
    origin,
    bundled: false,
    local: kind === 'PATH',
  }
}
