/** Plain fields of untrusted data: absent, or of the right type, or an error that names the place. */
import { SbomError } from './error.ts'

export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @throws SbomError `malformed` */
export function fieldsOf(value: unknown, what: string): Fields {
  if (!isFields(value)) throw new SbomError('malformed', `${what} is no object`)
  return value
}

/** An object, or an empty one when it is absent. @throws SbomError `malformed` */
export function section(fields: Fields, key: string, what: string): Fields {
  const value = fields[key]
  return value === undefined || value === null ? {} : fieldsOf(value, `${what}.${key}`)
}

/** @throws SbomError `malformed` */
export function textField(fields: Fields, key: string, what: string): string | null {
  const value = fields[key]
  if (value === undefined || value === null) return null
  if (typeof value !== 'string' || value.length > 4000) throw new SbomError('malformed', `${what}.${key} is no text of at most 4000 characters`)
  return value
}

/** Name -> text, such as `dependencies`. @throws SbomError `malformed` */
export function texts(fields: Fields, key: string, what: string): readonly (readonly [string, string])[] {
  return Object.entries(section(fields, key, what)).map(([name, value]) => {
    if (typeof value !== 'string' || value.length > 4000) throw new SbomError('malformed', `${what}.${key}.${name.slice(0, 80)} is no text`)
    return [name, value]
  })
}

const NAME = /^(?:@[\w~!'()*.-]+\/)?[\w~!'()*.-]+$/
const VERSION = /^[\x21-\x7e]{1,256}$/

/** What a registry would take as the name of a package. @throws SbomError `malformed` */
export function packageName(name: string): string {
  if (name.length > 214 || !NAME.test(name)) throw new SbomError('malformed', `${JSON.stringify(name.slice(0, 80))} is no name of a package`)
  return name
}

/** @throws SbomError `malformed` */
export function packageVersion(version: string | null, of: string): string {
  if (version === null || !VERSION.test(version))
    throw new SbomError('malformed', `${of}: ${JSON.stringify(version?.slice(0, 40) ?? null)} is no version`)
  return version
}
