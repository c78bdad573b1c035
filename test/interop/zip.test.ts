/** Info-ZIP and Python read a pack; what they pack anew, with every file as it was, is refused and named so. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sha256 } from '../../evidence/core/digest.ts'
import { verifyPack } from '../../evidence/pack/read.ts'
import { readZip } from '../../evidence/pack/zip.ts'
import { trustOf } from '../../evidence/verify/trust.ts'
import { APP_KEY, JOB_KEY, sealedRelease } from '../support/sealed-release.ts'
import { ended, tool } from '../support/tools.ts'

const TOOLS = ['zip', 'unzip', 'python3'] as const
const ALL = TOOLS.some((name) => tool(name) === null) ? null : TOOLS

describe.skipIf(ALL === null)('a pack and other archivers (skipped where zip, unzip or python3 is absent)', () => {
  let folder = ''
  let files: ReadonlyMap<string, Uint8Array>

  const run = async (name: (typeof TOOLS)[number], ...args: readonly string[]): Promise<string> => {
    const { code, out, err } = await ended(tool(name) ?? '', args, { cwd: folder })
    expect({ name, code, err: code === 0 ? '' : err }).toEqual({ name, code: 0, err: '' })
    return out
  }
  const codes = async (file: string): Promise<string[]> => {
    const trust = trustOf({ keys: [JOB_KEY, APP_KEY] })
    const answer = verifyPack({ zip: await readFile(join(folder, file)), trust, packTrust: trustOf({ keys: [APP_KEY] }) })
    return answer.ok ? [] : [...new Set(answer.errors.map(({ code }) => code))]
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'interop-zip-'))
    const pack = (await sealedRelease()).packs.get(2) ?? new Uint8Array()
    files = readZip(pack)
    await writeFile(join(folder, 'evidence.zip'), pack)
    await mkdir(join(folder, 'out'))
    await run('unzip', '-q', 'evidence.zip', '-d', 'out')
  })

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  test('both read the same bytes, and find no fault', async () => {
    expect(await codes('evidence.zip')).toEqual([])
    expect(await run('unzip', '-t', 'evidence.zip')).toContain('No errors detected')
    const unzipped = (await readdir(join(folder, 'out'), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
    expect(unzipped.length).toBe(files.size)
    const python = 'import hashlib, json, zipfile\nz = zipfile.ZipFile("evidence.zip")\nassert z.testzip() is None\n'
    const said = await run('python3', '-c', `${python}print(json.dumps({n: hashlib.sha256(z.read(n)).hexdigest() for n in z.namelist()}))`)
    expect(JSON.parse(said)).toEqual(Object.fromEntries([...files].map(([path, bytes]) => [path, sha256(bytes)])))
    for (const [path, bytes] of files) expect(sha256(await readFile(join(folder, 'out', path)))).toBe(sha256(bytes))
  })

  test.each([
    ['zip', ['-q', '-r', '-6']],
    ['zip without folders and extra fields', ['-q', '-r', '-X', '-D', '-9']],
    ['zip, all stored', ['-q', '-r', '-X', '-D', '-0']],
  ])('packed anew by %s', async (name, options) => {
    const file = `../${name.replaceAll(/\W/g, '')}.zip`
    const { code } = await ended(tool('zip') ?? '', [...options, file, '.'], { cwd: join(folder, 'out') })
    expect(code).toBe(0)
    expect((await codes(file.slice(3)))[0]).toMatch(/^zip-(?:not-canonical|unsupported|structure)$/)
  })

  test('packed anew by Python, in our order, at our time, with our modes: only the digest over the archive tells', async () => {
    const code = `
import zipfile
old, new = zipfile.ZipFile('evidence.zip'), zipfile.ZipFile('python.zip', 'w')
for entry in old.infolist():
    info = zipfile.ZipInfo(entry.filename)
    info.external_attr, info.create_system, info.compress_type = entry.external_attr, 3, entry.compress_type
    new.writestr(info, old.read(entry), compresslevel=1)
new.close()`
    await run('python3', '-c', code)
    expect(await codes('python.zip')).toEqual(['zip-not-canonical'])
  })
})
