/** Input `registryImages`: what the registries hold of the images that this release ships by digest, and how large those of the last releases were. */
import { rcompare, valid } from 'semver'
import { z } from 'zod'
import { ImageDigests, IMAGES_FILE, RegistryImages } from '../../evidence/model/config/images.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { isListed } from '../../evidence/sbom/glob.ts'
import type { CollectContext, Collected } from './collector.ts'
import { CollectError } from './error.ts'
import { blocked, gateSettings } from './gate-settings.ts'
import { headCommit, tree } from './git.ts'
import type { ShippedImage } from './inputs.images.ts'
import { readImage } from './registry/image.ts'
import { registryGet } from './registry/client.ts'
import { collectPolicy } from './policy.ts'
import { readEntry } from './supply-chain-settings.ts'

const LAST = 3
const Settings = z.looseObject({ images: RegistryImages })
const Tags = z.looseObject({ tags: z.array(z.string().max(200)).max(100_000).nullish() })

/** Without a config nobody names an image of a registry, so there is none to look at. */
export async function collectRegistryImages(context: CollectContext): Promise<Collected<'registryImages'>> {
  const head = await headCommit(context.workspace, context.sha)
  const at = timestamp(context.now)
  if ('blocked' in (await collectPolicy(context))) return { value: { head, at, images: [] } }
  const settings = await gateSettings(context, 'hardening', Settings)
  if ('blocked' in settings) return settings
  const { config } = settings
  const named = settings.settings.images
  if (named.length === 0) return { value: { head, at, images: [] } }
  const digests = await digestsOf(context, head)
  if (digests === null) return blocked(IMAGES_FILE, 'it is no map of services to digests', `Write ${IMAGES_FILE}: {"service": "sha256:…"}.`)
  const images: ShippedImage[] = []
  for (const { service, repository } of named) {
    const budget = Object.entries(config.budgets.max_image_mb).findLast(([pattern]) => isListed(service, [pattern]))?.[1] ?? null
    const digest = digests[service] ?? null
    images.push({ service, repository, digest, budget_mb: budget, ...(await held(repository, digest, config.conduct.hosts)) })
  }
  return { value: { head, at, images } }
}

async function digestsOf(context: CollectContext, head: string): Promise<Readonly<Record<string, string>> | null> {
  const entry = (await tree(context.workspace, head)).find(({ path }) => path === IMAGES_FILE)
  if (entry === undefined) return {}
  const file = await readEntry(context, IMAGES_FILE, entry, { left: 1 << 20 })
  try {
    return ImageDigests.parse(JSON.parse(file.text ?? ''))
  } catch {
    return null
  }
}

async function held(
  repository: string,
  digest: string | null,
  hosts: readonly string[],
): Promise<Pick<ShippedImage, 'platforms' | 'why' | 'before'>> {
  if (digest === null) return { platforms: null, why: `${IMAGES_FILE} names no digest for it`, before: [] }
  try {
    const image = await readImage(repository, digest, hosts)
    if (image === null) return { platforms: null, why: 'the registry does not have it', before: [] }
    return { platforms: [...image.platforms], why: null, before: await lastSizes(repository, digest, hosts) }
  } catch (error) {
    if (error instanceof CollectError) return { platforms: null, why: `${error.message}. ${error.next}`.slice(0, 500), before: [] }
    throw error
  }
}

/** Of the newest versions by tag, this very image left out. A registry that tells no tags tells no trend. */
async function lastSizes(repository: string, digest: string, hosts: readonly string[]): Promise<ShippedImage['before']> {
  const answer = await registryGet({ repository, path: 'tags/list?n=1000', accept: 'application/json', maxBytes: 4 << 20, hosts })
  const tags = answer === null ? null : Tags.safeParse(JSON.parse(answer.bytes.toString('utf8')))
  const versions = (tags?.data?.tags ?? []).filter((tag) => valid(tag) !== null).toSorted(rcompare)
  const sizes: ShippedImage['before'] = []
  for (const version of versions) {
    if (sizes.length === LAST) break
    const image = await readImage(repository, version, hosts)
    if (image !== null && image.digest !== digest) sizes.push({ version, bytes: Math.max(0, ...image.platforms.map(({ bytes }) => bytes)) })
  }
  return sizes
}
