/** An OCI image -> one Inventory for each platform: the packages of the distribution and of npm that its layers leave installed. */
import { CoreError } from '../../core/error.ts'
import { SbomError } from '../error.ts'
import { assemble } from '../graph.ts'
import type { DraftEdge } from '../graph.ts'
import type { Inventory, Remark } from '../inventory.ts'
import { purlOf } from '../purl.ts'
import { apkPackages, debPackages, distributionOf, npmPackages } from './databases.ts'
import { Files, LIMITS } from './layers.ts'
import type { ImageLimits } from './layers.ts'
import { blob, imagesOf } from './layout.ts'
import type { Image, Layout } from './layout.ts'

export interface ImageQuestion {
  /** Where it lies; for the record. */
  readonly path: string
  readonly layout: Layout
  /** Last part of the repository's name. Default: the index's reference, else the last part of the path. */
  readonly name?: string
  /** `linux/arm64`. Default: every platform of the index. */
  readonly platform?: string
  readonly limits?: Partial<ImageLimits>
}

export interface ImageInventory {
  readonly platform: string
  /** `sha256:…` of the manifest. */
  readonly digest: string
  readonly inventory: Inventory
}

/** Answers a hostile or foreign image with an error; never throws one. */
export async function readImage(question: ImageQuestion): Promise<readonly ImageInventory[] | SbomError> {
  try {
    const all = await imagesOf(question.layout)
    const images = question.platform === undefined ? all : all.filter(({ platform }) => platform === question.platform)
    if (images.length === 0)
      throw new SbomError(
        'image-platform',
        `no image of ${question.platform ?? 'any platform'}; there is ${all.map(({ platform }) => platform).join(', ') || 'none'}`,
      )
    const inventories: ImageInventory[] = []
    for (const image of images) inventories.push({ platform: image.platform, digest: image.digest, inventory: await inventoryOf(image, question) })
    return inventories
  } catch (cause) {
    if (cause instanceof SbomError) return cause
    if (cause instanceof CoreError || cause instanceof RangeError) return new SbomError('image-structure', cause.message, { cause })
    throw cause
  }
}

async function inventoryOf(image: Image, { path, layout, name, limits }: ImageQuestion): Promise<Inventory> {
  const all = { ...LIMITS, ...limits }
  if (image.layers.length > all.layers) throw new SbomError('limit', `${image.layers.length} layers; at most ${all.layers} are read`)
  const { files } = await stacked(image, layout, all)
  const distribution = distributionOf(files)
  const found = [debPackages(files, distribution), apkPackages(files, distribution), npmPackages(files, path)]
  const nodes = found.flatMap((each) => each.nodes)
  const remarks: Remark[] = found.flatMap((each) => each.remarks)
  for (const file of files.keys()) if (/\/rpm\//.test(file)) remarks.push({ code: 'unread', about: file })
  if (nodes.length === 0) remarks.push({ code: 'unread', about: 'no package database was found' })
  if (distribution.id === '' && nodes.length > 0) remarks.push({ code: 'unread', about: 'os-release' })
  const contains = nodes.map((node): DraftEdge => ({ from: '', to: node.id, kind: 'contains', name: node.name, range: null }))
  const called = (name ?? image.refName ?? path).split('/').findLast((part) => part !== '') ?? 'image'
  const plain = called.replace(/(?:[:@].*|\.tar)$/, '').toLowerCase() || 'image'
  return assemble({
    source: { kind: 'oci', path, sha256: image.digest.slice('sha256:'.length) },
    root: {
      id: '',
      purl: purlOf('oci', plain, image.digest, { arch: image.architecture }),
      name: plain,
      version: image.digest,
      licence: null,
      hashes: [{ alg: 'SHA-256', hex: image.digest.slice('sha256:'.length) }],
    },
    nodes,
    edges: [...contains, ...found.flatMap((each) => each.edges)],
    remarks,
  })
}

async function stacked(image: Image, layout: Layout, limits: ImageLimits): Promise<Files> {
  const files = new Files(limits)
  for (const { mediaType, diffId, ...descriptor } of image.layers) await files.add({ bytes: await blob(layout, descriptor), mediaType, diffId })
  return files
}
