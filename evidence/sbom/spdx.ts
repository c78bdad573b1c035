/** Inventory -> SPDX 2.3 in JSON, RFC 8785 canonical, so that the same inventory at the same time gives the same bytes. https://spdx.github.io/spdx-spec/v2.3/ */
import { sha256 } from '../core/digest.ts'
import type { Component, EdgeKind, HashAlgorithm, Inventory, Root } from './inventory.ts'
import { isLicenceExpression } from './licence.ts'
import { secondsOf } from './time.ts'

export interface SpdxOptions {
  /** UTC, ISO 8601. */
  readonly createdAt: string
  /** Unique for the document. Default: a name of ours with the digest of the content. */
  readonly namespace?: string
}

const DOCUMENT = 'SPDXRef-DOCUMENT'
const NAMESPACE = 'https://release-conductor.github.io/spdx'
const ALGORITHM: Readonly<Record<HashAlgorithm, string>> = {
  MD5: 'MD5',
  'SHA-1': 'SHA1',
  'SHA-256': 'SHA256',
  'SHA-384': 'SHA384',
  'SHA-512': 'SHA512',
}

/** As `npm sbom` has it: an optional peer that is there is a dependency. */
const RELATIONSHIP: Readonly<Record<EdgeKind, string>> = {
  required: 'DEPENDENCY_OF',
  optional: 'OPTIONAL_DEPENDENCY_OF',
  dev: 'DEV_DEPENDENCY_OF',
  peer: 'PREREQUISITE_FOR',
  'peer-optional': 'DEPENDENCY_OF',
  contains: 'CONTAINS',
}

interface Relationship {
  readonly relatedSpdxElement: string
  readonly relationshipType: string
  readonly spdxElementId: string
}

/**
 * Every object is written with its members in order, so that plain JSON.stringify is canonical; the test holds it to that. It is three times as fast.
 * @throws SbomError `time`
 */
export function spdxOf(inventory: Inventory, options: SpdxOptions): Uint8Array {
  const { root, components, source } = inventory
  const ids = idsOf([root, ...components])
  const licences = new Map<string, boolean>()
  const before = {
    SPDXID: DOCUMENT,
    comment: `Made from ${source.path}, SHA-256 ${source.sha256}.`,
    creationInfo: { created: secondsOf(options.createdAt), creators: ['Tool: release-conductor'] },
    dataLicense: 'CC0-1.0',
  }
  const purpose = source.kind === 'oci' ? 'CONTAINER' : 'APPLICATION'
  const after = {
    name: root.version === '' ? root.name : `${root.name}@${root.version}`,
    packages: [packageOf(root, ids, licences, purpose), ...components.map((component) => packageOf(component, ids, licences, undefined))],
    relationships: relationshipsOf(inventory, ids),
    spdxVersion: 'SPDX-2.3',
  }
  const [head, tail] = [JSON.stringify(before), JSON.stringify(after)]
  const documentNamespace = options.namespace ?? `${NAMESPACE}/${sha256(head + tail)}`
  return new TextEncoder().encode(`${head.slice(0, -1)},"documentNamespace":${JSON.stringify(documentNamespace)},${tail.slice(1)}`)
}

function packageOf(of: Root | Component, ids: ReadonlyMap<string, string>, licences: Map<string, boolean>, purpose: string | undefined): object {
  const isExpression = of.licence !== null && (licences.get(of.licence) ?? isLicenceExpression(of.licence))
  if (of.licence !== null) licences.set(of.licence, isExpression)
  return {
    SPDXID: ids.get(of.ref),
    checksums: of.hashes.length === 0 ? undefined : of.hashes.map(({ alg, hex }) => ({ algorithm: ALGORITHM[alg], checksumValue: hex })),
    comment: 'origin' in of ? commentOf(of) : undefined,
    copyrightText: 'NOASSERTION',
    downloadLocation: 'origin' in of && of.origin !== null ? downloadOf(of.origin) : 'NOASSERTION',
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceLocator: of.purl, referenceType: 'purl' }],
    filesAnalyzed: false,
    licenseComments: isExpression || of.licence === null ? undefined : `The package says: ${of.licence}`,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: isExpression ? of.licence : 'NOASSERTION',
    name: of.name,
    primaryPackagePurpose: purpose,
    versionInfo: of.version === '' ? undefined : of.version,
  }
}

function commentOf({ bundled, local, pins = [] }: Component): string | undefined {
  if (bundled) return 'Lies inside the archive of the package that needs it.'
  if (local) return 'A folder of the project itself.'
  return pins.length === 0 ? undefined : `Pinned by ${pins.length === 1 ? '' : 'one of '}${pins.join(', ')}.`
}

/** Clause 7.7: a URL, or a version control place with `@` before the revision. */
function downloadOf(origin: string): string {
  if (/^https?:\/\//.test(origin) && URL.canParse(origin)) return origin
  const match = /^(?:git\+)?(ssh|https?|git):\/\/([^#\s]+)(?:#([^#\s]+))?$/.exec(origin)
  return match === null ? 'NOASSERTION' : `git+${match[1]}://${match[2]}${match[3] === undefined ? '' : `@${match[3]}`}`
}

/** `SPDXRef-Package-babel.core-7.0.0`, as npm names them; where that is no id or not unique, a digest makes it so. */
function idsOf(all: readonly (Root | Component)[]): ReadonlyMap<string, string> {
  const plain = all.map(({ ref, name, version }) => [ref, `SPDXRef-Package-${name.replace(/^@/, '').replaceAll('/', '.')}-${version}`] as const)
  const count = new Map<string, number>()
  for (const [, id] of plain) count.set(id, (count.get(id) ?? 0) + 1)
  return new Map(
    plain.map(([ref, id]) => {
      const isGood = count.get(id) === 1 && /^[A-Za-z0-9.-]+$/.test(id)
      return [ref, isGood ? id : `${id.replaceAll(/[^A-Za-z0-9.-]/g, '-').slice(0, 200)}-${sha256(ref).slice(0, 12)}`]
    }),
  )
}

function relationshipsOf({ root, edges }: Inventory, ids: ReadonlyMap<string, string>): readonly Relationship[] {
  const all = new Map<string, Relationship>()
  for (const { from, to, kind } of edges) {
    const [element, related] = kind === 'contains' ? [ids.get(from), ids.get(to)] : [ids.get(to), ids.get(from)]
    if (element === undefined || related === undefined) continue
    const relationshipType = RELATIONSHIP[kind]
    all.set(`${element} ${related} ${relationshipType}`, { relatedSpdxElement: related, relationshipType, spdxElementId: element })
  }
  const sorted = [...all.keys()].toSorted().flatMap((key) => all.get(key) ?? [])
  return [{ relatedSpdxElement: ids.get(root.ref) ?? '', relationshipType: 'DESCRIBES', spdxElementId: DOCUMENT }, ...sorted]
}
