import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sha256 } from '../../evidence/core/digest.ts'
import { cli } from '../app/cli/harness.ts'
import { openRelease, type Release } from './release.ts'
import { setStage, type Stage } from './stage.ts'

let stage: Stage
let release: Release

beforeAll(async () => {
  stage = await setStage()
  release = await openRelease(stage)
})

afterAll(async () => {
  await stage[Symbol.asyncDispose]()
})

interface Told {
  readonly errors?: readonly unknown[]
  readonly replay?: Readonly<Record<string, unknown>>
}

/** Rows of a replay that say something else than the pack. What nobody asked for was not computed then, and is not now. */
function unlike(rows: unknown): readonly unknown[] {
  return Array.isArray(rows) ? rows.filter((row: { readonly result: string }) => row.result !== 'same' && row.result !== 'not-computed') : []
}

const bytesOf = async (folder: string, name: string): Promise<string> => sha256(await readFile(join(folder, name)))

test('a rollback after 100 % seals a further pack; the published one stays, and a stranger verifies all three as a chain', async () => {
  await release.approve(await release.merged())
  expect(await release.ended()).toBe('promoted')
  const folder = join(stage.dir, 'artifacts', stage.shop.fullName, 'release/v2.0.0')
  const published = await bytesOf(folder, 'evidence.zip')
  await stage.github.as('approver').comment(stage.shop.fullName, release.pull, '/rollback people complain')
  await release.until('it was taken back, with an incident', () => release.isRolledBack)
  expect(release.ramp).toEqual([0, 10, 50, 100, 0])

  const names = (await readdir(folder)).filter((name) => name.startsWith('evidence-')).toSorted()
  expect(names.map((name) => name.split('-')[1])).toEqual(['1', '2', '3'])
  const digests = await Promise.all(names.map((name) => bytesOf(folder, name)))
  expect([digests[1], digests[2]]).toEqual([published, await bytesOf(folder, 'evidence.zip')])
  const [kept] = release.repository.releases
  expect(kept?.assets.map(({ name, digest }) => [name, digest])).toEqual([['evidence.zip', `sha256:${published}`]])
  const [incident] = [...release.repository.issues.values()].filter((one) => one.labels.includes('incident'))
  expect(incident?.body).toContain(`pack 3 \`${digests[2]}\`, which follows \`${published}\``)

  for (const [name, key] of Object.entries(stage.publicKeys)) await writeFile(join(folder, `${name}.pub`), key)
  const { exit, out } = await cli(['evidence', 'verify', ...names, '--key=job.pub', '--pack-key=app.pub', '--replay', '--json'], { cwd: folder })
  const said = JSON.parse(out) as { chain: unknown; packs: readonly Told[] }
  expect(said.chain).toMatchObject({ ok: true, links: [{ outcome: 'proven' }, { outcome: 'promoted' }, { outcome: 'rolled_back' }] })
  expect(said.packs.flatMap(({ errors = [], replay = {} }) => [...errors, ...Object.values(replay).flatMap(unlike)])).toEqual([])
  expect([exit, said]).toEqual([0, expect.objectContaining({ ok: true })])
  expect(await release.packProblems()).toEqual([])
})
