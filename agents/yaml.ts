/**
 * YAML of strangers -> plain data with the line of each place, within limits of size, depth and copies. Anchors and aliases are read, for people write them;
 * a bomb made of them, a doubled key or a broken line is a problem to tell and never a crash. Pure.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml'
import type { Document, Node, Pair } from 'yaml'

export interface YamlDocument {
  readonly value: unknown
  /** 1-based, of the value at the path or of the nearest thing around it. */
  line(path: readonly (string | number)[]): number
}

export interface YamlProblem {
  readonly kind: 'broken' | 'doubled-key' | 'bomb'
  /** 1-based. */
  readonly line: number
  readonly message: string
}

export type YamlFile = { readonly documents: readonly YamlDocument[] } | { readonly problem: YamlProblem }

export interface YamlLimits {
  /** Characters of the text. */
  readonly text: number
  readonly documents: number
}

const MAX_DEPTH = 60
/** Values of one file, each copy by an alias counted. */
const MAX_NODES = 200_000
const REFUSED = new Set(['__proto__', 'constructor', 'prototype'])

class Problem extends Error {
  readonly problem: YamlProblem
  constructor(problem: YamlProblem) {
    super(problem.message)
    this.problem = problem
  }
}

/** Empty documents are left out. Never throws. */
export function readYaml(text: string, limits: YamlLimits): YamlFile {
  try {
    return { documents: documentsOf(text, limits) }
  } catch (error) {
    if (error instanceof Problem) return { problem: error.problem }
    return { problem: { kind: 'broken', line: 1, message: 'it cannot be read as YAML' } }
  }
}

function documentsOf(text: string, limits: YamlLimits): YamlDocument[] {
  if (text.length > limits.text)
    throw new Problem({ kind: 'bomb', line: 1, message: `it has ${text.length} characters; at most ${limits.text} are read` })
  screen(text)
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    merge: true,
    // The library looks for them in quadratic time.
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
    logLevel: 'error',
  })
  if (!Array.isArray(parsed)) return []
  if (parsed.length > limits.documents)
    throw new Problem({ kind: 'bomb', line: 1, message: `it holds ${parsed.length} documents; at most ${limits.documents} are read` })
  const lineAt = (offset: number | undefined): number => (offset === undefined ? 1 : Math.max(1, lines.linePos(offset).line))
  const budget = { left: MAX_NODES }
  return parsed.flatMap((document): YamlDocument[] => {
    const [fault] = document.errors
    if (fault !== undefined)
      throw new Problem({
        kind: 'broken',
        line: lineAt(fault.pos[0]),
        message: `this is no YAML: ${(fault.message.split('\n')[0] ?? '').slice(0, 200)}`,
      })
    const value = new Reader(document, budget, lineAt).read(document.contents, 0)
    return value === null ? [] : [{ value, line: (path) => placeOf(document, path, lineAt) }]
  })
}

class Reader {
  readonly #document: Document
  readonly #budget: { left: number }
  readonly #lineAt: (offset: number | undefined) => number
  readonly #open = new Set<unknown>()
  constructor(document: Document, budget: { left: number }, lineAt: (offset: number | undefined) => number) {
    this.#document = document
    this.#budget = budget
    this.#lineAt = lineAt
  }

  read(node: unknown, depth: number): unknown {
    const line = this.#lineAt((node as Node | null)?.range?.[0])
    this.#budget.left -= 1
    if (this.#budget.left < 0) throw new Problem({ kind: 'bomb', line, message: `with its aliases it holds more than ${MAX_NODES} values` })
    if (depth > MAX_DEPTH) throw new Problem({ kind: 'bomb', line, message: `it is nested deeper than ${MAX_DEPTH} levels` })
    if (isAlias(node)) {
      const target = node.resolve(this.#document)
      if (target === undefined) throw new Problem({ kind: 'broken', line, message: `the alias *${node.source.slice(0, 80)} has no anchor` })
      if (this.#open.has(target)) throw new Problem({ kind: 'bomb', line, message: `the alias *${node.source.slice(0, 80)} holds itself` })
      return this.read(target, depth + 1)
    }
    if (isScalar(node)) return node.value
    if (!isSeq(node) && !isMap(node)) return null
    this.#open.add(node)
    const value = isSeq(node) ? node.items.map((item) => this.read(item, depth + 1)) : this.#map(node.items, depth)
    this.#open.delete(node)
    return value
  }

  #map(pairs: readonly Pair[], depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {}
    const own = new Set<string>()
    for (const { key, value } of pairs) {
      const line = this.#lineAt((key as Node | null)?.range?.[0])
      const meant = isAlias(key) ? key.resolve(this.#document) : key
      if (isMap(meant) || isSeq(meant)) throw new Problem({ kind: 'broken', line, message: 'a map or a list stands where the name of a key belongs' })
      const name = isScalar(meant) ? String(meant.source ?? meant.value) : ''
      if (REFUSED.has(name)) throw new Problem({ kind: 'broken', line, message: `the key ${name} is refused` })
      if (own.has(name)) throw new Problem({ kind: 'doubled-key', line, message: `the key ${name.slice(0, 80)} stands here twice` })
      own.add(name)
      const read = this.read(value, depth + 1)
      if (name !== '<<') map[name] = read
      else
        for (const merged of Array.isArray(read) ? (read as unknown[]) : [read])
          for (const [below, given] of Object.entries(isRecord(merged) ? merged : {})) map[below] ??= given
    }
    return map
  }
}

/** A map, and no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function placeOf(document: Document, path: readonly (string | number)[], lineAt: (offset: number | undefined) => number): number {
  let node: unknown = document.contents
  let found = (node as Node | null)?.range?.[0]
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.source ?? key.value) === String(part))
      found = (pair?.key as Node | undefined)?.range?.[0] ?? found
      node = pair?.value
    } else if (isSeq(node)) {
      node = node.items[Number(part)]
      found = (node as Node | undefined)?.range?.[0] ?? found
    } else break
  }
  return lineAt(found)
}

/** The library takes minutes for a megabyte of brackets or dashes, and has a stack: such a text is not given to it. */
function screen(text: string): void {
  for (const [at, line] of text.split('\n').entries()) {
    const start = /^(?: |[-?:] ){0,2000}/.exec(line)?.[0] ?? ''
    const steps = (start.match(/[-?:]/g) ?? []).length
    if (start.length > 1000 || steps > MAX_DEPTH || deepest(line) > MAX_DEPTH)
      throw new Problem({ kind: 'bomb', line: at + 1, message: `it is nested deeper than ${MAX_DEPTH} levels` })
  }
}

function deepest(line: string): number {
  let [depth, most] = [0, 0]
  for (const sign of line.matchAll(/[[\]{}]/g)) {
    depth = sign[0] === '[' || sign[0] === '{' ? depth + 1 : Math.max(0, depth - 1)
    most = Math.max(most, depth)
  }
  return most
}
