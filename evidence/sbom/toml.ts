/** TOML of lock files -> plain fields. https://toml.io/en/v1.0.0 */
import { parse, TomlError } from 'smol-toml'
import { SbomError } from './error.ts'
import { fieldsOf, isFields } from './fields.ts'
import type { Fields } from './fields.ts'
import { lockText } from './lines.ts'

const MAX_DEPTH = 20

/** @throws SbomError `too-large`, `malformed` */
export function tomlOf(bytes: Uint8Array, what: string): Fields {
  const text = lockText(bytes, what)
  try {
    return fieldsOf(parse(text, { maxDepth: MAX_DEPTH, unsafeKeyBehaviour: 'throw' }), what)
  } catch (cause) {
    if (!(cause instanceof TomlError || cause instanceof RangeError)) throw cause
    throw new SbomError('malformed', `${what} is no TOML: ${cause.message.split('\n')[0] ?? ''}`, { cause })
  }
}

/** A list of tables, empty when it is absent. @throws SbomError `malformed` */
export function tables(fields: Fields, key: string, what: string): readonly Fields[] {
  const value = fields[key] ?? []
  if (!Array.isArray(value) || !value.every((each) => isFields(each))) throw new SbomError('malformed', `${what}.${key} is no list of tables`)
  return value
}
