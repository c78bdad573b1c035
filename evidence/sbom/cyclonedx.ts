/**
 * Inventory -> CycloneDX 1.6 in JSON, RFC 8785 canonical. Written here and not by @cyclonedx/cyclonedx-library, whose loading alone takes longer than the
 * whole goal for this file; the library's own validator checks what is written, in the tests. https://cyclonedx.org/docs/1.6/json/
 */
import { sha256 } from '../core/digest.ts'
import type { Component, Inventory, Root } from './inventory.ts'
import { isLicenceExpression } from './licence.ts'
import { secondsOf } from './time.ts'

export interface CyclonedxOptions {
  /** UTC, ISO 8601. */
  readonly createdAt: string
}

/**
 * Every object is written with its members in order, so that plain JSON.stringify is canonical; the test holds it to that.
 * @throws SbomError `time`
 */
export function cyclonedxOf(inventory: Inventory, { createdAt }: CyclonedxOptions): Uint8Array {
  const { root, components, source } = inventory
  const licences = new Map<string, readonly object[]>()
  const before = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    components: components.map((component) => componentOf(component, licences)),
    dependencies: dependenciesOf(inventory),
    metadata: {
      component: {
        ...identityOf(root, licences),
        purl: root.purl,
        type: source.kind === 'oci' ? 'container' : 'application',
        version: versionOf(root),
      },
      lifecycles: [{ phase: source.kind === 'oci' ? 'post-build' : 'pre-build' }],
      properties: [
        { name: 'release-conductor:source:path', value: source.path },
        { name: 'release-conductor:source:sha256', value: source.sha256 },
      ],
      timestamp: secondsOf(createdAt),
      tools: { components: [{ name: 'release-conductor', type: 'application' }] },
    },
  }
  const [head, tail] = [JSON.stringify(before), JSON.stringify({ specVersion: '1.6', version: 1 })]
  const serialNumber = `urn:uuid:${uuidOf(sha256(head + tail))}`
  return new TextEncoder().encode(`${head.slice(0, -1)},"serialNumber":"${serialNumber}",${tail.slice(1)}`)
}

function componentOf(component: Component, licences: Map<string, readonly object[]>): object {
  const { scope, origin, bundled, pins = [] } = component
  const { 'bom-ref': ref, ...identity } = identityOf(component, licences)
  const properties = [
    ...(bundled ? [{ name: 'cdx:npm:package:bundled', value: 'true' }] : []),
    ...(scope === 'dev' && component.purl.startsWith('pkg:npm/') ? [{ name: 'cdx:npm:package:development', value: 'true' }] : []),
    ...pins.map((value) => ({ name: 'release-conductor:pin', value })),
  ]
  return {
    'bom-ref': ref,
    externalReferences: origin === null || !URL.canParse(origin) ? undefined : [{ type: 'distribution', url: origin }],
    ...identity,
    properties: properties.length === 0 ? undefined : properties,
    purl: component.purl,
    scope: scope === 'required' ? 'required' : 'optional',
    type: 'library',
    version: versionOf(component),
  }
}

function versionOf({ version }: Root | Component): string | undefined {
  return version === '' ? undefined : version
}

/** In order, and before every other member but `externalReferences`. */
function identityOf({ ref, name, licence, hashes }: Root | Component, licences: Map<string, readonly object[]>) {
  const scope = /^(@[^/]+)\/(.+)$/.exec(name)
  const known = licence === null ? undefined : (licences.get(licence) ?? licencesOf(licence))
  if (licence !== null && known !== undefined) licences.set(licence, known)
  return {
    'bom-ref': ref,
    group: scope?.[1],
    hashes: hashes.length === 0 ? undefined : hashes.map(({ alg, hex }) => ({ alg, content: hex })),
    licenses: known,
    name: scope?.[2] ?? name,
  }
}

function licencesOf(licence: string): readonly object[] {
  return isLicenceExpression(licence) ? [{ expression: licence }] : [{ license: { name: licence } }]
}

function dependenciesOf({ root, components, edges }: Inventory): readonly object[] {
  const by = new Map<string, Set<string>>([root, ...components].map(({ ref }) => [ref, new Set()]))
  for (const { from, to } of edges) by.get(from)?.add(to)
  return [...by].map(([ref, on]) => ({ dependsOn: on.size === 0 ? undefined : [...on].toSorted((a, b) => (a < b ? -1 : 1)), ref }))
}

/** RFC 9562 version 8 from the first digits of a digest. */
function uuidOf(hex: string): string {
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
