/**
 * YAML text -> plain data with the place of every key and value. Takes the plain part of YAML 1.2 only: no anchors, aliases, merge keys, tags, second
 * documents or doubled keys, so that what a person reads is what the program reads.
 */
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Node, Pair } from 'yaml'
import { CONFIG_MAX_BYTES } from '../model/config.ts'
import { keyOf } from './problem.ts'
import type { ConfigProblem } from './problem.ts'

const MAX_DEPTH = 20
const REFUSED_KEYS = new Set(['__proto__', 'constructor', 'prototype'])
/** YAML reads an object name of decimal digits alone, or with a single e, as a number. It is a commit all the same. */
const COMMIT = /^[0-9a-f]{40}$/

type Path = readonly (string | number)[]
export interface Place {
  readonly line: number
  readonly column: number
}
export interface Places {
  /** Of the value at the path, or of the nearest thing around it. */
  value(path: readonly PropertyKey[]): Place
  /** Of the key itself. */
  key(path: readonly PropertyKey[]): Place
}
export type Document =
  | { readonly ok: true; readonly value: unknown; readonly places: Places }
  | { readonly ok: false; readonly problems: ConfigProblem[] }

const START = { line: 1, column: 1 }

function whole(message: string, expected: string): Document {
  return { ok: false, problems: [{ ...START, key: '', message, expected, example: 'version: 1' }] }
}

export function readDocument(text: string): Document {
  const size = new TextEncoder().encode(text).length
  if (size > CONFIG_MAX_BYTES) return whole(`the file has ${size} bytes`, `at most ${CONFIG_MAX_BYTES} bytes`)
  const lines = new LineCounter()
  let parsed
  try {
    parsed = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      merge: false,
      uniqueKeys: true,
      strict: true,
      stringKeys: false,
      prettyErrors: false,
      lineCounter: lines,
      logLevel: 'error',
    })
  } catch (error) {
    return whole(`the file cannot be read as YAML: ${error instanceof Error ? error.message.split('\n')[0] : 'too deeply nested'}`, 'plain YAML')
  }
  const placeOf = (offset: number | undefined): Place => {
    if (offset === undefined) return START
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  if (parsed.errors.length > 0) {
    // After the first fault of syntax the rest is an echo; a doubled key is not.
    const doubled = parsed.errors.filter((error) => error.code === 'DUPLICATE_KEY')
    const first = parsed.errors.filter((error) => error.code !== 'DUPLICATE_KEY').slice(0, 1)
    return {
      ok: false,
      problems: [...first, ...doubled.slice(0, 50)].map((error) => ({ ...placeOf(error.pos[0]), key: '', ...yamlFault(error.code, error.message) })),
    }
  }
  if (parsed.contents === null || (isScalar(parsed.contents) && parsed.contents.value === null))
    return whole('the file is empty', 'at least `version` and `release.base`')

  const reader = new Reader(placeOf)
  const value = reader.read(parsed.contents, [], placeOf(0))
  return reader.problems.length > 0 ? { ok: false, problems: reader.problems } : { ok: true, value, places: reader.places }
}

function yamlFault(code: string, message: string): Pick<ConfigProblem, 'message' | 'expected' | 'example'> {
  if (code === 'DUPLICATE_KEY') return { message: 'this key stands here twice', expected: 'each key once', example: 'version: 1' }
  if (code === 'MULTIPLE_DOCS') return { message: 'a second YAML document begins here', expected: 'one document', example: 'version: 1' }
  if (message.includes('call stack')) return { message: 'this is nested too deeply', expected: `at most ${MAX_DEPTH} levels`, example: 'version: 1' }
  if (code === 'TAB_AS_INDENT') return { message: 'a tab is used to indent', expected: 'spaces', example: 'release:\n  base: [main]' }
  return { message: `this is not YAML: ${message.split('\n')[0]}`, expected: 'plain YAML', example: 'release:\n  base: [main]' }
}

class Reader {
  readonly problems: ConfigProblem[] = []
  readonly #values = new Map<string, Place>()
  readonly #keys = new Map<string, Place>()
  readonly #placeOf: (offset: number | undefined) => Place
  constructor(placeOf: (offset: number | undefined) => Place) {
    this.#placeOf = placeOf
  }

  get places(): Places {
    const up = (map: Map<string, Place>, path: readonly PropertyKey[]): Place => {
      for (let depth = path.length; depth >= 0; depth--) {
        const found = (depth === path.length ? map : this.#keys).get(keyOf(path.slice(0, depth)))
        if (found !== undefined) return found
      }
      return START
    }
    return { value: (path) => up(this.#values, path), key: (path) => up(this.#keys, path) }
  }

  read(node: unknown, path: Path, around: Place): unknown {
    const at = this.#placeOf((node as Node | null)?.range?.[0]) ?? around
    this.#values.set(keyOf(path), at)
    if (path.length > MAX_DEPTH) return this.#refuse(at, path, 'this is nested too deeply', `at most ${MAX_DEPTH} levels`)
    if (isScalar(node)) {
      this.#plain(node, at, path)
      return typeof node.source === 'string' && COMMIT.test(node.source) ? node.source : node.value
    }
    if (isSeq(node)) {
      this.#plain(node, at, path)
      return node.items.map((item, index) => this.read(item, [...path, index], at))
    }
    if (isMap(node)) {
      this.#plain(node, at, path)
      const map: Record<string, unknown> = {}
      for (const pair of node.items) this.#entry(map, pair, path, at)
      return map
    }
    if (node === null || node === undefined) return null
    return this.#refuse(at, path, 'an alias (*name) stands here', 'the value itself; anchors and aliases are not read')
  }

  #entry(map: Record<string, unknown>, pair: Pair, path: Path, around: Place): void {
    const start = (pair.key as Node | null)?.range?.[0]
    const at = start === undefined ? around : this.#placeOf(start)
    if (!isScalar(pair.key) || pair.key.value === null) {
      this.#refuse(at, path, 'this key is not a plain word', 'a word as key')
      return
    }
    const key = typeof pair.key.value === 'string' ? pair.key.value : (pair.key.source ?? JSON.stringify(pair.key.value))
    const here = [...path, key]
    if (key === '<<') this.#refuse(at, here, 'a merge key (<<) stands here', 'the keys themselves; merge keys are not read')
    else if (REFUSED_KEYS.has(key)) this.#refuse(at, here, `the key ${key} is refused`, 'a key of the config')
    else if (Object.hasOwn(map, key)) this.#refuse(at, here, 'this key stands here twice', 'each key once')
    else {
      this.#plain(pair.key, at, here)
      this.#keys.set(keyOf(here), at)
      map[key] = this.read(pair.value, here, at)
      if (pair.value === null || pair.value === undefined) this.#values.set(keyOf(here), at)
    }
  }

  #plain(node: Node, at: Place, path: Path): void {
    if ('anchor' in node && node.anchor !== undefined) this.#refuse(at, path, `an anchor (&${node.anchor}) stands here`, 'no anchor')
    if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:')) this.#refuse(at, path, `a tag (${node.tag}) stands here`, 'no tag')
  }

  #refuse(at: Place, path: Path, message: string, expected: string): null {
    if (this.problems.length < 50) this.problems.push({ ...at, key: keyOf(path), message, expected, example: 'release:\n  base: [main]' })
    return null
  }
}
