/** docs/verify.md, run as it stands: its commands in their order, with nothing on the path but the four tools that it names. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateKeyPair } from '../../evidence/sign/local-key.ts'
import { goldenInputs, seal } from '../evidence/pack/golden.ts'
import { KEYS } from '../evidence/verify/statements.ts'
import { sealedRelease } from '../support/sealed-release.ts'
import { ended, tool, type Ended } from '../support/tools.ts'
import { blocksOf, pathOf, SHELL } from './page.ts'

const TOOLS = ['unzip', 'sha256sum', 'cosign', 'python3'] as const
const ALL = TOOLS.some((name) => tool(name) === null) ? null : TOOLS
const PYTHON = tool('python3')

describe.skipIf(ALL === null)('the page for auditors (skipped where one of its four tools is absent)', () => {
  let folder = ''
  let script = ''
  let pack: Awaited<ReturnType<typeof seal>>
  let runs = 0

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'verify-page-'))
    await pathOf(folder, TOOLS)
    script = join(folder, 'page.sh')
    await writeFile(script, ['set -eu', ...(await blocksOf('verify'))].join('\n'))
    await chmod(script, 0o755)
    pack = await seal(await goldenInputs())
  })

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  async function follow(zip: Uint8Array, keys: { readonly jobs?: string; readonly app?: string } = {}): Promise<Ended> {
    const place = join(folder, String((runs += 1)))
    await mkdir(place)
    await writeFile(join(place, 'evidence.zip'), zip)
    await writeFile(join(place, 'jobs.pub'), keys.jobs ?? KEYS.publicKeyPem)
    await writeFile(join(place, 'app.pub'), keys.app ?? KEYS.publicKeyPem)
    return ended(SHELL, [script], { cwd: place, env: { PATH: join(folder, 'bin'), HOME: place } })
  }

  test('a good pack holds, and says what was decided', async () => {
    const { code, out, err } = await follow(pack.zip)
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('v2.0.0 of acme/shop')
    expect(out).toMatch(/policy_ci +pass +n=\d/)
    expect(out).toMatch(/^2026-.*  \S+$/m)
  })

  test.each([['app'], ['jobs']] as const)('with another key for the %s it does not hold', async (who) => {
    const { code, err } = await follow(pack.zip, { [who]: generateKeyPair().publicKeyPem })
    expect(code).not.toBe(0)
    expect(err).toContain('failed to verify signature')
  })

  /** The pack again with some of its files changed (null: dropped), zipped by Python. */
  async function changed(files: Readonly<Record<string, string | null>>): Promise<Uint8Array> {
    const place = join(folder, String((runs += 1)))
    await mkdir(place)
    await writeFile(join(place, 'in.zip'), pack.zip)
    const code = `
import json, sys, zipfile
changes = json.load(sys.stdin)
old, new = zipfile.ZipFile('in.zip'), zipfile.ZipFile('out.zip', 'w')
for name in sorted({*old.namelist(), *changes}):
    bytes = changes[name] if name in changes else old.read(name)
    if bytes is not None: new.writestr(name, bytes)
new.close()`
    expect(await ended(tool('python3') ?? '', ['-c', code], { cwd: place, input: JSON.stringify(files) })).toMatchObject({ code: 0 })
    return readFile(join(place, 'out.zip'))
  }

  test.each([
    ['a changed file', { 'config.yml': 'version: 2\n' }, 'FAILED'],
    ['a file more', { 'extra.json': '{}' }, 'not as listed'],
    ['a file less', { 'release_notes.md': null }, 'not as listed'],
    ['another manifest', { 'manifest.json': '{"artifacts":[]}' }, 'failed to verify'],
    ['a path out of the folder', { '../evil': 'x' }, 'unsafe path'],
    ['two names that one file system cannot hold', { 'CONFIG.yml': 'x' }, 'stands twice'],
  ])('%s is seen', async (_name, files, said) => {
    const { code, out, err } = await follow(await changed(files))
    expect(code).not.toBe(0)
    expect(out + err).toContain(said)
  })

  test('nothing changed is still good: it is not the zip program that decides', async () => {
    expect((await follow(await changed({}))).code).toBe(0)
  })
})

describe.skipIf(PYTHON === null)('the page for auditors, of several packs (skipped without python3)', () => {
  let folder = ''
  let runs = 0
  let chain = ''
  let packs: ReadonlyMap<number, Uint8Array>
  let other: ReadonlyMap<number, Uint8Array>
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'verify-chain-'))
    await pathOf(folder, ['python3'])
    chain = join(folder, 'chain.sh')
    await writeFile(chain, `set -eu\n${(await blocksOf('chain'))[0] ?? 'exit 9'}`)
    ;({ packs } = await sealedRelease({ back: true, draw: async () => null }))
    ;({ packs: other } = await sealedRelease({ share: 0.3, draw: async () => null }))
  })

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  async function ask(files: Readonly<Record<string, Uint8Array | undefined>>): Promise<Ended> {
    const place = join(folder, String((runs += 1)))
    await mkdir(join(place, 'packs'), { recursive: true })
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(place, 'packs', name), bytes ?? '')
    return ended(SHELL, [chain], { cwd: place, env: { PATH: join(folder, 'bin'), HOME: place } })
  }

  test('that follow each other hold, and are told in their order', async () => {
    const { code, out, err } = await ask({ 'a.zip': packs.get(3), 'b.zip': packs.get(1), 'c.zip': packs.get(2) })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^1  proven .*b\.zip\n2  promoted .*c\.zip\n3  rolled_back .*a\.zip\n$/)
  })

  test('that do not are named', async () => {
    for (const [files, said] of [
      [{ 'a.zip': packs.get(1), 'b.zip': packs.get(3) }, 'packs/b.zip is number 3, packs/a.zip is number 1'],
      [{ 'a.zip': packs.get(1), 'b.zip': other.get(2) }, 'packs/b.zip does not follow packs/a.zip'],
      [{}, 'there is no pack'],
    ] as const) {
      const { code, err } = await ask(files)
      expect([code, err]).toEqual([1, expect.stringContaining(said)])
    }
  })
})
