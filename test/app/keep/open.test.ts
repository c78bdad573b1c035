import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openArchive } from '../../../app/keep/open.ts'
import { shopOf } from '../cli/evidence/keeping.ts'

test('an archive is opened from the operator file alone: no webhook secret, no GitHub key', async () => {
  const { cwd, now } = await shopOf()
  const archive = openArchive(join(cwd, 'operator.yml'), { now: () => now })
  expect([...archive.keepers.keys()]).toEqual(['artifacts', 'archive', 'copy'])
  expect(archive.people.map((person) => person.id)).toEqual(['alice', 'bob', 'carol'])
  expect(archive.elevated).toContain('identity/**')
  expect(archive.key).toMatchObject({ id: 'app', publicKeyPem: expect.stringContaining('PUBLIC KEY') })
  expect(archive.folder).toBe(join(cwd, 'artifacts', 'retention'))
})

test.each([
  ['a person without a key file', (text: string) => text.replace('alice.pub', 'nowhere.pub'), 'unreadable'],
  ['a store with a name that is taken', (text: string) => text.replace('  copy:', '  artifacts:'), 'invalid'],
  ['a store of no kind', (text: string) => text.replace('kind: directory, path: copy', 'kind: tape, path: copy'), 'invalid'],
  ['nothing elevated', (text: string) => `${text}  elevated: []\n`, 'invalid'],
])('%s is told', async (_what, spoil, code) => {
  const { cwd, now } = await shopOf()
  const path = join(cwd, 'operator.yml')
  writeFileSync(path, spoil(readFileSync(path, 'utf8')))
  expect(() => openArchive(path, { now: () => now })).toThrow(expect.objectContaining({ name: 'OperatorError', code }))
})
