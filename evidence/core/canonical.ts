/**
 * RFC 8785 JSON Canonicalization Scheme over I-JSON values. Refuses what JSON cannot carry: functions, undefined array elements, non-finite numbers,
 * lone surrogates, class instances such as Date or Map, cycles. A member that is undefined is absent, as in JSON. Numbers and strings follow
 * ECMAScript serialisation, which is what the RFC prescribes; members are sorted by UTF-16 code units.
 */
import { CoreError } from './error.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

const MAX_DEPTH = 200

/** Value -> canonical text. @throws CoreError `not-json`, `too-deep` */
export function canonicalize(value: unknown): string {
  return write(value, 0)
}

function write(value: unknown, depth: number): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new CoreError('not-json', `${value} has no JSON form`)
    return JSON.stringify(value)
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new CoreError('not-json', 'a string holds a lone surrogate')
    return JSON.stringify(value)
  }
  if (typeof value !== 'object') throw new CoreError('not-json', `${typeof value} has no JSON form`)
  if (depth >= MAX_DEPTH) throw new CoreError('too-deep', `the value is nested deeper than ${MAX_DEPTH}, or holds itself`)
  if (Array.isArray(value)) return `[${Array.from(value, (element) => write(element, depth + 1)).join(',')}]`
  if (!isPlain(value)) throw new CoreError('not-json', `a ${value.constructor.name} has no JSON form; give plain objects`)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${members.map(([key, member]) => `${write(key, depth)}:${write(member, depth + 1)}`).join(',')}}`
}

/** True for object literals of any realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
