import { mkdtemp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { main } from '../../../../app/cli/main.ts'
import { layoutOf, STATUS, tar } from '../../../evidence/sbom/image/images.ts'
import { npmLock, place } from '../../../evidence/sbom/locks.ts'

const LOCK = npmLock({ dependencies: { a: '^1.0.0' } }, { 'node_modules/a': place('1.0.0') })
let cwd = ''

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'release-conductor-sbom-'))
})

async function put(files: Iterable<readonly [string, string | Uint8Array]>): Promise<void> {
  for (const [path, content] of files) {
    await mkdir(dirname(join(cwd, path)), { recursive: true })
    await writeFile(join(cwd, path), content)
  }
}

async function run(...args: readonly string[]): Promise<{ readonly exit: number; readonly answer: Record<string, unknown> }> {
  let out = ''
  const take = (text: string) => void (out += text)
  const io = { out: take, err: take, env: {}, cwd, now: () => Date.UTC(2026, 0, 2), async *input() {}, ended: new Promise<string>(() => {}) }
  const exit = await main(['evidence', 'sbom', ...args, '--json'], io)
  return { exit, answer: JSON.parse(out) }
}

test('a lock file becomes two documents', async () => {
  await put([
    ['package-lock.json', LOCK],
    ['package.json', JSON.stringify({ name: 'app', version: '1.0.0', dependencies: { a: '^1.0.0' } })],
  ])
  const { exit, answer } = await run('--lock=package-lock.json', '--manifest=package.json', '--out=sbom')
  expect([exit, answer['disagreements']]).toEqual([0, []])
  expect(await readdir(join(cwd, 'sbom'))).toEqual(['app.cdx.json', 'app.spdx.json'])
  expect(JSON.parse(await readFile(join(cwd, 'sbom/app.spdx.json'), 'utf8')).creationInfo.created).toBe('2026-01-02T00:00:00Z')
})

test('one format is written alone, and is the same as beside the other', async () => {
  await put([['package-lock.json', LOCK]])
  await run('--lock=package-lock.json', '--out=both')
  for (const [format, file] of [
    ['spdx', 'app.spdx.json'],
    ['cyclonedx', 'app.cdx.json'],
  ] as const) {
    expect((await run('--lock=package-lock.json', `--out=${format}`, `--format=${format}`)).exit).toBe(0)
    expect(await readdir(join(cwd, format))).toEqual([file])
    expect(await readFile(join(cwd, format, file), 'utf8')).toBe(await readFile(join(cwd, 'both', file), 'utf8'))
  }
  expect((await run('--lock=package-lock.json', '--out=x', '--format=swid')).answer).toMatchObject({ error: { code: 'usage' } })
})

test('files that disagree end with 1, and are named', async () => {
  await put([
    ['package-lock.json', LOCK],
    ['package.json', JSON.stringify({ dependencies: { a: '^2.0.0' } })],
  ])
  const { exit, answer } = await run('--lock=package-lock.json', '--manifest=package.json', '--out=sbom')
  expect([exit, answer['disagreements']]).toEqual([1, ['package.json asks for a@^2.0.0; the lock file was made for ^1.0.0']])
})

test('a file that is named is known by its folder, or by what it holds; one that is neither is refused with the kinds that are read', async () => {
  await put([
    ['requirements/dev.txt', '-r base.txt\nidna==3.7\n'],
    ['locks/dev.txt', 'idna==3.7\n'],
    ['locks/npm.lock', LOCK],
    ['notes.txt', 'Buy milk, and bread.\n'],
  ])
  const packages = async (lock: string) => (await run(`--lock=${lock}`, '--out=out', '--format=spdx')).answer['written']
  expect(await packages('requirements/dev.txt')).toMatchObject([{ packages: 2 }])
  expect(await packages('locks/dev.txt')).toMatchObject([{ packages: 2 }])
  expect(await packages('locks/npm.lock')).toMatchObject([{ packages: 2 }])
  const { answer } = await run('--lock=notes.txt', '--out=none')
  expect(answer['error']).toMatchObject({
    code: 'usage',
    message: expect.stringContaining('notes.txt is no lock file that is read: package-lock.json'),
    next: expect.stringContaining('what it holds'),
  })
  expect(await readdir(cwd)).not.toContain('none')
})

test('an image, as a folder and as a tar, for each platform', async () => {
  const files = layoutOf([{ layers: [[{ path: 'var/lib/dpkg/status', content: STATUS }]] }, { layers: [[]], architecture: 'arm64' }])
  await put([
    ...[...files].map(([path, bytes]) => [`image/${path}`, bytes] as const),
    ['image.tar', tar([...files].map(([path, content]) => ({ path, content })))],
  ])
  expect((await run('--image=image', '--out=a')).exit).toBe(0)
  expect(await readdir(join(cwd, 'a'))).toEqual([
    'shop-linux-amd64.cdx.json',
    'shop-linux-amd64.spdx.json',
    'shop-linux-arm64.cdx.json',
    'shop-linux-arm64.spdx.json',
  ])
  expect((await run('--image=image.tar', '--platform=linux/amd64', '--out=b', '--name=x/y')).exit).toBe(0)
  expect(await readdir(join(cwd, 'b'))).toEqual(['x-y.cdx.json', 'x-y.spdx.json'])
})

test.each([
  [['--out=sbom'], 'usage'],
  [['--lock=package-lock.json'], 'usage'],
  [['--lock=package-lock.json', '--image=x', '--out=sbom'], 'usage'],
  [['--lock=gone.json', '--out=sbom'], 'not-found'],
  [['--image=gone', '--out=sbom'], 'not-found'],
  [['--lock=bad/package-lock.json', '--out=sbom'], 'usage'],
  [['--lock=yarn.lock', '--out=sbom'], 'usage'],
])('%j is refused and writes nothing', async (args, code) => {
  await put([
    ['package-lock.json', LOCK],
    ['bad/package-lock.json', '{'],
    ['yarn.lock', '# yarn lockfile v1\n'],
  ])
  const { exit, answer } = await run(...args)
  expect(exit).not.toBe(0)
  expect(answer['error']).toMatchObject({ code })
  expect(await readdir(cwd)).not.toContain('sbom')
})
