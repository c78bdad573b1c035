/** package.json, as far as an inventory needs it. https://docs.npmjs.com/cli/configuring-npm/package-json */
import { parseJson } from '../core/json.ts'
import { SbomError } from './error.ts'
import { fieldsOf, isFields, section, textField, texts } from './fields.ts'
import type { Fields } from './fields.ts'
import type { EdgeKind } from './inventory.ts'

export interface Asking {
  readonly name: string
  readonly range: string
  readonly kind: EdgeKind
}

export interface Manifest {
  readonly name: string | null
  readonly version: string | null
  readonly licence: string | null
  readonly asks: readonly Asking[]
  readonly workspaces: readonly string[]
  /** Names that overrides or resolutions bend, each with what they are bent to. */
  readonly bent: ReadonlyMap<string, readonly string[]>
}

/** @throws SbomError `malformed` */
export function readManifest(bytes: Uint8Array): Manifest {
  const fields = fieldsOf(jsonOf(bytes, 'package.json', 1 << 20), 'package.json')
  const what = 'package.json'
  return {
    name: textField(fields, 'name', what),
    version: textField(fields, 'version', what),
    licence: licenceOf(fields),
    asks: asksOf(fields, what, true),
    workspaces: workspacesOf(fields),
    bent: bentOf([fields['overrides'], fields['resolutions'], section(fields, 'pnpm', what)['overrides']]),
  }
}

/** @throws SbomError `malformed`, `too-large` */
export function jsonOf(bytes: Uint8Array, what: string, maxBytes: number): unknown {
  if (bytes.byteLength > maxBytes) throw new SbomError('too-large', `${what} has ${bytes.byteLength} bytes; at most ${maxBytes} are read`)
  try {
    return parseJson(bytes, { maxBytes, maxDepth: 200 })
  } catch (cause) {
    throw new SbomError('malformed', `${what} is no strict JSON: ${cause instanceof Error ? cause.message : ''}`, { cause })
  }
}

/**
 * What an entry asks for, each name once: where several sections name it, the later of peer, required, optional, development counts, as npm has it.
 * @param dev whether development dependencies are installed for it
 */
export function asksOf(fields: Fields, what: string, dev: boolean): readonly Asking[] {
  const asks = new Map<string, Asking>()
  const meta = section(fields, 'peerDependenciesMeta', what)
  for (const [name, range] of texts(fields, 'peerDependencies', what)) {
    const mayMiss = isFields(meta[name]) && meta[name]['optional'] === true
    asks.set(name, { name, range, kind: mayMiss ? 'peer-optional' : 'peer' })
  }
  for (const [name, range] of texts(fields, 'dependencies', what)) asks.set(name, { name, range, kind: 'required' })
  for (const [name, range] of texts(fields, 'optionalDependencies', what)) asks.set(name, { name, range, kind: 'optional' })
  if (dev) for (const [name, range] of texts(fields, 'devDependencies', what)) asks.set(name, { name, range, kind: 'dev' })
  return [...asks.values()]
}

/** `license` as text, `{type}` or the old list `licenses`. Whatever else stands there is no licence. */
export function licenceOf(fields: Fields): string | null {
  const { license, licenses } = fields
  const one = nameOfLicence(license)
  if (one !== null) return one
  if (!Array.isArray(licenses)) return null
  const names = licenses.slice(0, 20).flatMap((each) => nameOfLicence(each) ?? [])
  return names.length === 0 ? null : names.join(' OR ')
}

function nameOfLicence(value: unknown): string | null {
  const text = isFields(value) ? value['type'] : value
  return typeof text === 'string' && text.trim() !== '' && text.length <= 1000 ? text.trim() : null
}

export function workspacesOf(fields: Fields): readonly string[] {
  const { workspaces } = fields
  const list: unknown = isFields(workspaces) ? workspaces['packages'] : workspaces
  return Array.isArray(list) ? list.filter((each) => typeof each === 'string').slice(0, 1000) : []
}

function bentOf(sections: readonly unknown[]): ReadonlyMap<string, readonly string[]> {
  const bent = new Map<string, string[]>()
  const walk = (value: unknown, depth: number): void => {
    if (!isFields(value) || depth > 20) return
    for (const [key, to] of Object.entries(value)) {
      const name = bentName(key)
      const list = bent.get(name) ?? []
      bent.set(name, list)
      if (typeof to === 'string') list.push(to)
      else walk(to, depth + 1)
    }
  }
  for (const each of sections) walk(each, 0)
  return bent
}

/** Keys such as `foo`, `foo@^1`, `a/foo` and `a>foo` all bend `foo`. */
function bentName(key: string): string {
  const last = key.split('>').at(-1) ?? key
  return /(?:^|\/)((?:@[^/@]+\/)?[^/@]+)(?:@.*)?$/.exec(last)?.[1] ?? last
}

/** A request that was bent: by what it was bent to, else by its name; only when there is no doubt. @param byName name -> places that hold it */
export function bentTarget(
  name: string,
  { bent }: Pick<Manifest, 'bent'>,
  byRequest: ReadonlyMap<string, string>,
  byName: ReadonlyMap<string, ReadonlySet<string>>,
): string | null {
  const to = bent.get(name)
  if (to === undefined) return null
  const said = new Set(to.flatMap((range) => byRequest.get(`${name}@${range}`) ?? byRequest.get(`${name}@npm:${range}`) ?? []))
  const [only, ...others] = said.size > 0 ? said : (byName.get(name) ?? [])
  return only !== undefined && others.length === 0 ? only : null
}
