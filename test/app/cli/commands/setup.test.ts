/** The whole way against the double of GitHub: form, agreement, code, files, and an App that would start with them. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { parse } from 'yaml'
import { expect, test } from 'vitest'
import { loadOperator } from '../../../../app/operator.ts'
import { startGitHub, type GitHub } from '../../../support/github/index.ts'
import { text } from '../../../structure/tree.ts'
import { cli, emptyFolder, type Ran } from '../harness.ts'

async function github(now?: () => Date): Promise<GitHub> {
  const double = await startGitHub({ dir: emptyFolder(), ...(now === undefined ? {} : { now }) })
  double.addUser({ login: 'dev' })
  double.addOrganization({ login: 'acme', members: ['dev'] })
  return double
}

interface Started {
  readonly ran: Promise<Ran>
  readonly cwd: string
  /** Where GitHub sends the browser once the person agreed. */
  readonly agree: () => Promise<string>
}

async function start(double: GitHub, cwd = emptyFolder(), ended?: Promise<string>): Promise<Started> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const args = ['setup', '--url=https://conductor.example', '--org=acme', '--out=made', `--github=${double.serverUrl}`]
  const seen = (line: string): void => {
    if (line.startsWith('{')) resolve((JSON.parse(line) as { url: string }).url)
  }
  const ran = cli(args, { cwd, seen, ...(ended === undefined ? {} : { ended }) })
  const url = await promise
  return {
    ran,
    cwd,
    async agree() {
      const page = (await (await fetch(url)).text()).replaceAll('&quot;', '"')
      const [, action = '', manifest = ''] = /action="([^"]+)".* value="(\{.*\})"/s.exec(page) ?? []
      return double.agree('dev', action, manifest)
    },
  }
}

const made = (cwd: string): string[] => readdirSync(join(cwd, 'made')).toSorted()

test('from nothing to files that the App starts with; each secret is its owner’s alone, and none is shown', async () => {
  await using double = await github()
  const { ran, cwd, agree } = await start(double)
  expect((await fetch(await agree())).status).toBe(200)
  const { exit, out } = await ran
  expect([exit, made(cwd)]).toEqual([0, ['.env', 'app.pem', 'app.pub', 'operator.yml', 'signing.pem']])
  const file = (name: string): string => join(cwd, 'made', name)
  expect(['.env', 'app.pem', 'operator.yml', 'signing.pem'].map((name) => statSync(file(name)).mode & 0o777)).toEqual([384, 384, 384, 384])
  const environment = parseEnv(readFileSync(file('.env'), 'utf8'))
  const operator = loadOperator(file('operator.yml'), environment)
  const app = double.world.apps.get(operator.github.appId)
  expect([operator.github.apiUrl, operator.publicUrl, app?.owner.login]).toEqual([double.apiUrl, 'https://conductor.example', 'acme'])
  expect(app?.hook).toEqual({ url: 'https://conductor.example/api/github/webhooks', secret: operator.secrets.current })
  const { default_permissions, default_events } = parse(text('app.yml')) as Record<string, unknown>
  expect([app?.permissions, app?.events]).toEqual([default_permissions, default_events])
  expect(app?.privateKey).toBe(operator.github.privateKey)
  for (const secret of [operator.secrets.current, 'PRIVATE KEY']) expect(out).not.toContain(secret)
  double.assertClean()
})

test('GitHub that does not answer is asked again; a code whose answer was lost is not good any more, and nothing is written', async () => {
  await using double = await github()
  const { ran, cwd, agree } = await start(double)
  const to = await agree()
  double.faultNext('POST', /conversions$/, 'before')
  expect(await (await fetch(to)).text()).toContain('Reload this page')
  double.faultNext('POST', /conversions$/, 'after')
  expect(await (await fetch(to)).text()).toContain('Reload this page')
  expect(await (await fetch(to)).text()).toContain('Look at the terminal')
  const { exit, err } = await ran
  expect([exit, made(cwd)]).toEqual([2, []])
  expect(err).toContain('it was used, or is older than an hour')
})

test('a code older than an hour is refused', async () => {
  let time = Date.now()
  await using double = await github(() => new Date(time))
  const { ran, cwd, agree } = await start(double)
  const to = await agree()
  time += 3_600_001
  expect((await fetch(to)).status).toBe(502)
  expect([(await ran).exit, made(cwd)]).toEqual([2, []])
})

test('a file that is there is not written over: before GitHub is asked, and when it came meanwhile', async () => {
  await using double = await github()
  const { ran, cwd, agree } = await start(double)
  writeFileSync(join(cwd, 'made', 'operator.yml'), 'mine')
  expect((await fetch(await agree())).status).toBe(502)
  const { exit, err } = await ran
  expect([exit, readFileSync(join(cwd, 'made', 'operator.yml'), 'utf8')]).toEqual([2, 'mine'])
  expect(err).toContain('Make a new private key')
  const again = await cli(['setup', '--url=https://conductor.example', '--out=made'], { cwd })
  expect([again.exit, again.err.includes('is there already')]).toEqual([2, true])
})

test('it ends when it is asked to, and has written nothing', async () => {
  await using double = await github()
  const { promise, resolve } = Promise.withResolvers<string>()
  const { ran, cwd } = await start(double, emptyFolder(), promise)
  resolve('SIGINT')
  expect([(await ran).exit, made(cwd)]).toEqual([1, []])
})

test.each([
  [['--out=made'], '--url is missing'],
  [['--url=http://conductor.example', '--out=made'], 'no https address'],
  [['--url=https://me:secret@conductor.example', '--out=made'], 'no https address'],
  [['--url=https://conductor.example'], 'Where to?'],
  [['--url=https://conductor.example', '--out=made', '--org=a/b'], 'no organization'],
  [['--url=https://conductor.example', '--out=made', '--name=<b>'], 'no name for an App'],
  [['--url=https://conductor.example', '--out=made', '--github=http://github.example'], 'no https address'],
])('%j is refused', async (args, why) => {
  const { exit, err } = await cli(['setup', ...args])
  expect([exit, err.includes(why)]).toEqual([2, true])
})
