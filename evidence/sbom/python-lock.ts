/** What poetry.lock and uv.lock have in common: packages by any spelling of their names. */
import { SbomError } from './error.ts'
import { packageVersion, textField } from './fields.ts'
import type { Fields } from './fields.ts'
import type { DraftNode } from './graph.ts'
import { ALGORITHMS, hashesAndPins, hexHash } from './integrity.ts'
import type { Hash, HashAlgorithm } from './inventory.ts'
import { originOf, purlOf } from './purl.ts'
import { pypiName, pypiPurl } from './pypi.ts'

export interface Distribution {
  readonly id: string
  readonly name: string
  readonly version: string
  readonly fields: Fields
}

const NAME = /^[A-Za-z0-9](?:[\w.-]{0,200}[A-Za-z0-9])?$/

/** @param at from 0 @throws SbomError `malformed` */
export function distributionOf(fields: Fields, at: number, path: string, mayLackVersion: boolean): Distribution {
  const name = textField(fields, 'name', path) ?? ''
  if (!NAME.test(name)) throw new SbomError('malformed', `${path}: ${JSON.stringify(name.slice(0, 80))} is no name of a package`)
  const said = textField(fields, 'version', name)
  const version = said === null && mayLackVersion ? '' : packageVersion(said, name)
  return { id: `${at}`, name, version, fields }
}

/** Name in its one form -> packages. @throws SbomError `malformed` when one stands twice */
export function byNameOf(
  all: readonly Distribution[],
  path: string,
  sourceOf: (one: Distribution) => string,
): ReadonlyMap<string, readonly Distribution[]> {
  const byName = Map.groupBy(all, ({ name }) => pypiName(name))
  for (const [name, same] of byName)
    if (new Set(same.map((one) => `${one.version} ${sourceOf(one)}`)).size < same.length)
      throw new SbomError('malformed', `${path}: ${name} stands twice`)
  return byName
}

/** `sha256:…` @throws SbomError `integrity` */
export function distributionHash(text: string, of: string): Hash {
  const [, word = '', digits = ''] = /^([a-z0-9]+):([0-9a-f]+)$/.exec(text) ?? []
  const alg = (Object.keys(ALGORITHMS) as HashAlgorithm[]).find((each) => each.toLowerCase().replace('-', '') === word)
  if (alg === undefined) throw new SbomError('integrity', `${of}: ${JSON.stringify(text.slice(0, 40))} is no digest of a known algorithm`)
  return hexHash(alg, digits, of)
}

export interface Place {
  readonly kind: 'registry' | 'git' | 'url' | 'local'
  /** Of a registry other than the public one, a repository or an archive. */
  readonly url: string | null
  /** Of a repository. */
  readonly commit?: string | null
}

export function distributionNode({ id, name, version }: Distribution, hashes: readonly Hash[], { kind, url, commit = null }: Place): DraftNode {
  const place = kind === 'git' && url !== null ? `${url.startsWith('git+') ? '' : 'git+'}${url}${commit === null ? '' : `#${commit}`}` : url
  const origin = kind === 'local' ? null : originOf(place)
  const purl =
    origin === null || kind === 'registry'
      ? pypiPurl(name, version, origin)
      : purlOf('pypi', name.toLowerCase().replaceAll('_', '-'), version, { [kind === 'git' ? 'vcs_url' : 'download_url']: origin })
  const isPinned = kind === 'git' && commit !== null && /^[0-9a-f]{40}$/.test(commit)
  const { hashes: own, pins } = hashesAndPins(hashes)
  return {
    id,
    purl,
    name,
    version,
    licence: null,
    hashes: own,
    // A commit pins the bytes as a digest does.
    ...(isPinned ? { pins: [`git:${commit}`] } : pins === undefined ? {} : { pins }),
    origin,
    bundled: false,
    local: kind === 'local',
  }
}

/** Null for the public one. */
export function registryOf(url: string | null): string | null {
  return url === null || /^https:\/\/pypi\.(?:org|python\.org)(?:\/|$)/.test(url) ? null : url
}
