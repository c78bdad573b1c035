import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run } from '../../../actions/evidence/main.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { loopback } from '../../support/loopback.ts'
import { REPO, stage, type Stage } from '../../double/stage.ts'

async function publish(on: Stage, files: Readonly<Record<string, string>>, draft = false): Promise<void> {
  const token = await on.token()
  const { data } = await on.call(token, 'POST', `/repos/${REPO}/releases`, { tag_name: 'v2.0.0', draft: true })
  const { id, upload_url: at } = data as { id: number; upload_url: string }
  for (const [name, text] of Object.entries(files))
    await on.call(token, 'POST', at.replace('{?name,label}', `?name=${name}`), text, { 'content-type': 'application/zip' })
  if (!draft) await on.call(token, 'PATCH', `/repos/${REPO}/releases/${id}`, { draft: false })
}

async function fetched(on: Stage, over: object = {}): Promise<Record<string, string>> {
  const out = join(await mkdtemp(join(tmpdir(), 'evidence-')), 'packs')
  const facts = { apiUrl: on.github.apiUrl, repository: REPO }
  const packs = await run({ version: 'v2.0.0', token: await on.token({ contents: 'read' }), repository: null, out, facts, ...over })
  const read = await Promise.all(
    packs.map(async ({ path, sha256: hash }) => {
      const bytes = await readFile(path)
      expect(sha256(bytes)).toBe(hash)
      return [path.slice(out.length + 1), bytes.toString()] as const
    }),
  )
  return Object.fromEntries(read)
}

test('the pack and its signature are fetched, and nothing else of the release', async () => {
  await using on = await stage()
  await publish(on, { 'evidence.zip': 'a pack', 'evidence.sigstore.json': '{}', 'shop.tgz': 'not ours' })
  expect(await fetched(on)).toEqual({ 'evidence.zip': 'a pack', 'evidence.sigstore.json': '{}' })
})

test('a release without a pack, no release, a version or repository that is none', async () => {
  await using on = await stage()
  await publish(on, { 'shop.tgz': 'not ours' })
  await expect(fetched(on)).rejects.toMatchObject({ code: 'no-evidence' })
  await expect(fetched(on, { version: 'v9.9.9' })).rejects.toMatchObject({ code: 'github-refused' })
  await expect(fetched(on, { version: '../v2' })).rejects.toMatchObject({ code: 'bad-input' })
  await expect(fetched(on, { repository: 'a/b/c' })).rejects.toMatchObject({ code: 'bad-input' })
})

test('bytes that are not those GitHub names are not kept', async () => {
  const asset = { id: 3, name: 'evidence.zip', state: 'uploaded', size: 3, digest: `sha256:${'0'.repeat(64)}` }
  await using api = await loopback(({ path }) =>
    path.endsWith('/assets/3')
      ? { headers: { 'content-type': 'application/octet-stream' }, body: 'abc' }
      : { headers: { 'content-type': 'application/json' }, body: { tag_name: 'v2.0.0', draft: false, assets: [asset] } },
  )
  const given = { version: 'v2.0.0', token: 't', repository: null, out: '/nowhere/at/all', facts: { apiUrl: api.url, repository: REPO } }
  await expect(run(given)).rejects.toMatchObject({ code: 'digest-differs' })
})
