/** Do a report and a lock file speak of the same part? Scanners leave out the `v` of versions, leave the platform in those of gems, and spell names of Python in their own way. Pure. */
import type { Component, Inventory, Root } from '../../evidence/sbom/inventory.ts'
import { pypiName } from '../../evidence/sbom/pypi.ts'

interface Told {
  readonly name: string
  /** Null: every version. */
  readonly version: string | null
}

export function isNamed(part: Root | Component, name: string): boolean {
  return part.name === name || (part.purl.startsWith('pkg:pypi/') && pypiName(part.name) === pypiName(name))
}

export function isSame(part: Root | Component, { name, version }: Told): boolean {
  if (!isNamed(part, name)) return false
  if (version === null || part.version === version) return true
  if (part.purl.startsWith('pkg:gem/')) return version.startsWith(`${part.version}-`)
  return /^pkg:(?:golang|composer)\//.test(part.purl) && part.version === `v${version}`
}

/** What a report may speak of. Go's own library is in every program, and in no list of modules. */
export function holds({ components, root, source }: Inventory, told: Told): boolean {
  return (source.kind === 'go' && told.name === 'stdlib') || [root, ...components].some((part) => isSame(part, told))
}
