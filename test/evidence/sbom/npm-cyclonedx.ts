/** Compares two CycloneDX documents of one lock file, ours and that of `npm sbom --sbom-format=cyclonedx`: packages, versions, integrity, edges. */

interface Item {
  readonly 'bom-ref': string
  readonly group?: string
  readonly name: string
  readonly version?: string
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[]
  readonly properties?: readonly { readonly name: string }[]
}
export interface Bom {
  readonly metadata: { readonly component: Item }
  readonly components: readonly Item[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[]
}

/** What npm says of the copy that it names, which is the first of several. */
const BUNDLED = 'cdx:npm:package:bundled'

interface Facts {
  /** name@version -> its strongest digest, or `none` */
  readonly hashes: ReadonlyMap<string, string>
  readonly edges: ReadonlySet<string>
}

/** What is known of the lock file beside the two documents. */
export interface Copies {
  /** name@version of what lies in more than one place */
  readonly several: ReadonlySet<string>
  /** `name@version -> name@version`, of all places */
  readonly edges: ReadonlySet<string>
}

function strongest({ hashes = [] }: Item): string {
  return hashes.slice(-1).map(({ alg, content }) => `${alg} ${content}`)[0] ?? 'none'
}

function factsOf({ metadata, components, dependencies }: Bom, nameOf: (item: Item) => string): Facts {
  const items = [metadata.component, ...components]
  const named = new Map(items.map((item) => [item['bom-ref'], nameOf(item)]))
  return {
    hashes: new Map(items.map((item) => [nameOf(item), strongest(item)])),
    edges: new Set(dependencies.flatMap(({ ref, dependsOn = [] }) => dependsOn.map((on) => `${named.get(ref)} -> ${named.get(on)}`))),
  }
}

function ourName({ group, name, version }: Item): string {
  return `${group === undefined ? '' : `${group}/`}${name}@${version ?? ''}`
}

/**
 * Everything on which the two disagree; empty when they are equal. Of several copies of one name and version npm's CycloneDX tells only of the first, and
 * its SPDX the edges of all. So, of what lies in several places: where npm's copy is a bundled one, which has no digest, ours may name that of another
 * copy; and ours may have edges that npm's SPDX has. Nothing else is let pass. npm's names are its refs: what it calls a name is that of the folder.
 */
export function cyclonedxDifferences(ours: Bom, npm: Bom, { several, edges }: Copies): readonly string[] {
  const [we, they] = [factsOf(ours, ourName), factsOf(npm, (item) => item['bom-ref'])]
  const bundled = npm.components.filter(({ properties = [] }) => properties.some(({ name }) => name === BUNDLED)).map((item) => item['bom-ref'])
  const unpinned = new Set(bundled.filter((name) => several.has(name) && they.hashes.get(name) === 'none'))
  const isOfAnotherCopy = (edge: string): boolean => edges.has(edge) && several.has(edge.split(' -> ')[0] ?? '')
  const unlike = (a: Facts, b: Facts): readonly string[] =>
    [...a.hashes].flatMap(([name, hash]) => (b.hashes.get(name) === hash || (b.hashes.has(name) && unpinned.has(name)) ? [] : `${name} ${hash}`))
  return [
    ...unlike(we, they).map((each) => `ours: ${each}`),
    ...unlike(they, we).map((each) => `npm's: ${each}`),
    ...[...we.edges].filter((edge) => !they.edges.has(edge) && !isOfAnotherCopy(edge)).map((edge) => `only ours: ${edge}`),
    ...[...they.edges].filter((edge) => !we.edges.has(edge)).map((edge) => `only npm's: ${edge}`),
  ]
}
