import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readHandover } from '../../../actions/lib/artifact.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { writeZip } from '../../support/zip.ts'

const ZIP = writeZip(new Map([['a.json', Buffer.from('{}')]]))

function folder(...names: readonly string[]): string {
  const path = mkdtempSync(join(tmpdir(), 'artifact-'))
  for (const name of names) writeFileSync(join(path, name), ZIP)
  return path
}

test('a folder of this job, the zip of another, or a folder that holds only that zip', async () => {
  const one = folder('artifact.zip')
  const plain = folder()
  writeFileSync(join(plain, 'a.json'), '{}')
  for (const [path, digest] of [
    [plain, null],
    [join(one, 'artifact.zip'), sha256(ZIP)],
    [one, `sha256:${sha256(ZIP)}`],
  ] as const)
    expect([...(await readHandover(path, digest)).keys()]).toEqual(['a.json'])
})

test.each([
  ['another digest', '0'.repeat(64), ['artifact.zip'], 'digest-differs'],
  ['no digest', 'x', ['artifact.zip'], 'bad-input'],
  ['two files', sha256(ZIP), ['a.zip', 'b.zip'], 'no-handover'],
  ['no file', sha256(ZIP), [], 'no-handover'],
])('%s is refused', async (_, digest, names, code) => {
  await expect(readHandover(folder(...names), digest)).rejects.toMatchObject({ code })
})
