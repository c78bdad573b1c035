import { expect, test } from 'vitest'
import { collectLockfiles } from '../../../agents/collect/lockfiles.ts'
import { MAX_FILE_BYTES } from '../../../agents/collect/inputs.supply-chain.ts'
import { contextOf, release } from './workspace.ts'

const CONFIG = '.github/release-conductor.yml'
const config = (settings = '') => `version: 1\nrelease: { base: [main] }\ngates: { supply_chain: { ${settings} } }\n`

test('every lock file of head and base, with the file that completes it; vendored ones and working files do not count', async () => {
  using repo = release(
    {
      'package-lock.json': 'new',
      'web/yarn.lock': 'yarn',
      'node_modules/a/package-lock.json': 'x',
      'vendor/b/yarn.lock': 'x',
      'api/pom.xml': 'x',
      'api/Gemfile': 'gem "a"',
      'tool/Gemfile': '# none',
      'svc/go.mod': 'go',
      'svc/go.sum': 'sum',
    },
    undefined,
    { [CONFIG]: config(), 'package-lock.json': 'old', 'package.json': '{}' },
  )
  repo.git('rm', '-q', '--cached', 'package-lock.json')
  const collected = await collectLockfiles(contextOf({ workspace: repo.path, sha: repo.head }))
  const manifest = { path: 'package.json', text: '{}', why: null }
  expect(collected).toEqual({
    value: {
      base: repo.base,
      head: repo.head,
      files: [
        { path: 'package-lock.json', text: 'new', why: null, manifest },
        { path: 'svc/go.mod', text: 'go', why: null, manifest: { path: 'svc/go.sum', text: 'sum', why: null } },
        { path: 'web/yarn.lock', text: 'yarn', why: null, manifest: null },
      ],
      before: [{ path: 'package-lock.json', text: 'old', why: null, manifest }],
      unsupported: ['api/pom.xml'],
      unlocked: ['api/Gemfile'],
    },
  })
})

test('those that the config names, though they are not there; a link and a giant are not read, and say why', async () => {
  using repo = release(
    { 'yarn.lock': '->x', 'package-lock.json': 'a'.repeat(MAX_FILE_BYTES + 1), 'pnpm-lock.yaml': Buffer.from([0xff]) },
    undefined,
    {
      [CONFIG]: config('lockfiles: [yarn.lock, gone/yarn.lock, package-lock.json, pnpm-lock.yaml]'),
    },
  )
  const collected = await collectLockfiles(contextOf({ workspace: repo.path, sha: repo.head }))
  if ('blocked' in collected) throw new Error(collected.blocked.why)
  expect(collected.value.files.map(({ path, text, why }) => [path, text, why?.split(',')[0]])).toEqual([
    ['gone/yarn.lock', null, 'there is no such file'],
    ['package-lock.json', null, `it has ${MAX_FILE_BYTES + 1} bytes`],
    ['pnpm-lock.yaml', null, 'it is not UTF-8 text'],
    ['yarn.lock', null, 'it is no regular file'],
  ])
})

test('too many are told, not cut; a config that cannot be used blocks', async () => {
  const many = Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`p${at}/yarn.lock`, 'x']))
  using repo = release(many, undefined, { [CONFIG]: config() })
  await expect(collectLockfiles(contextOf({ workspace: repo.path, sha: repo.head }))).rejects.toMatchObject({ code: 'too-large' })
  using wrong = release({}, undefined, { [CONFIG]: config('max_age: soon') })
  expect(await collectLockfiles(contextOf({ workspace: wrong.path, sha: wrong.head }))).toMatchObject({
    blocked: { what: 'gates.supply_chain', next: expect.stringContaining('config check') },
  })
})
