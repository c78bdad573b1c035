/** One image of a registry: its manifest, or the manifest of each platform, with the configuration each would run with. */
import { z } from 'zod'
import { CollectError } from '../error.ts'
import type { ImagePlatform } from '../inputs.images.ts'
import { registryGet, type Found } from './client.ts'

const INDEX = new Set(['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json'])
const MANIFEST = new Set(['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'])
/** What a reader of images takes. */
export const MANIFEST_TYPES = [...INDEX, ...MANIFEST].join(', ')
const MANIFEST_BYTES = 4 << 20
const CONFIG_BYTES = 4 << 20
const MOST_PLATFORMS = 20

const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const Index = z.looseObject({
  manifests: z
    .array(z.looseObject({ digest: Digest, platform: z.looseObject({ os: z.string().max(50), architecture: z.string().max(50) }).optional() }))
    .max(100),
})
const Manifest = z.looseObject({
  config: z.looseObject({ digest: Digest }),
  layers: z.array(z.looseObject({ size: z.number().int().nonnegative() })).max(1000),
})
const Config = z.looseObject({
  os: z.string().max(50).default(''),
  architecture: z.string().max(50).default(''),
  created: z.string().max(60).nullish(),
  config: z.looseObject({ User: z.string().max(500).nullish(), Env: z.array(z.string().max(100_000)).max(2000).nullish() }).nullish(),
  history: z
    .array(z.looseObject({ created_by: z.string().max(100_000).nullish() }))
    .max(2000)
    .nullish(),
})

export interface ImageRead {
  readonly digest: string
  readonly platforms: readonly ImagePlatform[]
}

/** @returns null: the registry has no such image @throws CollectError when the registry cannot be asked, or answers what is no image */
export async function readImage(repository: string, reference: string, hosts: readonly string[]): Promise<ImageRead | null> {
  const top = await registryGet({ repository, path: `manifests/${reference}`, accept: MANIFEST_TYPES, maxBytes: MANIFEST_BYTES, hosts })
  if (top === null) return null
  if (!INDEX.has(top.mediaType)) return { digest: top.digest, platforms: [await platformOf(repository, top, null, hosts)] }
  const listed = parsed(top, Index, 'an index').manifests.filter(({ platform }) => platform !== undefined && platform.os !== 'unknown')
  if (listed.length > MOST_PLATFORMS)
    throw new CollectError('too-large', `the image has ${listed.length} platforms; at most ${MOST_PLATFORMS} are read`, 'List fewer.')
  const platforms: ImagePlatform[] = []
  for (const { digest, platform } of listed) {
    const name = `${platform?.os}/${platform?.architecture}`
    const found = await registryGet({ repository, path: `manifests/${digest}`, accept: MANIFEST_TYPES, maxBytes: MANIFEST_BYTES, hosts })
    platforms.push(found === null ? bad(name, digest, 'the registry does not have its manifest') : await platformOf(repository, found, name, hosts))
  }
  return { digest: top.digest, platforms }
}

function bad(platform: string, digest: string, problem: string): ImagePlatform {
  return { platform, digest, bytes: 0, user: '', env: [], history: [], created: null, problem }
}

async function platformOf(repository: string, found: Found, name: string | null, hosts: readonly string[]): Promise<ImagePlatform> {
  if (!MANIFEST.has(found.mediaType)) return bad(name ?? 'unknown', found.digest, `its media type is ${found.mediaType.slice(0, 100) || 'not said'}`)
  const manifest = parsed(found, Manifest, 'a manifest')
  const blob = await registryGet({ repository, path: `blobs/${manifest.config.digest}`, accept: '*/*', maxBytes: CONFIG_BYTES, hosts })
  if (blob === null) return bad(name ?? 'unknown', found.digest, 'the registry does not have its configuration')
  const { os, architecture, config, history, created } = parsed(blob, Config, 'a configuration')
  const own = `${os}/${architecture}`
  return {
    platform: name ?? own,
    digest: found.digest,
    bytes: manifest.layers.reduce((sum, layer) => sum + layer.size, 0),
    user: config?.User ?? '',
    env: [...(config?.Env ?? [])],
    history: (history ?? []).flatMap((entry) => (entry.created_by == null ? [] : [entry.created_by])),
    created: created ?? null,
    problem: name === null || name === own ? null : `it is listed as ${name} and was built for ${own}`,
  }
}

function parsed<Shape>({ bytes, digest }: Found, shape: z.ZodType<Shape>, what: string): Shape {
  try {
    return shape.parse(JSON.parse(bytes.toString('utf8')))
  } catch (cause) {
    throw new CollectError('answer-invalid', `${digest} is not ${what}`, 'Push the image again.', { cause })
  }
}
