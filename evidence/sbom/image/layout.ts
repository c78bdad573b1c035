/** An OCI image layout: index -> manifests -> config and layers, each by digest. https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md */
import { sha256 } from '../../core/digest.ts'
import { SbomError } from '../error.ts'
import { fieldsOf, isFields, textField } from '../fields.ts'
import type { Fields } from '../fields.ts'
import { jsonOf } from '../manifest.ts'

/** The files of a layout by path: `index.json`, `blobs/sha256/…`; undefined for one that is not there. */
export type Layout = (path: string) => Uint8Array | undefined | Promise<Uint8Array | undefined>

export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly annotations: Fields
}

export interface Image {
  /** `linux/amd64`; empty when nothing says. */
  readonly platform: string
  readonly architecture: string
  /** `sha256:…` of the manifest. */
  readonly digest: string
  /** `org.opencontainers.image.ref.name` of the index. */
  readonly refName: string | null
  readonly layers: readonly (Descriptor & { readonly diffId: string })[]
}

const INDEX = /^application\/vnd\.(?:oci\.image\.index\.v1|docker\.distribution\.manifest\.list\.v2)\+json$/
const MANIFEST = /^application\/vnd\.(?:oci\.image\.manifest\.v1|docker\.distribution\.manifest\.v2)\+json$/
const MAX_JSON = 4 << 20
const MAX_DEPTH = 4
const MOST_IMAGES = 100

/** @throws SbomError */
export async function imagesOf(layout: Layout): Promise<readonly Image[]> {
  const marker = await layout('oci-layout')
  const index = await layout('index.json')
  if (marker === undefined || index === undefined)
    throw new SbomError('image-structure', 'this is no OCI image layout: oci-layout or index.json is missing')
  const version = fieldsOf(jsonOf(marker, 'oci-layout', 1000), 'oci-layout')['imageLayoutVersion']
  if (version !== '1.0.0') throw new SbomError('unsupported', `an image layout of version ${JSON.stringify(version).slice(0, 40)}; 1.0.0 is read`)
  const images: Image[] = []
  await walk(layout, fieldsOf(jsonOf(index, 'index.json', MAX_JSON), 'index.json'), images, null, 0)
  return images
}

async function walk(layout: Layout, index: Fields, images: Image[], refName: string | null, depth: number): Promise<void> {
  if (depth >= MAX_DEPTH) throw new SbomError('limit', `indexes are nested deeper than ${MAX_DEPTH}`)
  for (const each of list(index['manifests'], 'manifests')) {
    const descriptor = descriptorOf(each)
    if (descriptor.annotations['vnd.docker.reference.type'] !== undefined) continue
    const ref = textField(descriptor.annotations, 'org.opencontainers.image.ref.name', 'annotations') ?? refName
    const fields = fieldsOf(jsonOf(await blob(layout, descriptor), descriptor.digest, MAX_JSON), descriptor.digest)
    if (INDEX.test(descriptor.mediaType)) await walk(layout, fields, images, ref, depth + 1)
    else if (MANIFEST.test(descriptor.mediaType)) images.push(await imageOf(layout, fields, descriptor.digest, ref))
    if (images.length > MOST_IMAGES) throw new SbomError('limit', `more than ${MOST_IMAGES} images`)
  }
}

async function imageOf(layout: Layout, manifest: Fields, digest: string, refName: string | null): Promise<Image> {
  const config = fieldsOf(jsonOf(await blob(layout, descriptorOf(manifest['config'])), 'config', MAX_JSON), 'config')
  const { rootfs } = config
  const diffIds = list(isFields(rootfs) ? rootfs['diff_ids'] : undefined, 'rootfs.diff_ids')
  const layers = list(manifest['layers'], 'layers').map((each) => descriptorOf(each))
  if (diffIds.length !== layers.length) throw new SbomError('image-structure', `${layers.length} layers, ${diffIds.length} of them in the config`)
  const architecture = textField(config, 'architecture', 'config') ?? ''
  const platform = [textField(config, 'os', 'config') ?? '', architecture, textField(config, 'variant', 'config') ?? '']
  return {
    platform: platform.filter((part) => part !== '').join('/'),
    architecture,
    digest,
    refName,
    layers: layers.map((layer, at) => ({ ...layer, diffId: String(diffIds[at]) })),
  }
}

/** The bytes behind a descriptor, when they are what it says. @throws SbomError `image-structure`, `image-digest` */
export async function blob(layout: Layout, { digest, size }: Pick<Descriptor, 'digest' | 'size'>): Promise<Uint8Array> {
  const bytes = await layout(`blobs/sha256/${digest.slice('sha256:'.length)}`)
  if (bytes === undefined) throw new SbomError('image-structure', `the blob ${digest} is missing`)
  if (bytes.length !== size || `sha256:${sha256(bytes)}` !== digest)
    throw new SbomError('image-digest', `the blob ${digest} is not what its name says`)
  return bytes
}

function descriptorOf(value: unknown): Descriptor {
  const fields = fieldsOf(value, 'a descriptor')
  const { size, annotations } = fields
  const [mediaType, digest] = [textField(fields, 'mediaType', 'descriptor') ?? '', textField(fields, 'digest', 'descriptor') ?? '']
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new SbomError('unsupported', `${JSON.stringify(digest.slice(0, 80))} is no SHA-256 digest`)
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw new SbomError('image-structure', `${digest} has no size`)
  return { mediaType, digest, size, annotations: isFields(annotations) ? annotations : {} }
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > 1000) throw new SbomError('image-structure', `${what} is no list of at most 1000`)
  return value
}
