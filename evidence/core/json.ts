/**
 * Strict I-JSON (RFC 7493): bytes -> value, or a CoreError. What `JSON.parse` lets through unseen is refused: duplicate keys, numbers that a double
 * cannot hold, lone surrogates, bad UTF-8, a byte order mark, keys that reach a prototype, and more depth or bytes than the caller allows.
 */
import type { Json } from './canonical.ts'
import { CoreError, type CoreErrorCode } from './error.ts'

export interface JsonLimits {
  readonly maxBytes: number
  readonly maxDepth: number
}

const LIMITS: JsonLimits = { maxBytes: 16 * 1024 * 1024, maxDepth: 64 }
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype'])
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const MAX_NUMBER_LENGTH = 400

/** @param bytes UTF-8 @throws CoreError every code but `not-json` */
export function parseJson(bytes: Uint8Array, limits: Partial<JsonLimits> = {}): Json {
  const { maxBytes, maxDepth } = { ...LIMITS, ...limits }
  if (bytes.byteLength > maxBytes) throw new CoreError('too-large', `${bytes.byteLength} bytes of JSON; at most ${maxBytes} are read`)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new CoreError('not-utf8', 'the bytes are not UTF-8', { cause })
  }
  return plain(text, maxDepth) ?? new Parser(text, maxDepth).document()
}

/**
 * The engine's own parser is ten times as fast, and what it hides shows when it writes the value again: a key that stood twice, a number that was
 * changed. Text that comes back the same but for the space between its tokens, and holds nothing forbidden, is what the strict parser would read;
 * anything else is left to that.
 */
function plain(text: string, maxDepth: number): Json | undefined {
  try {
    const value = JSON.parse(text) as Json
    return isSame(text, JSON.stringify(value)) && isStrict(value, maxDepth) ? value : undefined
  } catch {
    return undefined
  }
}

/** @param text valid JSON @param tight JSON without space between its tokens */
function isSame(text: string, tight: string): boolean {
  if (text.length <= tight.length) return text === tight
  let at = 0
  let inString = false
  for (let here = 0; here < text.length; here += 1) {
    const unit = text.charCodeAt(here)
    if (unit === tight.charCodeAt(at)) {
      at += 1
      if (unit === 0x22) inString = !inString
      else if (unit === 0x5c && text.charCodeAt((here += 1)) !== tight.charCodeAt(at++)) return false
    } else if (inString || !isSpace(unit)) return false
  }
  return at === tight.length
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09
}

function isStrict(value: Json, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER
  if (typeof value !== 'object' || value === null) return true
  if (depth <= 0) return false
  if (Array.isArray(value)) return value.every((each: Json) => isStrict(each, depth - 1))
  for (const [key, member] of Object.entries(value)) if (FORBIDDEN.has(key) || !key.isWellFormed() || !isStrict(member, depth - 1)) return false
  return true
}

class Parser {
  readonly #text: string
  readonly #maxDepth: number
  #at = 0

  constructor(text: string, maxDepth: number) {
    this.#text = text
    this.#maxDepth = maxDepth
  }

  document(): Json {
    const value = this.#value(0)
    this.#space()
    if (this.#at < this.#text.length) this.#fail('malformed', 'something follows the value')
    return value
  }

  #value(depth: number): Json {
    this.#space()
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(this.#deeper(depth))
      case '[':
        return this.#array(this.#deeper(depth))
      case '"':
        return this.#string()
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      default:
        return this.#number()
    }
  }

  #deeper(depth: number): number {
    if (depth >= this.#maxDepth) this.#fail('too-deep', `nesting deeper than ${this.#maxDepth}`)
    return depth + 1
  }

  #object(depth: number): Json {
    const object: Record<string, Json> = {}
    this.#at += 1
    if (this.#takes('}')) return object
    do {
      this.#space()
      if (this.#text[this.#at] !== '"') this.#fail('malformed', 'a member needs a key in quotes')
      const key = this.#string()
      if (FORBIDDEN.has(key)) this.#fail('forbidden-key', `the key ${key} is not allowed`)
      if (Object.hasOwn(object, key)) this.#fail('duplicate-key', `the key ${JSON.stringify(key.slice(0, 80))} stands twice`)
      if (!this.#takes(':')) this.#fail('malformed', 'a colon is missing')
      object[key] = this.#value(depth)
    } while (this.#takes(','))
    if (!this.#takes('}')) this.#fail('malformed', 'an object is not closed')
    return object
  }

  #array(depth: number): Json {
    const array: Json[] = []
    this.#at += 1
    if (this.#takes(']')) return array
    do array.push(this.#value(depth))
    while (this.#takes(','))
    if (!this.#takes(']')) this.#fail('malformed', 'an array is not closed')
    return array
  }

  #string(): string {
    const start = this.#at
    let end = start + 1
    let escaped = false
    for (;;) {
      const unit = this.#text.charCodeAt(end)
      if (unit === 0x22) break
      if (Number.isNaN(unit)) this.#fail('malformed', 'a string is not closed')
      if (unit < 0x20) this.#fail('malformed', 'a string holds a raw control character')
      if (unit === 0x5c) escaped = true
      end += unit === 0x5c ? 2 : 1
    }
    this.#at = end + 1
    if (!escaped) return this.#text.slice(start + 1, end)
    let value: string
    try {
      value = JSON.parse(this.#text.slice(start, end + 1)) as string
    } catch {
      return this.#fail('malformed', 'a string holds a bad escape')
    }
    if (!value.isWellFormed()) this.#fail('lone-surrogate', 'a string holds a lone surrogate')
    return value
  }

  #number(): number {
    let end = this.#at
    while ('+-.0123456789eE'.includes(this.#text[end] ?? ' ')) end += 1
    if (end - this.#at > MAX_NUMBER_LENGTH) this.#fail('unsafe-number', `a number of ${end - this.#at} characters`)
    const literal = this.#text.slice(this.#at, end)
    if (!NUMBER.test(literal)) this.#fail('malformed', 'no JSON value')
    const value = Number(literal)
    const vanished = value === 0 && /[1-9]/.test(literal.replace(/[eE].*/, ''))
    if (vanished || !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) this.#fail('unsafe-number', `${literal.slice(0, 40)} does not survive a double`)
    this.#at = end
    return value
  }

  #word<Value>(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#at)) this.#fail('malformed', 'no JSON value')
    this.#at += word.length
    return value
  }

  #takes(mark: string): boolean {
    this.#space()
    if (this.#text[this.#at] !== mark) return false
    this.#at += 1
    return true
  }

  #space(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? 'x')) this.#at += 1
  }

  #fail(code: CoreErrorCode, what: string): never {
    throw new CoreError(code, `${what}, near character ${this.#at}`)
  }
}
