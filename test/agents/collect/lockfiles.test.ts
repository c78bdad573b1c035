import { expect, test } from 'vitest'
import { collectLockfiles } from '../../../agents/collect/lockfiles.ts'
import { MAX_FILE_BYTES, MAX_INPUT_BYTES, MAX_LOCKFILES } from '../../../agents/collect/inputs.supply-chain.ts'
import { contextOf, release } from './workspace.ts'

const CONFIG = '.github/release-conductor.yml'
const NONE = { count: 0, first: [] }
const config = (settings = '') => `version: 1\nrelease: { base: [main] }\ngates: { supply_chain: { ${settings} } }\n`

async function value({ path, head }: { readonly path: string; readonly head: string }) {
  const collected = await collectLockfiles(contextOf({ workspace: path, sha: head }))
  if ('blocked' in collected) throw new Error(collected.blocked.why)
  return collected.value
}

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
      bound: { files: MAX_LOCKFILES, bytes: MAX_INPUT_BYTES },
      files: [
        { path: 'package-lock.json', text: 'new', why: null, manifest },
        { path: 'svc/go.mod', text: 'go', why: null, manifest: { path: 'svc/go.sum', text: 'sum', why: null } },
        { path: 'web/yarn.lock', text: 'yarn', why: null, manifest: null },
      ],
      beyond: NONE,
      before: [{ path: 'package-lock.json', text: 'old', why: null, manifest }],
      beyondBefore: NONE,
      unchanged: [],
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
  const { files } = await value(repo)
  expect(files.map(({ path, text, why }) => [path, text, why?.split(',')[0]])).toEqual([
    ['gone/yarn.lock', null, 'there is no such file'],
    ['package-lock.json', null, `it has ${MAX_FILE_BYTES + 1} bytes`],
    ['pnpm-lock.yaml', null, 'it is not UTF-8 text'],
    ['yarn.lock', null, 'it is no regular file'],
  ])
})

test('what the release before has just so is named and not read again; a manifest that differs makes it another', async () => {
  const same = { 'a/yarn.lock': 'a', 'a/package.json': '{}', 'b/yarn.lock': 'b', 'c/yarn.lock': 'c' }
  using repo = release({ ...same, 'b/package.json': '{"name":"b"}', 'c/yarn.lock': 'other' }, undefined, { [CONFIG]: config(), ...same })
  const { files, before, unchanged } = await value(repo)
  expect(files.map(({ path }) => path)).toEqual(['a/yarn.lock', 'b/yarn.lock', 'c/yarn.lock'])
  expect(before.map(({ path, text, manifest }) => [path, text, manifest])).toEqual([
    ['b/yarn.lock', 'b', null],
    ['c/yarn.lock', 'c', null],
  ])
  expect(unchanged).toEqual(['a/yarn.lock'])
})

const many = (count: number, text: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${String(at).padStart(3, '0')}/yarn.lock`, text]))

test('at the bound all are read; of one more, and of its twin before, the bound is told', async () => {
  using fits = release(many(MAX_LOCKFILES, 'x'), undefined, { [CONFIG]: config(), ...many(MAX_LOCKFILES, 'y') })
  const all = await value(fits)
  expect([all.files.length, all.beyond, all.before.length, all.beyondBefore]).toEqual([MAX_LOCKFILES, NONE, MAX_LOCKFILES, NONE])
  expect(new Set(all.files.map(({ text }) => text))).toEqual(new Set(['x']))
  using over = release(many(MAX_LOCKFILES + 1, 'x'), undefined, { [CONFIG]: config(), ...many(MAX_LOCKFILES + 1, 'y') })
  const part = await value(over)
  expect([part.files.length, part.beyond]).toEqual([MAX_LOCKFILES, { count: 1, first: ['p200/yarn.lock'] }])
  expect([part.before.length, part.beyondBefore]).toEqual([MAX_LOCKFILES, { count: 1, first: ['p200/yarn.lock'] }])
})

test('together they may have so many bytes; those after are told, and none is read in part', async () => {
  const third = MAX_INPUT_BYTES / 3
  const files = { 'a/yarn.lock': 'a'.repeat(third), 'b/yarn.lock': 'b'.repeat(third), 'c/yarn.lock': 'c'.repeat(third) }
  using fits = release(files, undefined, { [CONFIG]: config(), 'c/yarn.lock': 'old' })
  const all = await value(fits)
  expect(all.files.map(({ text }) => text?.length)).toEqual([third, third, third])
  expect([all.beyond, all.before, all.beyondBefore]).toEqual([NONE, [], { count: 1, first: ['c/yarn.lock'] }])
  using over = release({ ...files, 'c/package.json': '1' }, undefined, { [CONFIG]: config() })
  const part = await value(over)
  expect([part.files.length, part.beyond]).toEqual([2, { count: 1, first: ['c/yarn.lock'] }])
})

test('a config that cannot be used blocks', async () => {
  using wrong = release({}, undefined, { [CONFIG]: config('max_age: soon') })
  expect(await collectLockfiles(contextOf({ workspace: wrong.path, sha: wrong.head }))).toMatchObject({
    blocked: { what: 'gates.supply_chain', next: expect.stringContaining('config check') },
  })
})
