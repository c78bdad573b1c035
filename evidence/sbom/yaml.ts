/**
 * The YAML of lock files -> plain objects of texts. Machines write it, so the plain part is enough: an anchor, an alias, a tag or a doubled key refuses the
 * file. Every scalar stays the text it is: a commit of digits is no number.
 */
import { isMap, isScalar, isSeq, parseAllDocuments } from 'yaml'
import type { Node } from 'yaml'
import { SbomError } from './error.ts'
import { fieldsOf } from './fields.ts'
import type { Fields } from './fields.ts'

const MAX_BYTES = 4 << 20
const MAX_DEPTH = 20
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype'])

/** @returns one object for each document, at least one @throws SbomError `too-large`, `malformed` */
export function yamlOf(bytes: Uint8Array, what: string): readonly [Fields, ...Fields[]] {
  if (bytes.byteLength > MAX_BYTES) throw new SbomError('too-large', `${what} has ${bytes.byteLength} bytes; at most ${MAX_BYTES} are read`)
  let documents
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    screen(text, what)
    documents = parseAllDocuments(text, { version: '1.2', schema: 'failsafe', uniqueKeys: false, prettyErrors: false, logLevel: 'error' })
  } catch (cause) {
    if (cause instanceof SbomError) throw cause
    throw new SbomError('malformed', `${what} cannot be read as YAML`, { cause })
  }
  if (!Array.isArray(documents) || documents.length > 2) throw new SbomError('malformed', `${what} holds no document, or more than two`)
  const [first, ...rest] = documents.map((document) => {
    const [fault] = document.errors
    if (fault !== undefined) throw new SbomError('malformed', `${what} is no YAML: ${fault.message.split('\n')[0] ?? ''}`)
    return fieldsOf(plain(document.contents, what, 0), what)
  })
  if (first === undefined) throw new SbomError('malformed', `${what} holds no document`)
  return [first, ...rest]
}

function plain(node: Node | null, what: string, depth: number): unknown {
  if (node === null) return ''
  const marked = ('anchor' in node && node.anchor !== undefined) || node.tag !== undefined
  if (marked || depth > MAX_DEPTH) throw new SbomError('malformed', `${what} holds an anchor, a tag or more than ${MAX_DEPTH} levels`)
  if (isScalar(node)) return textOf(node.value, what)
  if (isSeq(node)) return node.items.map((item) => plain(item as Node | null, what, depth + 1))
  if (!isMap(node)) throw new SbomError('malformed', `${what} holds an alias`)
  const map: Record<string, unknown> = {}
  for (const { key, value } of node.items) {
    if (!isScalar(key)) throw new SbomError('malformed', `${what} holds a key that is no text`)
    const name = textOf(key.value, what)
    if (FORBIDDEN.has(name) || Object.hasOwn(map, name))
      throw new SbomError('malformed', `${what} holds the key ${JSON.stringify(name.slice(0, 80))} twice`)
    map[name] = plain(value as Node | null, what, depth + 1)
  }
  return map
}

function textOf(value: unknown, what: string): string {
  if (value === null) return ''
  if (typeof value !== 'string' || !value.isWellFormed()) throw new SbomError('malformed', `${what} holds a value that is no text`)
  return value
}

const MAX_LINE = 20_000
/** What a line of a lock file looks like: little indentation, few brackets, and at the left margin a key, a comment or the mark between two documents. */
const LINE = /^(?: {0,60}(?:[-?:] ){0,2}[^ ]|---$|$)/
const MARGIN = /^(?:[A-Za-z_"'?:#]|---$)/

/** The library takes minutes for a few megabytes of brackets or marks. Whatever does not look like a lock file is not given to it. */
function screen(text: string, what: string): void {
  let documents = 0
  for (const [at, line] of text.split('\n').entries()) {
    if (line === '---') documents += 1
    const isStrange = line.length > MAX_LINE || !LINE.test(line) || (line !== '' && !line.startsWith(' ') && !MARGIN.test(line))
    if (isStrange || documents > 2 || (line.match(/[[{]/g) ?? []).length > 100)
      throw new SbomError('malformed', `${what}: line ${at + 1} is not what a package manager writes`)
  }
}
