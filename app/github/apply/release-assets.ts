/** The files of a draft release: exactly the wanted ones, whole, with the digests that were promised. */
import { sha256 } from '../../../evidence/core/digest.ts'
import type { Repository } from '../../release/ports.ts'
import { Asset, parsed } from '../answers.ts'
import type { Release } from '../answers.ts'
import { GitHubError } from '../error.ts'
import { repositoryPath } from '../octokit.ts'
import type { Client } from '../octokit.ts'
import { listAll } from '../paginate.ts'
import type { EffectOf, Hands } from './effect.ts'

type Wanted = EffectOf<'release.publish'>['assets'][number]

const MAX_ASSET_BYTES = 512 * 1024 * 1024
const UPLOAD_TIMEOUT_MS = 10 * 60_000

/** A draft is seen only by those who may write. */
export async function assetsOf(client: Client, repository: Repository, release: Release): Promise<readonly Asset[]> {
  return listAll(client, repository, {
    path: `${repositoryPath(repository)}/releases/${release.id}/assets`,
    permissions: { contents: release.draft ? 'write' : 'read' },
    item: Asset,
  })
}

/** What is missing, half there, other than promised, or there without being wanted; empty when the release is whole. An asset without a digest proves nothing. */
export function lacks(assets: readonly Asset[], wanted: readonly Wanted[]): readonly string[] {
  const found = new Map(assets.map((asset) => [asset.name, asset]))
  const names = new Set(wanted.map((one) => one.name))
  return [
    ...wanted.filter((one) => !whole(found.get(one.name), one)).map((one) => `${one.name} is not there as promised`),
    ...assets.filter((asset) => !names.has(asset.name)).map((asset) => `${asset.name} is there and was not promised`),
  ]
}

/**
 * Brings a draft's assets to what is wanted: deletes half uploads and strangers, uploads what is missing. Resumes after any interruption.
 * @throws GitHubError `refused` when a local file is not the promised one
 */
export async function fillDraft(
  hands: Hands,
  repository: Repository,
  release: Release,
  { wanted, present }: { readonly wanted: readonly Wanted[]; readonly present: readonly Asset[] },
): Promise<void> {
  const { client } = hands
  const kept = new Set<string>()
  for (const asset of present) {
    const match = wanted.find((one) => one.name === asset.name)
    if (match !== undefined && whole(asset, match)) kept.add(asset.name)
    else
      await client.call(repository, {
        method: 'DELETE',
        path: `${repositoryPath(repository)}/releases/assets/${asset.id}`,
        permissions: { contents: 'write' },
      })
  }
  for (const one of wanted.filter((asset) => !kept.has(asset.name))) await upload(hands, repository, release, one)
}

async function upload(hands: Hands, repository: Repository, release: Release, wanted: Wanted): Promise<void> {
  const bytes = await hands.readAsset(wanted.path)
  if (bytes.byteLength > MAX_ASSET_BYTES)
    throw new GitHubError('too-large', `${wanted.name} has ${bytes.byteLength} bytes; at most ${MAX_ASSET_BYTES} are published.`)
  if (sha256(bytes) !== wanted.sha256)
    throw new GitHubError('refused', `${wanted.name} on disk is not the sealed file: its SHA-256 differs. Seal again.`)
  const answer = await hands.client.call(repository, {
    method: 'POST',
    path: release.upload_url.replace(/\{[^}]*\}$/, ''),
    query: { name: wanted.name },
    permissions: { contents: 'write' },
    body: bytes,
    contentType: wanted.contentType,
    timeoutMs: UPLOAD_TIMEOUT_MS,
  })
  const asset = parsed(Asset, answer.data, `the upload of ${wanted.name}`)
  if (asset.name !== wanted.name) throw new GitHubError('refused', `GitHub renamed ${wanted.name} to ${asset.name}; give it a plain name.`)
}

function whole(asset: Asset | undefined, wanted: Wanted): boolean {
  return asset !== undefined && asset.state === 'uploaded' && asset.size > 0 && asset.digest === `sha256:${wanted.sha256}`
}
