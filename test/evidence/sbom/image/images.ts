/** Small images, built by hand: tar, layers, layout. */
import { createHash } from 'node:crypto'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { SbomError } from '../../../../evidence/sbom/error.ts'
import type { Layout } from '../../../../evidence/sbom/image/layout.ts'
import { readImage } from '../../../../evidence/sbom/image/read.ts'
import type { ImageQuestion } from '../../../../evidence/sbom/image/read.ts'
import type { Inventory } from '../../../../evidence/sbom/inventory.ts'
import { encode } from '../locks.ts'

export interface Member {
  readonly path: string
  readonly content?: Uint8Array | string
  /** Typeflag; `0` a file. */
  readonly flag?: string
  readonly target?: string
  /** Instead of the real size. */
  readonly size?: string
  readonly prefix?: string
}

export function tar(members: readonly Member[], ends = true): Uint8Array {
  const blocks = members.flatMap(({ path, content = '', flag = '0', target = '', size, prefix = '' }) => {
    const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content)
    const header = Buffer.alloc(512)
    header.write(path, 0, 100)
    header.write('0000644\0', 100)
    header.write(size ?? `${bytes.length.toString(8).padStart(11, '0')}\0`, 124, 12, 'latin1')
    header.write('        ', 148)
    header.write(flag, 156)
    header.write(target, 157, 100)
    header.write('ustar\0', 257)
    header.write(prefix, 345, 155)
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    )
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]
  })
  return Buffer.concat([...blocks, ...(ends ? [Buffer.alloc(1024)] : [])])
}

/** One pax record. */
export function pax(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  const guess = rest.length + String(rest.length).length
  return `${guess + (String(guess).length - String(rest.length).length)}${rest}`
}

export const digest = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

export type Packing = 'none' | 'gzip' | 'zstd'
const PACK: Readonly<Record<Packing, readonly [suffix: string, pack: (bytes: Uint8Array) => Uint8Array]>> = {
  none: ['', (bytes) => bytes],
  gzip: ['+gzip', (bytes) => gzipSync(bytes)],
  zstd: ['+zstd', (bytes) => zstdCompressSync(bytes)],
}

export interface ImagePlan {
  readonly layers: readonly (readonly Member[] | Uint8Array)[]
  readonly architecture?: string
  readonly packing?: Packing
}

/** A layout as a map of its files, to be bent by a test. */
export function layoutOf(images: readonly ImagePlan[], refName = 'example.com/shop:2.0.0'): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>([['oci-layout', encode({ imageLayoutVersion: '1.0.0' })]])
  const blob = (bytes: Uint8Array, mediaType: string) => {
    files.set(`blobs/sha256/${digest(bytes).slice(7)}`, bytes)
    return { mediaType, digest: digest(bytes), size: bytes.length }
  }
  const manifests = images.map(({ layers, architecture = 'amd64', packing = 'gzip' }) => {
    const plain = layers.map((members) => (members instanceof Uint8Array ? members : tar(members)))
    const [suffix, pack] = PACK[packing]
    const config = blob(
      encode({ os: 'linux', architecture, rootfs: { type: 'layers', diff_ids: plain.map((bytes) => digest(bytes)) } }),
      'application/vnd.oci.image.config.v1+json',
    )
    const packed = plain.map((bytes) => blob(pack(bytes), `application/vnd.oci.image.layer.v1.tar${suffix}`))
    const manifest = encode({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config, layers: packed })
    return { ...blob(manifest, 'application/vnd.oci.image.manifest.v1+json'), annotations: { 'org.opencontainers.image.ref.name': refName } }
  })
  files.set('index.json', encode({ schemaVersion: 2, manifests }))
  return files
}

export const served =
  (files: ReadonlyMap<string, Uint8Array>): Layout =>
  (path) =>
    files.get(path)

/** @throws the error, where there is one */
export async function inventoriesOf(files: ReadonlyMap<string, Uint8Array>, more: Partial<ImageQuestion> = {}): Promise<readonly Inventory[]> {
  const answer = await readImage({ path: 'image', layout: served(files), ...more })
  if (answer instanceof SbomError) throw answer
  return answer.map(({ inventory }) => inventory)
}

export async function imageRefusal(files: ReadonlyMap<string, Uint8Array>, more: Partial<ImageQuestion> = {}): Promise<string> {
  const answer = await readImage({ path: 'image', layout: served(files), ...more })
  return answer instanceof SbomError ? answer.code : 'taken'
}

export const DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n'
export const STATUS = `Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc (2.36-9)
Version: 2.36-9+deb12u9
Description: GNU C Library
 continued: not a field

Package: curl
Status: install ok installed
Architecture: amd64
Version: 1:7.88.1-10
Pre-Depends: libc6 (>= 2.34)
Depends: libcurl4 (= 7.88.1-10) | libcurl-any, zlib1g:any (>= 1:1.1.4)

Package: libcurl-gnutls
Status: install ok installed
Architecture: amd64
Version: 7.88.1-10
Provides: libcurl-any (= 7)

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1.0
`
export const ALPINE = 'ID=alpine\nVERSION_ID=3.19.1\n'
export const INSTALLED = `C:Q1abc=
P:musl
V:1.2.4_git20230717-r4
A:x86_64
L:MIT
o:musl
p:so:libc.musl-x86_64.so.1=1

P:busybox-binsh
V:1.36.1-r15
A:x86_64
L:GPL-2.0-only
o:busybox
D:so:libc.musl-x86_64.so.1>=1 !other
`

export const A_FILE: Member = { path: 'a', content: 'x' }

export function indexOf(files: ReadonlyMap<string, Uint8Array>) {
  return JSON.parse(new TextDecoder().decode(files.get('index.json')))
}
