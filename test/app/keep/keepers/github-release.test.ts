/** The GitHub release against the double of GitHub, with and without immutable releases. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { githubEffects } from '../../../../app/github/apply/index.ts'
import { client, type Client } from '../../../../app/github/octokit.ts'
import type { Item } from '../../../../app/keep/keeper.ts'
import { githubReleaseKeeper } from '../../../../app/keep/keepers/github-release.ts'
import { sha256 } from '../../../../evidence/core/digest.ts'
import { startGitHub, type GitHub } from '../../../support/github/index.ts'

const BYTES = Buffer.from('PK the bytes of a pack')
let dir: string
let github: GitHub
let hands: Client
let shop: Item
let vault: Item

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'keep-release-'))
  const work = join(dir, 'work')
  execFileSync('git', ['init', '-q', '-b', 'main', work])
  writeFileSync(join(work, 'file.txt'), 'one\n')
  const git = (...words: string[]): string =>
    execFileSync('git', ['-C', work, '-c', 'user.name=dev', '-c', 'user.email=dev@example.com', ...words], { encoding: 'utf8' }).trim()
  git('add', '.')
  git('commit', '-qm', 'feat: first')
  const sha = git('rev-parse', 'HEAD')
  github = await startGitHub({ dir: join(dir, 'github') })
  github.addUser({ login: 'dev', email: 'dev@example.com' })
  github.addOrganization({ login: 'acme', members: ['dev'], teams: {} })
  hands = client({ appId: github.app.id, privateKey: github.app.privateKey, baseUrl: github.apiUrl, backoffMs: [5, 5] })
  const path = join(dir, 'evidence.zip')
  writeFileSync(path, BYTES)
  const published = async (name: string, immutableReleases: boolean): Promise<Item> => {
    const added = await github.addRepository({ owner: 'acme', name, from: work, collaborators: { dev: 'write' }, immutableReleases })
    const repository = { id: added.id, owner: 'acme', name, installationId: github.app.installationId }
    const assets = [{ name: 'evidence.zip', path, contentType: 'application/zip', sha256: sha256(BYTES) }]
    await githubEffects(hands).perform(repository, {
      kind: 'release.publish',
      key: name,
      tag: 'v2.0.0',
      sha,
      name: 'v2.0.0',
      body: '',
      prerelease: false,
      assets,
    })
    return { sha256: sha256(BYTES), repository: `acme/${name}`, repository_id: added.id, version: 'v2.0.0', seal: 2 }
  }
  shop = await published('shop', false)
  vault = await published('vault', true)
}, 60_000)

afterAll(async () => {
  await github.settled()
  github.assertClean()
  await github.stop()
  rmSync(dir, { recursive: true, force: true })
})

const keeper = () => githubReleaseKeeper(() => Promise.resolve(hands))
const UNTIL = '2027-12-28T12:00:00.000Z'

test('the published pack is found by its digest and read back', async () => {
  const { location } = await keeper().put(shop, BYTES, UNTIL)
  expect(location).toContain('/acme/shop/releases/tag/v2.0.0')
  expect(Buffer.from((await keeper().get(shop)) ?? []).toString()).toBe(BYTES.toString())
  expect(await keeper().head(shop)).toEqual({ size: BYTES.length, lockedUntil: null, held: false, immutable: false })
})

test('what is not published is not here', async () => {
  const other = Buffer.from('PK another pack')
  const unpublished = { ...shop, sha256: sha256(other) }
  expect(await keeper().get(unpublished)).toBeNull()
  await expect(keeper().put(unpublished, other, UNTIL)).rejects.toMatchObject({ name: 'StorageError', code: 'absent' })
  expect(await keeper().head({ ...shop, version: 'v9.9.9' })).toBeNull()
  await expect(keeper().put(shop, other, UNTIL)).rejects.toMatchObject({ code: 'refused' })
})

describe('deleting', () => {
  test('an asset of an immutable release is refused, and it is still there', async () => {
    expect(await keeper().head(vault)).toMatchObject({ immutable: true })
    await expect(keeper().delete(vault)).rejects.toMatchObject({ code: 'immutable' })
    expect(await keeper().get(vault)).not.toBeNull()
  })

  test('any other goes', async () => {
    expect(await keeper().delete(shop)).toBe('deleted')
    expect(await keeper().delete(shop)).toBe('absent')
    expect(await keeper().get(shop)).toBeNull()
  })
})

test('GitHub away, or a repository it does not show, is an error of a store', async () => {
  github.faultNext('GET', /releases\/tags/, 502)
  github.faultNext('GET', /releases\/tags/, 502)
  github.faultNext('GET', /releases\/tags/, 502)
  await expect(keeper().get(vault)).rejects.toMatchObject({ name: 'StorageError', code: 'unreachable' })
  await expect(keeper().get({ ...vault, repository: 'acme/nowhere' })).rejects.toMatchObject({ name: 'StorageError', code: 'refused' })
})
