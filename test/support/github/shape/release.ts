/** How GitHub writes releases and their assets. */
import type { Asset, Json, Release, Repository } from '../world/model.ts'
import { nodeId, type World } from '../world/world.ts'
import { user } from './people.ts'
import { htmlUrl, repositoryUrl } from './repository.ts'

export const asset = (world: World, one: Repository, release: Release, entry: Asset): Json => ({
  url: `${repositoryUrl(world, one)}/releases/assets/${entry.id}`,
  id: entry.id,
  node_id: nodeId('RA', entry.id),
  name: entry.name,
  label: entry.label,
  uploader: user(world, entry.uploader),
  content_type: entry.contentType,
  state: 'uploaded',
  size: entry.size,
  digest: entry.digest,
  download_count: entry.downloads,
  created_at: entry.createdAt,
  updated_at: entry.createdAt,
  browser_download_url: `${htmlUrl(world, one)}/releases/download/${release.tag}/${entry.name}`,
})

export const release = (world: World, one: Repository, entry: Release): Json => {
  const at = `${repositoryUrl(world, one)}/releases/${entry.id}`
  return {
    url: at,
    assets_url: `${at}/assets`,
    upload_url: `${world.base}/api/uploads/repos/${one.owner.login}/${one.name}/releases/${entry.id}/assets{?name,label}`,
    html_url: `${htmlUrl(world, one)}/releases/tag/${entry.tag}`,
    id: entry.id,
    author: user(world, entry.author),
    node_id: nodeId('RE', entry.id),
    tag_name: entry.tag,
    target_commitish: entry.target,
    name: entry.name,
    draft: entry.draft,
    immutable: entry.immutable,
    prerelease: entry.prerelease,
    created_at: entry.createdAt,
    updated_at: entry.updatedAt,
    published_at: entry.publishedAt,
    assets: entry.assets.map((one_) => asset(world, one, entry, one_)),
    tarball_url: entry.draft ? null : `${repositoryUrl(world, one)}/tarball/${entry.tag}`,
    zipball_url: entry.draft ? null : `${repositoryUrl(world, one)}/zipball/${entry.tag}`,
    body: entry.body,
  }
}
