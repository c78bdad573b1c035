import { expect, test } from 'vitest'
import { readFiles } from '../../../agents/collect/files.ts'
import { blobs, tree } from '../../../agents/collect/git.ts'
import { contextOf, workspace } from './workspace.ts'

const LIMITS = { what: 'files', files: 10, fileBytes: 100, totalBytes: 250 }

test('many files by one process, in the order of their paths, until the allowance is used up', async () => {
  using repo = workspace()
  const sha = repo.commit('feat: begin', { c: 'x'.repeat(90), a: '', b: 'é\n'.repeat(10), e: 'y'.repeat(90), d: 'z'.repeat(101), f: 'w'.repeat(90) })
  const read = await readFiles(contextOf({ workspace: repo.path }), (await tree(repo.path, sha)).toReversed(), LIMITS)
  expect(read.map(({ path, text, why }) => [path, text?.length ?? null, why?.slice(0, 20) ?? null])).toEqual([
    ['a', 0, null],
    ['b', 20, null],
    ['c', 90, null],
    ['d', null, 'it has 101 bytes, mo'],
    ['e', 90, null],
    ['f', null, 'the files before it '],
  ])
})

test('more files than the limit are refused by name; an object that is not there is none', async () => {
  using repo = workspace()
  const sha = repo.commit('feat: begin', Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`f${at}`, 'a'])))
  const entries = await tree(repo.path, sha)
  await expect(readFiles(contextOf({ workspace: repo.path }), entries, LIMITS)).rejects.toMatchObject({ code: 'too-large' })
  const [known] = entries
  expect(await blobs(repo.path, ['0'.repeat(40), known?.object ?? '', sha], 1000)).toEqual([null, Buffer.from('a'), null])
  expect(await blobs(repo.path, [], 1000)).toEqual([])
})
