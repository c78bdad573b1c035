/** Do a report and a lock file speak of the same part? Scanners leave out the `v` of versions, leave the platform in those of gems, and spell names of Python in their own way. Pure. */
import type { Component, Inventory, Root } from '../../evidence/sbom/inventory.ts'
import { pypiName } from '../../evidence/sbom/pypi.ts'

interface Told {
  readonly name: string
  /** Null: every version. */
  readonly version: string | null
}

export function isNamed(part: Root | Component, name: string): boolean {
  if (part.name === name) return true
  if (part.purl.startsWith('pkg:pypi/')) return pypiName(part.name) === pypiName(name)
  return part.purl.startsWith('pkg:composer/') && part.name.toLowerCase() === name.toLowerCase()
}

export function isSame(part: Root | Component, { name, version }: Told): boolean {
  if (!isNamed(part, name)) return false
  if (version === null || part.version === version) return true
  if (part.purl.startsWith('pkg:gem/')) return version.startsWith(`${part.version}-`)
  return /^pkg:(?:golang|composer)\//.test(part.purl) && part.version === `v${version}`
}

/**
 * One spelling for what scanners spell in several ways, so that two of them, or one before and another after, speak of one thing: the lock file's, the
 * normal form of Python, small letters of Composer. What no lock file holds stays as it is told.
 */
export function spelling(inventories: readonly Inventory[]): <One extends Told>(one: One) => One {
  const parts = Map.groupBy(
    inventories.flatMap(({ components }) => components),
    ({ name }) => pypiName(name),
  )
  return (one) => {
    const same = (parts.get(pypiName(one.name)) ?? []).filter((part) => isSame(part, one))
    const part = same.find(({ name, version }) => name === one.name && version === one.version) ?? same[0]
    return part === undefined || one.version === null ? one : { ...one, name: nameOf(part), version: part.version }
  }
}

function nameOf({ name, purl }: Component): string {
  return purl.startsWith('pkg:pypi/') ? pypiName(name) : purl.startsWith('pkg:composer/') ? name.toLowerCase() : name
}

/** What a report may speak of. Go's own library is in every program, and in no list of modules. */
export function holds({ components, root, source }: Inventory, told: Told): boolean {
  return (source.kind === 'go' && told.name === 'stdlib') || [root, ...components].some((part) => isSame(part, told))
}
