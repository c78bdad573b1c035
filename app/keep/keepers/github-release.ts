/**
 * The GitHub release: it keeps what is published there, which is the pack of a promotion. Nothing is put here: `release.publish` attaches the pack while
 * the release is a draft, and this reads it back. A pack that is never published (a decision, a rollback) is not here; name another store for those.
 *
 * An immutable release never loses an asset: a purge is refused before it begins, and says so. One that is not immutable enforces nothing.
 */
import { sha256 } from '../../../evidence/core/digest.ts'
import { Asset, parsed, Release } from '../../github/answers.ts'
import { isGitHubError } from '../../github/error.ts'
import { assetsOf } from '../../github/apply/release-assets.ts'
import { repositoryPath, type Client } from '../../github/octokit.ts'
import type { Repository } from '../../release/ports.ts'
import { z } from 'zod'
import { StorageError } from '../error.ts'
import { MAX_ITEM, type Item, type Keeper } from '../keeper.ts'
import { GITHUB_RELEASE } from '../entries.ts'

const Installation = z.object({ id: z.number().int().positive() })
const DOWNLOAD_MS = 5 * 60_000

interface There {
  readonly repository: Repository
  readonly release: z.infer<typeof Release>
  readonly asset: z.infer<typeof Asset>
}

/** @param client made when it is first needed */
export function githubReleaseKeeper(client: () => Promise<Client>): Keeper {
  async function repositoryOf(item: Item): Promise<Repository> {
    const [owner = '', name = ''] = item.repository.split('/')
    const path = `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}/installation`
    const { id } = parsed(Installation, (await (await client()).asApp({ path })).data, path)
    return { id: item.repository_id, owner, name, installationId: id }
  }

  async function find(item: Item): Promise<There | null> {
    const github = await client()
    const repository = await repositoryOf(item)
    const path = `${repositoryPath(repository)}/releases/tags/${encodeURIComponent(item.version)}`
    let release: There['release']
    try {
      release = parsed(Release, (await github.call(repository, { method: 'GET', path, permissions: { contents: 'read' } })).data, path)
    } catch (error) {
      if (isGitHubError(error, 'not-found')) return null
      throw error
    }
    const asset = (await assetsOf(github, repository, release)).find((one) => one.state === 'uploaded' && one.digest === `sha256:${item.sha256}`)
    return release.draft || asset === undefined ? null : { repository, release, asset }
  }

  async function bytesOf({ repository, asset }: There): Promise<Uint8Array> {
    const github = await client()
    const path = `${repositoryPath(repository)}/releases/assets/${asset.id}`
    const answer = await github.call(repository, {
      method: 'GET',
      path,
      permissions: { contents: 'read' },
      accept: 'application/octet-stream',
      maxBytes: MAX_ITEM,
      timeoutMs: DOWNLOAD_MS,
    })
    const location = answer.headers['location']
    if (answer.status === 302 && typeof location === 'string' && URL.canParse(location)) return github.plain(location, MAX_ITEM)
    if (answer.status === 200 && answer.data instanceof ArrayBuffer) return new Uint8Array(answer.data)
    throw new StorageError('refused', `GitHub answered ${answer.status} to the download of an asset`)
  }

  async function get(item: Item): Promise<Uint8Array | null> {
    const there = await find(item)
    if (there === null) return null
    const bytes = await bytesOf(there)
    if (sha256(bytes) !== item.sha256) throw new StorageError('changed', `the asset of ${item.version} has another digest than GitHub says`)
    return bytes
  }

  return {
    name: GITHUB_RELEASE,
    kind: 'github-release',
    takesAnything: false,
    put: guarded(async (item, bytes) => {
      if (sha256(bytes) !== item.sha256) throw new StorageError('refused', 'the bytes have not the digest they are put under')
      const there = await find(item)
      if (there === null) throw new StorageError('absent', `no published release ${item.version} of ${item.repository} has this pack`)
      if (sha256(await bytesOf(there)) !== item.sha256) throw new StorageError('changed', `the asset of ${item.version} has another digest`)
      return { location: there.release.html_url }
    }),
    get: guarded(get),
    head: guarded(async (item) => {
      const there = await find(item)
      return there === null ? null : { size: there.asset.size, lockedUntil: null, held: false, immutable: there.release.immutable ?? false }
    }),
    list: async () => [],
    hold: async () => {},
    extend: async () => {},
    delete: guarded(async (item) => {
      const there = await find(item)
      if (there === null) return 'absent'
      if (there.release.immutable === true)
        throw new StorageError('immutable', `the release ${item.version} of ${item.repository} is immutable: GitHub deletes none of its assets`)
      const path = `${repositoryPath(there.repository)}/releases/assets/${there.asset.id}`
      await (await client()).call(there.repository, { method: 'DELETE', path, permissions: { contents: 'write' } })
      return 'deleted'
    }),
    check: async () => [],
  }
}

function guarded<Args extends readonly unknown[], Value>(work: (...args: Args) => Promise<Value>): (...args: Args) => Promise<Value> {
  return async (...args) => {
    try {
      return await work(...args)
    } catch (error) {
      if (!isGitHubError(error)) throw error
      const code =
        error.code === 'limited' ? 'limited' : error.code === 'too-large' ? 'too-large' : error.code === 'unavailable' ? 'unreachable' : 'refused'
      throw new StorageError(code, error.message, { cause: error, ...(error.retryAt !== null && { retryAt: error.retryAt }) })
    }
  }
}
