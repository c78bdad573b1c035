/** How packages of Python are named, and how their digests are told. */
import { sortHashes } from './integrity.ts'
import type { Hash } from './inventory.ts'
import { purlOf } from './purl.ts'

/** One form for all spellings of a name. https://peps.python.org/pep-0503/#normalized-names */
export function pypiName(name: string): string {
  return name.replaceAll(/[-_.]+/g, '-').toLowerCase()
}

/** The type's rule: small letters, and a hyphen for the underscore; a dot stays. @param registry another than the public one */
export function pypiPurl(name: string, version: string, registry: string | null): string {
  return purlOf('pypi', name.toLowerCase().replaceAll('_', '-'), version, registry === null ? {} : { repository_url: registry })
}

/** One digest is that of the package. Of several, each is of another of its archives, and which one is installed is not said: they are pins. */
export function hashesAndPins(hashes: readonly Hash[]): { readonly hashes: readonly Hash[]; readonly pins?: readonly string[] } {
  const sorted = sortHashes(hashes)
  if (sorted.length < 2) return { hashes: sorted }
  return { hashes: [], pins: sorted.map(({ alg, hex }) => `${alg.toLowerCase().replace('-', '')}:${hex}`) }
}
