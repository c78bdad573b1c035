import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { operatorFile, SECRET } from '../../../support/deliveries.ts'
import { KEY_ID, s3Double, SECRET as S3_SECRET_KEY } from '../../keep/keepers/s3-double.ts'
import { cli, emptyFolder, git } from '../harness.ts'

function repository(config: string): string {
  const folder = emptyFolder()
  git(folder, 'init', '-q', '-b', 'main')
  mkdirSync(join(folder, '.github'))
  writeFileSync(join(folder, '.github/release-conductor.yml'), config)
  git(folder, 'add', '.')
  git(folder, 'commit', '-q', '-m', 'feat: begin')
  return folder
}
const CONFIG = 'version: 1\nrelease: { base: [main] }\npeople: { approvers: { promote: { users: ["@octo-cat"] } } }\n'

async function states(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
  const { exit, out } = await cli(['doctor', '--json', ...args], { cwd, env })
  const data: { findings: { what: string; state: string; says: string }[] } = JSON.parse(out)
  return { exit, of: Object.fromEntries(data.findings.map(({ what, state }) => [what, state])), out }
}

test('a good checkout is well, and what was not looked at is not called well', async () => {
  const { exit, of } = await states([], repository(CONFIG))
  expect(exit).toBe(0)
  expect(of).toMatchObject({
    node: 'ok',
    git: 'ok',
    config: 'ok',
    'operator file': 'not looked at',
    store: 'not looked at',
    'GitHub settings': 'not looked at',
  })
})

test('nobody may promote, a wrong config, no config', async () => {
  expect((await states([], repository('version: 1\nrelease: { base: [main] }\n'))).of['config']).toBe('wrong')
  expect((await states([], repository('version: 2\n'))).exit).toBe(2)
  expect((await states([], emptyFolder())).of['config']).toBe('not looked at')
})

test('an operator file that is absent, broken, without a secret, right', async () => {
  const cwd = repository(CONFIG)
  expect((await states(['--operator=no.yml'], cwd)).of['operator file']).toBe('wrong')
  writeFileSync(join(cwd, 'broken.yml'), 'a: [')
  expect((await states(['--operator=broken.yml'], cwd)).of['operator file']).toBe('wrong')
  operatorFile(cwd)
  expect((await states(['--operator=operator.yml'], cwd)).exit).toBe(2)
  const right = await states(['--operator=operator.yml'], cwd, { WEBHOOK_SECRET: SECRET })
  expect([right.of['operator file'], right.out.includes(SECRET)]).toEqual(['ok', false])
})

test('a store that does not answer, without telling its password', async () => {
  const { exit, of, out } = await states([], repository(CONFIG), { DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/x' })
  expect([exit, of['store'], out.includes('hunter2')]).toEqual([5, 'unreachable', false])
})

test('each store of packs: in order, not enforcing what it should, or not there', async () => {
  const cwd = repository(CONFIG)
  operatorFile(cwd)
  const double = await s3Double()
  const path = join(cwd, 'operator.yml')
  const bucket = `bucket: { kind: s3, endpoint: "${double.url}", region: x, bucket: evidence, key_id: { env: S3_ID }, secret: { env: S3_SECRET } }`
  writeFileSync(path, `${readFileSync(path, 'utf8')}stores:\n  archive: { kind: directory, path: archive }\n  ${bucket}\n`)
  const env = { WEBHOOK_SECRET: SECRET, S3_ID: KEY_ID, S3_SECRET: S3_SECRET_KEY }
  const good = await states(['--operator=operator.yml'], cwd, env)
  expect([good.exit, good.of['packs in bucket'], good.of['packs in archive']]).toEqual([0, 'ok', 'warning'])
  double.versioning = false
  double.locking = false
  const bare = await states(['--operator=operator.yml'], cwd, env)
  expect([bare.exit, bare.of['packs in bucket'], bare.out.includes('has no object lock')]).toEqual([0, 'warning', true])
  await double.close()
  const gone = await states(['--operator=operator.yml'], cwd, env)
  expect([gone.exit, gone.of['packs in bucket'], gone.out.includes(S3_SECRET_KEY)]).toEqual([5, 'unreachable', false])
  expect((await states(['--operator=operator.yml'], cwd, { WEBHOOK_SECRET: SECRET })).of['packs']).toBe('wrong')
})
