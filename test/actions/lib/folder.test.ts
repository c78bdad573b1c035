import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readFolder, writeFolder } from '../../../actions/lib/folder.ts'

const temp = () => mkdtemp(join(tmpdir(), 'folder-'))

test('what is written is read again', async () => {
  const out = join(await temp(), 'new')
  const files = new Map([
    ['a/b.json', Buffer.from('1')],
    ['c.json', Buffer.from('2')],
  ])
  await writeFolder(out, files)
  expect(await readFolder(out)).toStrictEqual(files)
})

test('a file that is already there is not overwritten', async () => {
  const out = await temp()
  await writeFile(join(out, 'a.json'), 'old')
  await expect(writeFolder(out, new Map([['a.json', Buffer.from('new')]]))).rejects.toMatchObject({ code: 'EEXIST' })
})

test('a folder that does not exist', async () => {
  await expect(readFolder(join(await temp(), 'nothing'))).rejects.toMatchObject({ code: 'no-handover' })
})

test('a link is refused, even to a file of its own', async () => {
  const out = await temp()
  await writeFile(join(out, 'a.json'), '1')
  await symlink(join(out, 'a.json'), join(out, 'b.json'))
  await expect(readFolder(out)).rejects.toMatchObject({ code: 'bad-handover' })
})

test('odd names, too many files and too many bytes are refused', async () => {
  const odd = await temp()
  await writeFile(join(odd, 'a b.json'), '1')
  await expect(readFolder(odd)).rejects.toMatchObject({ code: 'bad-handover' })
  const many = await temp()
  await mkdir(join(many, 'x'))
  for (const name of ['a', 'b', 'x/c']) await writeFile(join(many, name), '12345')
  await expect(readFolder(many, { files: 2, bytes: 1000 })).rejects.toMatchObject({ code: 'bad-handover' })
  await expect(readFolder(many, { files: 10, bytes: 12 })).rejects.toMatchObject({ code: 'bad-handover' })
  expect((await readFolder(many, { files: 3, bytes: 15 })).size).toBe(3)
})
