/**
 * RFC 8785 JSON Canonicalization Scheme over I-JSON values. Refuses what JSON cannot carry: undefined, functions, non-finite numbers, lone surrogates,
 * cycles. Numbers and strings follow ECMAScript serialisation, which is what the RFC prescribes; members are sorted by UTF-16 code units.
 */
import { CoreError } from './error.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Value -> canonical text. @throws CoreError `not-json` */
export function canonicalize(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new CoreError('not-json', `${value} has no JSON form`)
    return JSON.stringify(value)
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new CoreError('not-json', 'a string holds a lone surrogate')
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map(canonicalize).join(',')}]`
  if (typeof value !== 'object') throw new CoreError('not-json', `${typeof value} has no JSON form`)
  const members = Object.entries(value as Record<string, unknown>).filter(([, member]) => member !== undefined)
  members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${members.map(([key, member]) => `${canonicalize(key)}:${canonicalize(member)}`).join(',')}}`
}
