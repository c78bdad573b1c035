/**
 * go.mod with go.sum. The requirements of go.mod are what the main module's packages are built from, since Go 1.17 all of them; go.sum has a digest of each
 * module's files as a tree (`h1:`), which is no digest of an archive and is kept as a pin. https://go.dev/ref/mod
 */
import { sha256 } from '../core/digest.ts'
import { SbomError } from './error.ts'
import { assemble, MOST_NODES } from './graph.ts'
import type { DraftEdge, DraftNode } from './graph.ts'
import type { Inventory } from './inventory.ts'
import { linesOf, malformedLine } from './lines.ts'
import type { LockQuestion } from './lock-answer.ts'
import { purlOf } from './purl.ts'

interface Module {
  readonly path: string
  readonly version: string
}

interface Replacement {
  /** Of every version when it is empty. */
  readonly version: string
  /** A folder has no version. */
  readonly by: Module
}

interface GoMod {
  module: string
  go: string
  readonly required: Map<string, Module>
  readonly replaced: Map<string, Replacement[]>
}

/** @throws SbomError */
export function readGoMod({ path, bytes, manifest }: LockQuestion): Inventory {
  const mod = modOf(linesOf(bytes, path), path)
  if (mod.module === '') throw new SbomError('malformed', `${path} names no module`)
  const [, major = '0', minor = '0'] = /^(\d{1,4})\.(\d{1,4})/.exec(mod.go) ?? []
  if (mod.required.size > 0 && Number(major) === 1 && Number(minor) < 17)
    throw new SbomError(
      'unsupported',
      `${path} is of Go ${mod.go}, before 1.17: it does not list what its modules need in turn; run go mod tidy -go=1.17 or later`,
    )
  if (mod.required.size > 0 && manifest === undefined)
    throw new SbomError('needs-manifest', `${path} pins no bytes without the go.sum beside it; give that too`)
  const sums = manifest === undefined ? new Map<string, string>() : sumsOf(linesOf(manifest, 'go.sum'))
  const nodes = [...mod.required.values()].map((required) => nodeOf(required, mod, sums))
  const edges = [...mod.required.values()].map((required): DraftEdge => ({
    from: ROOT,
    to: idOf(required),
    kind: 'required',
    name: required.path,
    range: required.version,
  }))
  const root = { id: ROOT, purl: goPurl(mod.module, ''), name: mod.module, version: '', licence: null, hashes: [] }
  return assemble({ source: { kind: 'go', path, sha256: sha256(bytes) }, root, nodes, edges })
}

/** No module has this form. */
const ROOT = ''

/** The type's rule: namespace and name in small letters. */
function goPurl(path: string, version: string): string {
  return purlOf('golang', path.toLowerCase(), version)
}

function idOf({ path, version }: Module): string {
  return `${path}@${version}`
}

function nodeOf(required: Module, { replaced }: GoMod, sums: ReadonlyMap<string, string>): DraftNode {
  const rules = replaced.get(required.path) ?? []
  const rule = rules.find(({ version }) => version === required.version) ?? rules.find(({ version }) => version === '')
  const local = rule !== undefined && rule.by.version === ''
  const { path, version } = rule === undefined ? required : local ? { path: required.path, version: '' } : rule.by
  const sum = sums.get(`${path} ${version}`)
  return {
    id: idOf(required),
    purl: goPurl(path, version),
    name: path,
    version,
    licence: null,
    hashes: [],
    ...(sum === undefined || local ? {} : { pins: [sum] }),
    origin: null,
    bundled: false,
    local,
  }
}

const DIRECTIVES = new Set(['module', 'go', 'toolchain', 'godebug', 'require', 'exclude', 'replace', 'retract', 'tool', 'ignore'])
const WORDS = /"[^"\p{Cc}]*"|`[^`\p{Cc}]*`|[()]|[^\s"`()]+/gu
const PATH = /^[A-Za-z0-9_~-][\w.~!+-]*(?:\/[\w~!+-][\w.~!+-]*)*$/
const VERSION = /^v\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/
const FOLDER = /^(?:\.{1,2}(?:\/|$)|\/|[A-Za-z]:[\\/])/

function modOf(lines: readonly string[], path: string): GoMod {
  const mod: GoMod = { module: '', go: '1.16', required: new Map(), replaced: new Map() }
  let block: string | null = null
  for (const [at, line] of lines.entries()) {
    const words = (line.replace(/\/\/.*$/, '').match(WORDS) ?? []).map((word) => word.replaceAll(/^["`]|["`]$/g, ''))
    const [first = ''] = words
    if (words.length === 0) continue
    if (block !== null && first === ')' && words.length === 1) block = null
    else if (block === null && words.length === 2 && words[1] === '(' && DIRECTIVES.has(first)) block = first
    else if (block !== null) take(mod, block, words, path, at)
    else if (DIRECTIVES.has(first)) take(mod, first, words.slice(1), path, at)
    else throw malformedLine(path, at, 'is no line of a go.mod')
  }
  if (block !== null) throw new SbomError('malformed', `${path} ends within ${block} (`)
  return mod
}

function take(mod: GoMod, directive: string, words: readonly string[], path: string, at: number): void {
  const [first = '', second = ''] = words
  if (directive === 'module') mod.module = moduleOf(first, null, path, at).path
  else if (directive === 'go') mod.go = first.slice(0, 40)
  else if (directive === 'require') {
    if (mod.required.size >= MOST_NODES) throw new SbomError('limit', `${path} requires more than ${MOST_NODES} modules`)
    const required = moduleOf(first, second, path, at)
    if (mod.required.has(required.path)) throw malformedLine(path, at, `requires ${required.path.slice(0, 80)} again`)
    mod.required.set(required.path, required)
  } else if (directive === 'replace') {
    const arrow = words.indexOf('=>')
    const [to = '', version = ''] = words.slice(arrow + 1)
    if (arrow < 1 || arrow > 2 || words.length - arrow > 3) throw malformedLine(path, at, 'is no replacement')
    const old = moduleOf(first, arrow === 2 ? second : null, path, at)
    const by = version === '' && FOLDER.test(to) ? { path: to, version } : moduleOf(to, version, path, at)
    const rules = mod.replaced.get(old.path) ?? []
    if (rules.some((rule) => rule.version === old.version)) throw malformedLine(path, at, `replaces ${old.path.slice(0, 80)} again`)
    mod.replaced.set(old.path, [...rules, { version: old.version, by }])
  }
}

/** @param version null: none is named */
function moduleOf(name: string, version: string | null, path: string, at: number): Module {
  if (name.length > 500 || !PATH.test(name)) throw malformedLine(path, at, `names ${JSON.stringify(name.slice(0, 80))}, which is no module`)
  if (version !== null && (version.length > 200 || !VERSION.test(version)))
    throw malformedLine(path, at, `names ${JSON.stringify(version.slice(0, 80))}, which is no version`)
  return { path: name, version: version ?? '' }
}

/** `module version` -> `h1:…`; those of go.mod files alone are of no module that is built. @throws SbomError `malformed`, `integrity` */
function sumsOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const sums = new Map<string, string>()
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue
    const [, key = '', sum = ''] = /^(\S+ \S+) (h1:[A-Za-z0-9+/]{43}=)$/.exec(line.trim()) ?? []
    if (key === '') throw malformedLine('go.sum', at, 'is no line of a go.sum')
    if (key.endsWith('/go.mod')) continue
    if ((sums.get(key) ?? sum) !== sum) throw new SbomError('integrity', `go.sum: line ${at + 1} has another digest of ${key.slice(0, 200)}`)
    sums.set(key, sum)
  }
  return sums
}
