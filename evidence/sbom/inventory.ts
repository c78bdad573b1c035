/**
 * The contract of this folder. A reader turns bytes (a lock file, an image) into an Inventory: what is in the thing, at which version, pinned by which
 * digest, asked for by whom. A writer turns an Inventory into SPDX or CycloneDX. Nothing here touches a disk, a clock or a network, and nothing is
 * guessed: what the source does not say is absent, and a remark names it.
 */

export type SourceKind = 'npm' | 'pnpm' | 'yarn' | 'oci' | 'go' | 'requirements' | 'cargo' | 'poetry' | 'uv' | 'bundler' | 'composer'

export type HashAlgorithm = 'MD5' | 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'

export interface Hash {
  readonly alg: HashAlgorithm
  /** Lower case, as long as the algorithm says. */
  readonly hex: string
}

/**
 * `required`: reached from the root without passing an optional or development edge. `dev`: reached only through a development edge. `optional`: the rest.
 * Computed from the graph, never taken from a flag of the source.
 */
export type Scope = 'required' | 'optional' | 'dev'

/** How something is asked for. `peer-optional` is a peer that may be absent; `contains` is what an image holds, whoever asked. */
export type EdgeKind = 'required' | 'optional' | 'dev' | 'peer' | 'peer-optional' | 'contains'

export interface Component {
  /** Unique in the inventory: the purl, with a suffix where two components of one purl contradict each other. */
  readonly ref: string
  /** https://github.com/package-url/purl-spec */
  readonly purl: string
  readonly name: string
  /** Empty when the source names none (a folder of the project). */
  readonly version: string
  /** An SPDX expression or whatever else the source says. */
  readonly licence: string | null
  /** Weakest first. Empty when the source pins none. */
  readonly hashes: readonly Hash[]
  /** What else pins the bytes, as the source writes it, because it is no digest of one archive: `h1:…` of Go, `git:…` a commit, or one of several archives, `sha256:…`. */
  readonly pins?: readonly string[]
  readonly scope: Scope
  /** Where the bytes come from: a URL without credentials. */
  readonly origin: string | null
  /** Lies inside another package's archive, and is pinned by that one's digest only. */
  readonly bundled: boolean
  /** A folder of the project itself, such as a workspace. */
  readonly local: boolean
}

export interface Edge {
  readonly from: string
  readonly to: string
  readonly kind: EdgeKind
  /** What `from` calls it; another name than the component's when it is an alias. */
  readonly name: string
  /** What `from` asked for, such as `^1.2.0`; null when the source does not say. */
  readonly range: string | null
}

/** Asked for, but not in the source. */
export interface Unresolved {
  readonly from: string
  readonly name: string
  readonly range: string | null
}

export type RemarkCode =
  /** Nothing pins the bytes of at least one copy. */
  | 'no-integrity'
  /** Only MD5 or SHA-1 pins the bytes. */
  | 'weak-integrity'
  /** Only the digest of the archive that contains it pins the bytes of at least one copy. */
  | 'bundled'
  /** Only a digest of the package manager's own cache pins the bytes; nobody else can compare it. */
  | 'cache-checksum'
  /** In the source, though nothing asks for it. */
  | 'extraneous'
  /** Two components have one name and version, and are not the same bytes. */
  | 'contradiction'
  /** Asked for without one version; `line 3: …` when the source has lines. */
  | 'unpinned'
  /** A part that was seen and could not be read. */
  | 'unread'

export interface Remark {
  readonly code: RemarkCode
  /** Ref of the component, or a path in the source. */
  readonly about: string
}

export interface Root {
  readonly ref: string
  readonly purl: string
  readonly name: string
  /** Empty when neither the source nor the manifest names one. */
  readonly version: string
  readonly licence: string | null
  readonly hashes: readonly Hash[]
}

export interface Inventory {
  /** `sha256` is that of the file, or of the image's manifest. */
  readonly source: { readonly kind: SourceKind; readonly path: string; readonly sha256: string }
  readonly root: Root
  /** Without the root, sorted by ref. */
  readonly components: readonly Component[]
  /** Sorted; `from` may be the root's ref. */
  readonly edges: readonly Edge[]
  readonly unresolved: readonly Unresolved[]
  readonly remarks: readonly Remark[]
}
