/** Compares an inventory with what `npm sbom --sbom-format=spdx` says about the same lock file: packages, versions, integrity, edges. */
import type { EdgeKind, Inventory } from '../../../evidence/sbom/inventory.ts'

interface NpmPackage {
  readonly SPDXID: string
  readonly name: string
  readonly versionInfo?: string
  readonly checksums?: readonly { readonly algorithm: string; readonly checksumValue: string }[]
  readonly externalRefs: readonly { readonly referenceLocator: string }[]
}
export interface NpmSbom {
  readonly packages: readonly NpmPackage[]
  readonly relationships: readonly { readonly spdxElementId: string; readonly relatedSpdxElement: string; readonly relationshipType: string }[]
}

const TYPE: Readonly<Record<EdgeKind, string>> = {
  required: 'DEPENDENCY_OF',
  optional: 'OPTIONAL_DEPENDENCY_OF',
  dev: 'DEV_DEPENDENCY_OF',
  peer: 'PREREQUISITE_FOR',
  'peer-optional': 'DEPENDENCY_OF',
  contains: 'CONTAINS',
}

function setDifference(what: string, ours: ReadonlySet<string>, theirs: ReadonlySet<string>): readonly string[] {
  return [
    ...[...ours].filter((each) => !theirs.has(each)).map((each) => `only ours, ${what}: ${each}`),
    ...[...theirs].filter((each) => !ours.has(each)).map((each) => `only npm's, ${what}: ${each}`),
  ]
}

/** Without qualifiers, which npm does not write. */
function bare(purl: string): string {
  return decodeURIComponent(purl.split('?')[0] ?? '')
}

/**
 * Everything on which the two disagree; empty when they are equal. npm names one digest, the strongest; ours must be it. Of several copies npm takes the
 * first, so it names no digest when that one happens to be bundled: there ours may name the digest of the copy that has one, and remarks on the other.
 */
export function differences(inventory: Inventory, npm: NpmSbom): readonly string[] {
  const { root, components, edges, remarks } = inventory
  const partly = new Set(remarks.filter(({ code }) => code === 'bundled').map(({ about }) => about))
  const named = new Map([root, ...components].map(({ ref, name, version }) => [ref, `${name}@${version}`]))
  const idToName = new Map(npm.packages.map(({ SPDXID, name, versionInfo }) => [SPDXID, `${name}@${versionInfo ?? ''}`]))
  const unnamed = new Set(npm.packages.filter(({ checksums }) => checksums === undefined).map(({ SPDXID }) => idToName.get(SPDXID)))
  const ourHashes = [root, ...components].map(({ ref, name, version, hashes }) => {
    const strongest = partly.has(ref) && unnamed.has(`${name}@${version}`) ? undefined : hashes.at(-1)
    return `${name}@${version} ${strongest === undefined ? 'none' : `${strongest.alg.replace('-', '')} ${strongest.hex}`}`
  })
  const theirHashes = npm.packages.map(({ name, versionInfo, checksums }) => {
    const only = checksums?.[0]
    return `${name}@${versionInfo ?? ''} ${only === undefined ? 'none' : `${only.algorithm} ${only.checksumValue}`}`
  })
  const ourEdges = edges.map(({ from, to, kind }) => `${named.get(to)} ${TYPE[kind]} ${named.get(from)}`)
  const theirEdges = npm.relationships
    .filter(({ relationshipType }) => relationshipType !== 'DESCRIBES')
    .map((each) => `${idToName.get(each.spdxElementId)} ${each.relationshipType} ${idToName.get(each.relatedSpdxElement)}`)
  return [
    ...setDifference('package', new Set(named.values()), new Set(idToName.values())),
    ...setDifference('integrity', new Set(ourHashes), new Set(theirHashes)),
    ...setDifference('edge', new Set(ourEdges), new Set(theirEdges)),
    ...setDifference(
      'purl',
      new Set([root, ...components].map(({ purl }) => bare(purl))),
      new Set(npm.packages.flatMap(({ externalRefs }) => externalRefs.map(({ referenceLocator }) => bare(referenceLocator)))),
    ),
  ]
}
