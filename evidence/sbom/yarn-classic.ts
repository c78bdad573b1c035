/**
 * yarn.lock of yarn 1: which request got which version. What the project asks for stands in package.json only, peers nowhere.
 * https://classic.yarnpkg.com/lang/en/docs/yarn-lock/ The one library that reads it has not moved since 2018, and takes what is not there for nothing.
 */
import { sha256 } from '../core/digest.ts'
import { SbomError } from './error.ts'
import { packageName, packageVersion } from './fields.ts'
import { assemble, MOST_NODES } from './graph.ts'
import type { DraftEdge, DraftNode } from './graph.ts'
import { hexHash, parseIntegrity } from './integrity.ts'
import type { EdgeKind, Inventory, Remark } from './inventory.ts'
import type { LockQuestion } from './lock-answer.ts'
import { bentTarget, readManifest } from './manifest.ts'
import { npmPurl, originOf } from './purl.ts'

const MAX_BYTES = 16 << 20

interface Entry {
  /** Its first request. */
  readonly id: string
  readonly requests: readonly string[]
  readonly fields: Map<string, string>
  readonly asks: [name: string, range: string, kind: EdgeKind][]
}

/** @throws SbomError */
export function readYarnClassicLock({ path, bytes, manifest }: LockQuestion): Inventory {
  if (bytes.byteLength > MAX_BYTES) throw new SbomError('too-large', `${path} has ${bytes.byteLength} bytes; at most ${MAX_BYTES} are read`)
  if (manifest === undefined)
    throw new SbomError('needs-manifest', `${path} is of yarn 1, which does not say what the project asks for; give its package.json too`)
  const project = readManifest(manifest)
  const entries = entriesOf(bytes, path)
  const byRequest = new Map<string, string>()
  const byName = new Map<string, Set<string>>()
  for (const { id, requests } of entries)
    for (const request of requests) {
      if (byRequest.has(request)) throw new SbomError('malformed', `${path}: ${request.slice(0, 80)} stands twice`)
      byRequest.set(request, id)
      const name = nameOf(request)
      byName.set(name, (byName.get(name) ?? new Set()).add(id))
    }
  const idOf = (name: string, range: string): string | null => byRequest.get(`${name}@${range}`) ?? bentTarget(name, project, byRequest, byName)
  const own: readonly DraftEdge[] = project.asks
    .filter(({ kind }) => kind !== 'peer' && kind !== 'peer-optional')
    .map(({ name, range, kind }) => ({ from: ROOT, to: idOf(name, range), kind, name, range }))
  const edges = entries.flatMap((entry) =>
    entry.asks.map(([name, range, kind]): DraftEdge => ({ from: entry.id, to: idOf(name, range), kind, name, range })),
  )
  const [name, version] = [project.name ?? 'unnamed', project.version ?? '']
  const shared = project.workspaces.length === 0 ? { edges: [], remarks: [] } : ofWorkspaces(entries, [...own, ...edges])
  return assemble({
    source: { kind: 'yarn', path, sha256: sha256(bytes) },
    root: { id: ROOT, purl: npmPurl(name, version, null), name, version, licence: project.licence, hashes: [] },
    nodes: entries.map((entry) => nodeOf(entry)),
    edges: [...own, ...edges, ...shared.edges],
    remarks: shared.remarks,
  })
}

/** No request has this form. */
const ROOT = ''

/** The lock file does not name the workspaces: what nobody else asks for, one of them does. */
function ofWorkspaces(
  entries: readonly Entry[],
  edges: readonly DraftEdge[],
): { readonly edges: readonly DraftEdge[]; readonly remarks: readonly Remark[] } {
  const asked = new Set(edges.map(({ to }) => to))
  const ids = entries.map(({ id }) => id).filter((id) => !asked.has(id))
  return {
    edges: ids.map((to) => ({ from: ROOT, to, kind: 'required', name: nameOf(to), range: null })),
    remarks: [{ code: 'unread', about: 'workspaces' }],
  }
}

function nameOf(request: string): string {
  const at = request.indexOf('@', 1)
  return at === -1 ? request : request.slice(0, at)
}

function nodeOf({ id: request, fields }: Entry): DraftNode {
  const alias = /^@?[^@]+@npm:(@?[^@]+)(?:@|$)/.exec(request)?.[1]
  const name = packageName(alias ?? nameOf(request))
  const version = packageVersion(fields.get('version') ?? null, request)
  const resolved = fields.get('resolved') ?? null
  const integrity = fields.get('integrity')
  const [place, fragment] = resolved?.split('#') ?? []
  const isArchive = /^https?:.*\.tgz$/.test(place ?? '') && /^[0-9a-f]{40}$/.test(fragment ?? '')
  const origin = originOf((isArchive ? place : resolved) ?? null)
  return {
    id: request,
    purl: npmPurl(name, version, origin),
    name,
    version,
    licence: null,
    hashes: integrity !== undefined ? parseIntegrity(integrity, request) : isArchive ? [hexHash('SHA-1', fragment ?? '', request)] : [],
    origin,
    bundled: false,
    local: false,
  }
}

const WORD = String.raw`"(?:[^"\\\p{Cc}]|\\["\\/])*"|[^\s",:#]+`
const HEAD = new RegExp(`^(?:${WORD})(?:, (?:${WORD}))*:$`, 'u')
const WORDS = new RegExp(WORD, 'gu')
const PAIR = new RegExp(String.raw`^( {2}| {4})(${WORD}) (${WORD}|[^\s"]+)$`, 'u')
const GROUP = /^ {2}(dependencies|optionalDependencies):$/

function entriesOf(bytes: Uint8Array, path: string): readonly Entry[] {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new SbomError('malformed', `${path} is not UTF-8`, { cause })
  }
  const entries: Entry[] = []
  let group: EdgeKind | null = null
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line === '' || line.startsWith('#')) continue
    const entry = entries.at(-1)
    const section = GROUP.exec(line)?.[1]
    const pair = PAIR.exec(line)
    if (line.length > 8000) throw malformed(path, at)
    if (HEAD.test(line)) {
      const requests = (line.match(WORDS) ?? []).map((word) => unquoted(word))
      entries.push({ id: requests[0] ?? '', requests, fields: new Map(), asks: [] })
      group = null
    } else if (entry !== undefined && section !== undefined) group = section === 'dependencies' ? 'required' : 'optional'
    else if (entry !== undefined && pair !== null) {
      const [key, value] = [unquoted(pair[2] ?? ''), unquoted(pair[3] ?? '')]
      if (pair[1] === '    ' && group !== null) entry.asks.push([key, value, group])
      else if (pair[1] === '  ' && !entry.fields.has(key)) entry.fields.set(key, value)
      else throw malformed(path, at)
    } else throw malformed(path, at)
  }
  if (entries.length > MOST_NODES) throw new SbomError('limit', `${entries.length} entries; at most ${MOST_NODES} are read`)
  return entries
}

function unquoted(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, '$1') : word
}

function malformed(path: string, at: number): SbomError {
  return new SbomError('malformed', `${path}: line ${at + 1} is not what yarn 1 writes`)
}
