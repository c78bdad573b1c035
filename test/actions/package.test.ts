/** The package as a stranger installs it: packed, unpacked elsewhere, with nothing beside it but its own dependencies. */
import { execFile, spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { bundleCommand } from '../../actions/build.ts'
import { buildPack } from '../../evidence/pack/build.ts'
import { localKeySigner } from '../../evidence/sign/local-key.ts'
import { goldenInputs } from '../evidence/pack/golden.ts'
import { KEYS } from '../evidence/verify/statements.ts'
import { operatorFile, SECRET } from '../support/deliveries.ts'

const ROOT = join(import.meta.dirname, '../..')
const run = promisify(execFile)
const manifest: { files: string[]; dependencies: Record<string, string>; bin: Record<string, string> } = JSON.parse(
  await readFile(join(ROOT, 'package.json'), 'utf8'),
)
let command = ''
let packed: string[] = []

beforeAll(async () => {
  const place = await mkdtemp(join(tmpdir(), 'package-'))
  const source = join(place, 'source')
  await mkdir(source)
  await bundleCommand(source)
  for (const name of ['package.json', ...manifest.files.filter((file) => file !== 'dist')]) await cp(join(ROOT, name), join(source, name))
  await run('npm', ['pack', '--offline', '--ignore-scripts', '--loglevel=error', '--pack-destination', place], { cwd: source })
  const tarball = (await readdir(place)).find((name) => name.endsWith('.tgz')) ?? ''
  await run('tar', ['-xzf', tarball], { cwd: place })
  packed = (await readdir(join(place, 'package'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
  for (const name of Object.keys(manifest.dependencies)) {
    await mkdir(dirname(join(place, 'node_modules', name)), { recursive: true })
    await symlink(join(ROOT, 'node_modules', name), join(place, 'node_modules', name))
  }
  // As an installer links it.
  command = join(place, 'release-conductor')
  await symlink(join(place, 'package', manifest.bin['release-conductor'] ?? ''), command)
})

async function release(args: readonly string[], cwd: string): Promise<{ code: number; out: string }> {
  const child = spawn(process.execPath, [command, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (out += text))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? -1, out })))
}

test('it holds the command and the tables of the store, and no test and no source', () => {
  expect(packed).toEqual(expect.arrayContaining(['release-conductor.js', '0001-spine.sql', 'LICENSE', 'README.md', 'app.yml']))
  expect(packed.filter((name) => name.endsWith('.ts'))).toEqual([])
})

test('it says what it does, checks a config, and verifies a pack', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'package-'))
  const help = await release(['--help'], cwd)
  expect([help.code, help.out.includes('release-conductor <command>')]).toEqual([0, true])
  expect((await release(['no-such-command'], cwd)).code).toBe(2)

  await writeFile(join(cwd, 'config.yml'), 'version: 1\nrelease: { base: [main] }\n')
  expect((await release(['config', 'check', 'config.yml'], cwd)).out).toContain('config.yml is right')

  const { zip } = await buildPack({ ...(await goldenInputs()), signer: localKeySigner({ id: 'demo', privateKeyPem: KEYS.privateKeyPem }) })
  await writeFile(join(cwd, 'evidence.zip'), zip)
  await writeFile(join(cwd, 'demo.pub'), KEYS.publicKeyPem)
  const verified = await release(['evidence', 'verify', 'evidence.zip', '--key=demo=demo.pub'], cwd)
  expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('every entry, signature and link holds') })
})

test('it serves, on its embedded store, until it is asked to end', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'package-'))
  const child = spawn(process.execPath, [command, 'serve', `--operator=${operatorFile(cwd)}`], {
    cwd,
    env: { PATH: process.env['PATH'], WEBHOOK_SECRET: SECRET },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)))
  const lines: string[] = []
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line)
        if (line.includes('"The App listens."')) resolve((JSON.parse(line) as { url: string }).url)
      })
    void ended.then((code) => reject(new Error(`it ended with ${code}: ${lines.join('\n')}`)))
  })
  const health = await fetch(`${url}/healthz`)
  const unsigned = await fetch(`${url}/api/github/webhooks`, { method: 'POST', body: '{}' })
  child.kill('SIGTERM')
  expect([health.status, unsigned.status >= 400 && unsigned.status < 500, await ended]).toEqual([200, true, 0])
}, 240_000)
