/** Input `registry`: what the registries of the config hold under the references of this release, and under the tags that were recorded. */
import { z } from 'zod'
import { References, REFERENCES_FILE, Registries } from '../../evidence/model/config/registries.ts'
import { milliseconds } from '../../evidence/model/primitives.ts'
import type { CollectContext, Collected } from './collector.ts'
import { CollectError } from './error.ts'
import { blocked, gateSettings } from './gate-settings.ts'
import { headCommit, tree } from './git.ts'
import type { Inputs } from './inputs.ts'
import type { RegistryRepository } from './inputs.registry.ts'
import { registryGet } from './registry/client.ts'
import { MANIFEST_TYPES } from './registry/image.ts'
import { readEntry } from './supply-chain-settings.ts'

const Settings = z.looseObject({ registries: Registries })
const MOST_TAGS = 200
const INDEX = 'application/vnd.oci.image.index.v1+json'
const Referrers = z.looseObject({
  manifests: z.array(z.looseObject({ digest: z.string().max(100), artifactType: z.string().max(300).nullish() })).max(500),
})

type Held = RegistryRepository['mirrors'][number]

export async function collectRegistry(context: CollectContext): Promise<Collected<'registry'>> {
  const settings = await gateSettings(context, 'supply_chain', Settings)
  if ('blocked' in settings) return settings
  const { config } = settings
  const head = await headCommit(context.workspace, context.sha)
  const value = { head, evidence_ms: milliseconds(config.evidence.retention) }
  const named = settings.settings.registries
  if (named.length === 0) return { value: { ...value, repositories: [] } }
  const references = await referencesOf(context, head)
  if (references === null)
    return blocked(
      REFERENCES_FILE,
      'it is not what it should be',
      `Write ${REFERENCES_FILE}: {"images": {"ghcr.io/acme/shop": "sha256:…"}, "tags": {}}.`,
    )
  const repositories: Inputs['registry']['repositories'] = []
  const { hosts } = config.conduct
  for (const { repository, mirrors, retention } of named) {
    const reference = references.images[repository] ?? null
    const held = reference === null ? null : await heldAt(repository, reference, hosts)
    const others: Held[] = []
    for (const mirror of reference === null ? [] : mirrors) others.push(await heldAt(mirror, reference ?? '', hosts))
    const tags: RegistryRepository['tags'] = []
    for (const [tag, recorded] of Object.entries(references.tags[repository] ?? {}).slice(0, MOST_TAGS)) {
      const now: Held[] = []
      for (const at of [repository, ...mirrors]) now.push(await heldAt(at, tag, hosts))
      tags.push({ tag, recorded, now })
    }
    const referrers = held?.digest == null ? null : await referrersOf(repository, held.digest, hosts)
    repositories.push({ repository, retention_ms: milliseconds(retention), reference, held, mirrors: others, tags, referrers })
  }
  return { value: { ...value, repositories } }
}

async function referencesOf(context: CollectContext, head: string): Promise<z.infer<typeof References> | null> {
  const entry = (await tree(context.workspace, head)).find(({ path }) => path === REFERENCES_FILE)
  if (entry === undefined) return { images: {}, tags: {} }
  const file = await readEntry(context, REFERENCES_FILE, entry, { left: 1 << 20 })
  try {
    return References.parse(JSON.parse(file.text ?? ''))
  } catch {
    return null
  }
}

async function heldAt(repository: string, reference: string, hosts: readonly string[]): Promise<Held> {
  try {
    const found = await registryGet({
      repository,
      path: `manifests/${encodeURIComponent(reference)}`.replaceAll('%3A', ':'),
      accept: MANIFEST_TYPES,
      maxBytes: 4 << 20,
      hosts,
    })
    return { repository, digest: found?.digest ?? null, why: null }
  } catch (error) {
    if (error instanceof CollectError) return { repository, digest: null, why: `${error.message}. ${error.next}`.slice(0, 500) }
    throw error
  }
}

/** Referrers API of OCI 1.1; where a registry has none, the tag by which older ones keep the same list. */
async function referrersOf(repository: string, digest: string, hosts: readonly string[]): Promise<RegistryRepository['referrers']> {
  for (const path of [`referrers/${digest}`, `manifests/${digest.replace(':', '-')}`])
    try {
      const found = await registryGet({ repository, path, accept: INDEX, maxBytes: 4 << 20, hosts, indirect: true })
      if (found !== null)
        return Referrers.parse(JSON.parse(found.bytes.toString('utf8'))).manifests.map((one) => ({
          digest: one.digest,
          type: one.artifactType ?? '',
        }))
    } catch {
      // A registry that answers otherwise than the specification tells no referrers.
    }
  return null
}
