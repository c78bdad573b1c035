/** Releases and their assets; immutable after publishing when the repository says so. */
import { created, empty, ok, page, route, type Answer, type Call, type Route } from '../http/call.ts'
import { signedUrl } from '../http/blobs.ts'
import { refMoved } from '../hook/moved.ts'
import { ZERO } from '../hook/checks.ts'
import { store } from '../run/artifacts.ts'
import { asset as assetShape, release as releaseShape } from '../shape/release.ts'
import { invalid, notFound } from '../world/error.ts'
import * as git from '../world/git.ts'
import type { Asset, Release } from '../world/model.ts'
import { atLeast, roleIn, stamp } from '../world/world.ts'
import { byJob, flag, maybeText, numberParam, sender, text } from './read.ts'

const MAX_ASSETS = 1000
const MAX_ASSET = 2_147_483_648

const emit = (call: Call, release: Release, action: string): void => {
  call.bus.emit({
    event: 'release',
    action,
    repository: call.repository,
    sender: sender(call),
    payload: { release: releaseShape(call.world, call.repository, release) },
  })
}

/** Makes the tag when absent, fixes the release, tells. */
const publish = async (call: Call, release: Release): Promise<void> => {
  const { world, repository: one } = call
  const ref = `refs/tags/${release.tag}`
  if (!(await git.readRef(one.gitDir, ref))) {
    const sha = await git.resolve(one.gitDir, release.target)
    if (!sha) throw invalid('Validation Failed', [{ resource: 'Release', code: 'invalid', field: 'target_commitish' }])
    await git.git(one.gitDir, ['update-ref', ref, sha, ZERO])
    await refMoved(world, call.bus, one, { ref, before: ZERO, after: sha, sender: sender(call), byJob: byJob(call) })
  }
  release.draft = false
  release.publishedAt = stamp(world)
  release.immutable = one.immutableReleases
  if (release.immutable) one.burnedTags.add(release.tag)
  emit(call, release, 'published')
  if (!release.prerelease) emit(call, release, 'released')
}

const refuseTag = async (call: Call, tag: string, own: Release | null): Promise<void> => {
  const one = call.repository
  if ((await git.tryGit(one.gitDir, ['check-ref-format', `refs/tags/${tag}`])).code !== 0)
    throw invalid('Validation Failed', [{ resource: 'Release', code: 'custom', field: 'tag_name', message: 'tag_name is not well-formed' }])
  if (one.burnedTags.has(tag))
    throw invalid('Validation Failed', [
      { resource: 'Release', code: 'custom', field: 'tag_name', message: 'tag_name was used by an immutable release' },
    ])
  if (one.releases.some((each) => each !== own && !each.draft && each.tag === tag))
    throw invalid('Validation Failed', [{ resource: 'Release', code: 'already_exists', field: 'tag_name' }])
}

const UNKNOWN = ['discussion_category_name'] as const

const create = async (call: Call): Promise<Answer> => {
  const { world, repository: one } = call
  for (const key of UNKNOWN) if (call.body[key] !== undefined) throw invalid(`the double of GitHub does not know ${key}`)
  const tag = text(call.body['tag_name'])
  const draft = flag(call.body['draft'], false)
  await refuseTag(call, tag, null)
  const at = stamp(world)
  const release: Release = {
    id: world.nextId(),
    tag,
    target: maybeText(call.body['target_commitish']) ?? one.defaultBranch,
    name: maybeText(call.body['name']) ?? null,
    body: maybeText(call.body['body']) ?? null,
    draft: true,
    prerelease: flag(call.body['prerelease'], false),
    immutable: false,
    author: sender(call),
    createdAt: at,
    updatedAt: at,
    publishedAt: null,
    assets: [],
  }
  if (!draft) await publish(call, release)
  one.releases.push(release)
  return created(releaseShape(world, one, release))
}

/** Drafts are seen only by those who may write. */
const sees = (call: Call, release: Release): boolean => {
  if (!release.draft) return true
  const { actor } = call
  if (actor.kind === 'user') return atLeast(roleIn(call.repository, actor.account), 'write')
  return (actor.kind === 'installation' || actor.kind === 'job') && actor.permissions['contents'] === 'write'
}

const releaseOf = (call: Call): Release => {
  const found = call.repository.releases.find((each) => each.id === numberParam(call, 'release_id'))
  if (!found || !sees(call, found)) throw notFound()
  return found
}

const update = async (call: Call): Promise<Answer> => {
  const release = releaseOf(call)
  for (const key of UNKNOWN) if (call.body[key] !== undefined) throw invalid(`the double of GitHub does not know ${key}`)
  const { tag_name: tag, target_commitish: target, name, body, draft, prerelease } = call.body
  if (release.immutable && ((tag !== undefined && tag !== release.tag) || (target !== undefined && target !== release.target) || draft === true))
    throw invalid('Cannot modify an immutable release')
  if (typeof tag === 'string' && tag !== release.tag) {
    await refuseTag(call, tag, release)
    release.tag = tag
  }
  if (typeof target === 'string') release.target = target
  if (typeof name === 'string') release.name = name
  if (typeof body === 'string') release.body = body
  if (typeof prerelease === 'boolean') release.prerelease = prerelease
  release.updatedAt = stamp(call.world)
  if (draft === false && release.draft) {
    await refuseTag(call, release.tag, release)
    await publish(call, release)
  } else if (!release.draft && draft === true) release.draft = true
  return ok(releaseShape(call.world, call.repository, release))
}

const upload = async (call: Call): Promise<Answer> => {
  const { world, repository: one } = call
  const release = releaseOf(call)
  if (release.immutable) throw invalid('Cannot upload assets to an immutable release.')
  // GitHub renames what it does not like in a file name.
  const name = text(call.query['name']).replace(/[^A-Za-z0-9._@+-]/g, '.')
  if (name === '') throw invalid('Validation Failed', [{ resource: 'ReleaseAsset', code: 'missing_field', field: 'name' }])
  if (release.assets.some((each) => each.name === name))
    throw invalid('Validation Failed', [{ resource: 'ReleaseAsset', code: 'already_exists', field: 'name' }])
  if (release.assets.length >= MAX_ASSETS)
    throw invalid('Validation Failed', [{ resource: 'ReleaseAsset', code: 'custom', message: 'file_count limited to 1000 assets per release' }])
  if (call.bytes.length === 0 || call.bytes.length >= MAX_ASSET)
    throw invalid('Validation Failed', [{ resource: 'ReleaseAsset', code: 'custom', field: 'size', message: 'size is not included in the list' }])
  const id = world.nextId()
  const asset: Asset = {
    id,
    name,
    label: maybeText(call.query['label']) ?? '',
    contentType: call.headers['content-type'] ?? 'application/octet-stream',
    uploader: sender(call),
    createdAt: stamp(world),
    downloads: 0,
    ...(await store(world, 'assets', id, call.bytes)),
  }
  release.assets.push(asset)
  return created(assetShape(world, one, release, asset))
}

const assetOf = (call: Call): readonly [Release, Asset] => {
  for (const release of call.repository.releases) {
    const found = release.assets.find((each) => each.id === numberParam(call, 'asset_id'))
    if (found && sees(call, release)) return [release, found]
  }
  throw notFound()
}

export const releaseRoutes: readonly Route[] = [
  route('POST', '/repos/{owner}/{repo}/releases', create),
  route('GET', '/repos/{owner}/{repo}/releases', (call) => {
    const { items, headers } = page(call, call.repository.releases.filter((each) => sees(call, each)).toReversed())
    return ok(
      items.map((each) => releaseShape(call.world, call.repository, each)),
      headers,
    )
  }),
  route('GET', '/repos/{owner}/{repo}/releases/latest', (call) => {
    const found = call.repository.releases.filter((each) => !each.draft && !each.prerelease).at(-1)
    if (!found) throw notFound()
    return ok(releaseShape(call.world, call.repository, found))
  }),
  route('GET', '/repos/{owner}/{repo}/releases/tags/{tag}', (call) => {
    const found = call.repository.releases.find((each) => !each.draft && each.tag === call.params['tag'])
    if (!found) throw notFound()
    return ok(releaseShape(call.world, call.repository, found))
  }),
  route('GET', '/repos/{owner}/{repo}/releases/{release_id}', (call) => ok(releaseShape(call.world, call.repository, releaseOf(call)))),
  route('PATCH', '/repos/{owner}/{repo}/releases/{release_id}', update),
  route('DELETE', '/repos/{owner}/{repo}/releases/{release_id}', (call) => {
    const found = releaseOf(call)
    call.repository.releases.splice(call.repository.releases.indexOf(found), 1)
    return empty()
  }),
  route('POST', '/repos/{owner}/{repo}/releases/{release_id}/assets', upload),
  route('GET', '/repos/{owner}/{repo}/releases/{release_id}/assets', (call) => {
    const release = releaseOf(call)
    const { items, headers } = page(call, release.assets)
    return ok(
      items.map((each) => assetShape(call.world, call.repository, release, each)),
      headers,
    )
  }),
  route('GET', '/repos/{owner}/{repo}/releases/assets/{asset_id}', (call) => {
    const [release, found] = assetOf(call)
    if (!(call.headers.accept ?? '').includes('application/octet-stream')) return ok(assetShape(call.world, call.repository, release, found))
    found.downloads++
    return { status: 302, headers: { location: signedUrl(call.world, 'assets', found.id, found.name) } }
  }),
  route('DELETE', '/repos/{owner}/{repo}/releases/assets/{asset_id}', (call) => {
    const [release, found] = assetOf(call)
    if (release.immutable) throw invalid('Cannot delete assets from an immutable release.')
    release.assets.splice(release.assets.indexOf(found), 1)
    return empty()
  }),
]
