/**
 * Layers, one on top of the other, as far as package databases are concerned: what a layer removes is gone, what it replaces is new.
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md
 */
import { createHash } from 'node:crypto'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { SbomError } from '../error.ts'
import { TarReader } from './tar.ts'
import type { TarEntry } from './tar.ts'

export interface ImageLimits {
  readonly layers: number
  /** Unpacked bytes of all layers. */
  readonly unpacked: number
  /** Unpacked bytes for each packed one, once a layer has unpacked to more than 64 MiB. */
  readonly ratio: number
  readonly entries: number
  readonly file: number
  /** Of all files that are kept. */
  readonly kept: number
}

export const LIMITS: ImageLimits = { layers: 200, unpacked: 8 * 2 ** 30, ratio: 200, entries: 500_000, file: 64 << 20, kept: 512 << 20 }
const RATIO_FROM = 64 << 20

const PACKED: readonly (readonly [RegExp, 'none' | 'gzip' | 'zstd'])[] = [
  [/^application\/vnd\.oci\.image\.layer\.(?:nondistributable\.)?v1\.tar$|^application\/vnd\.docker\.image\.rootfs\.diff\.tar$/, 'none'],
  [
    /^application\/vnd\.oci\.image\.layer\.(?:nondistributable\.)?v1\.tar\+gzip$|^application\/vnd\.docker\.image\.rootfs\.(?:foreign\.)?diff\.tar\.gzip$/,
    'gzip',
  ],
  [/^application\/vnd\.oci\.image\.layer\.v1\.tar\+zstd$/, 'zstd'],
]

export interface Layer {
  readonly bytes: Uint8Array
  readonly mediaType: string
  /** `sha256:…` of the unpacked bytes, from the image's config. */
  readonly diffId: string
}

/** Path -> bytes of every file that says what is installed. */
export class Files {
  readonly files = new Map<string, Uint8Array>()
  readonly #limits: ImageLimits
  #unpacked = 0

  constructor(limits: ImageLimits) {
    this.#limits = limits
  }

  /** @throws SbomError `image-structure`, `image-digest`, `unsupported`, `limit` */
  async add(layer: Layer): Promise<void> {
    const change = new Change(this.files)
    const reader = new TarReader(
      this.#limits,
      (entry) => isWanted(entry.path),
      (entry, bytes) => change.take(entry, bytes),
    )
    const hash = createHash('sha256')
    let size = 0
    for await (const chunk of unpack(layer)) {
      size += chunk.length
      this.#unpacked += chunk.length
      if (this.#unpacked > this.#limits.unpacked || (size > RATIO_FROM && size > layer.bytes.length * this.#limits.ratio))
        throw new SbomError('limit', 'a layer unpacks to more than is read')
      hash.update(chunk)
      reader.push(chunk)
    }
    reader.end()
    if (`sha256:${hash.digest('hex')}` !== layer.diffId) throw new SbomError('image-digest', 'a layer does not unpack to what the config says')
    change.apply()
    const kept = [...this.files.values()].reduce((sum, bytes) => sum + bytes.length, 0)
    if (kept > this.#limits.kept) throw new SbomError('limit', `${kept} bytes of package databases; at most ${this.#limits.kept} are read`)
  }
}

const WANTED =
  /^(?:var\/lib\/dpkg\/status(?:\.d\/[^/]+)?|(?:usr\/)?lib\/apk\/db\/installed|(?:etc|usr\/lib)\/os-release|(?:usr\/lib\/sysimage|var\/lib)\/rpm\/(?:rpmdb\.sqlite|Packages(?:\.db)?)|(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/@.][^/]*\/package\.json)$/

function isWanted(path: string): boolean {
  return WANTED.test(path)
}

/** What one layer does to the files below it. */
class Change {
  readonly #below: Map<string, Uint8Array>
  /** Paths and folders of the files below. */
  readonly #known = new Set<string>()
  readonly #gone = new Set<string>()
  readonly #emptied = new Set<string>()
  readonly #added = new Map<string, Uint8Array>()

  constructor(below: Map<string, Uint8Array>) {
    this.#below = below
    for (const path of below.keys()) for (const above of foldersOf(path)) this.#known.add(above)
  }

  take({ path, type, target }: TarEntry, bytes: Uint8Array | null): void {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const folder = path.slice(0, Math.max(path.lastIndexOf('/'), 0))
    if (name === '.wh..wh..opq') this.#emptied.add(folder)
    else if (name.startsWith('.wh.')) this.#gone.add(folder === '' ? name.slice(4) : `${folder}/${name.slice(4)}`)
    else if (type !== 'folder') {
      if (this.#known.has(path)) this.#gone.add(path)
      const linked = target.replace(/^(?:\.?\/)+/, '')
      const content = type === 'link' && isWanted(path) ? (this.#added.get(linked) ?? this.#below.get(linked)) : bytes
      if (content === null || content === undefined) this.#added.delete(path)
      else this.#added.set(path, content)
    } else if (this.#below.has(path)) this.#gone.add(path)
  }

  apply(): void {
    for (const path of this.#below.keys()) {
      const folders = foldersOf(path)
      if (folders.some((each) => this.#gone.has(each)) || folders.slice(1).some((each) => this.#emptied.has(each)) || this.#emptied.has(''))
        this.#below.delete(path)
    }
    for (const [path, bytes] of this.#added) this.#below.set(path, bytes)
  }
}

/** `a/b/c` -> itself, `a/b`, `a` */
function foldersOf(path: string): readonly string[] {
  const folders = [path]
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) folders.push(path.slice(0, end))
  return folders
}

async function* unpack({ bytes, mediaType }: Layer): AsyncGenerator<Uint8Array> {
  const packed = PACKED.find(([pattern]) => pattern.test(mediaType))?.[1]
  if (packed === undefined) throw new SbomError('unsupported', `a layer of ${mediaType.slice(0, 80)}`)
  if (packed === 'none') {
    yield bytes
    return
  }
  const stream = packed === 'gzip' ? createGunzip() : createZstdDecompress()
  stream.end(bytes)
  try {
    for await (const chunk of stream) yield chunk as Uint8Array
  } catch (cause) {
    if (cause instanceof SbomError) throw cause
    throw new SbomError('image-structure', `a layer does not unpack: ${cause instanceof Error ? cause.message : ''}`, { cause })
  }
}
