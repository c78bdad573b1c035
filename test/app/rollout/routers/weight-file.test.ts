import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadWeight, saveWeight } from '../../../../app/rollout/routers/weight-file.ts'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'weight-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

test('what was saved is loaded, and nothing else lies about', async () => {
  const dir = join(await folder(), 'new')
  await saveWeight(join(dir, 'weight.json'), 50)
  await saveWeight(join(dir, 'weight.json'), 10)
  expect(await loadWeight(join(dir, 'weight.json'))).toEqual({ percent: 10, from: 'file' })
  expect(await readdir(dir)).toEqual(['weight.json'])
})

test('no file is weight 0', async () => {
  expect(await loadWeight(join(await folder(), 'weight.json'))).toEqual({ percent: 0, from: 'nothing' })
})

test.each(['', '{', '{"percent":101}', '{"percent":"10"}', '{"percent":10,"more":1}', 'null', '{"percent":1e999}'])(
  'a file that holds %j is weight 0, and it is said',
  async (text) => {
    const path = join(await folder(), 'weight.json')
    await writeFile(path, text)
    expect(await loadWeight(path)).toMatchObject({ percent: 0, from: 'unreadable' })
  },
)

test('a folder that cannot be written to is an error', async () => {
  const path = join(await folder(), 'file')
  await writeFile(path, '')
  await expect(saveWeight(join(path, 'weight.json'), 10)).rejects.toThrow('EEXIST')
})
