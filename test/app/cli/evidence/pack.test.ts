import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { sha256 } from '../../../../evidence/core/digest.ts'
import { readZip } from '../../../../evidence/pack/zip.ts'
import { goldenInputs, seal } from '../../../evidence/pack/golden.ts'
import { KEYS } from '../../../evidence/verify/statements.ts'
import { cli, emptyFolder } from '../harness.ts'

let zip: Uint8Array
beforeAll(async () => {
  ;({ zip } = await seal(await goldenInputs()))
})

/** As unzip does it. */
function opened(): { cwd: string; at: (path: string) => string } {
  const cwd = emptyFolder()
  const at = (path: string): string => join(cwd, 'opened', path)
  for (const [path, bytes] of readZip(zip)) {
    mkdirSync(dirname(at(path)), { recursive: true })
    writeFileSync(at(path), bytes)
  }
  return { cwd, at }
}

test('an opened pack is packed again: the same bytes, which verify as before', async () => {
  const { cwd } = opened()
  const { exit, out } = await cli(['evidence', 'pack', 'opened/', '--json'], { cwd })
  const pack = join(cwd, 'opened.zip')
  expect([exit, JSON.parse(out)]).toEqual([
    0,
    { ok: true, pack, sha256: sha256(zip), size: zip.length, version: 'v2.0.0', repository: 'acme/shop', seal: expect.any(Number) },
  ])
  expect(readFileSync(pack).equals(zip)).toBe(true)
  writeFileSync(join(cwd, 'demo.pub'), KEYS.publicKeyPem)
  expect((await cli(['evidence', 'verify', 'opened.zip', '--key=demo.pub'], { cwd })).exit).toBe(0)
})

test('nothing is written over, and --out says where', async () => {
  const { cwd } = opened()
  writeFileSync(join(cwd, 'opened.zip'), 'mine')
  expect(await cli(['evidence', 'pack', 'opened'], { cwd })).toMatchObject({ exit: 2, err: expect.stringContaining('never written over') })
  expect((await cli(['evidence', 'pack', 'opened', '--out=again.zip'], { cwd })).exit).toBe(0)
  expect([readFileSync(join(cwd, 'opened.zip'), 'utf8'), readFileSync(join(cwd, 'again.zip')).equals(zip)]).toEqual(['mine', true])
})

test.each<[string, (at: (path: string) => string) => void, string, string]>([
  ['changed', (at) => writeFileSync(at('config.yml'), 'version: 2\n'), 'config.yml', 'changed'],
  ['more', (at) => writeFileSync(at('.DS_Store'), ''), '.DS_Store', 'unexpected'],
  ['gone', (at) => rmSync(at('audit/ledger.jsonl')), 'audit/ledger.jsonl', 'missing'],
])('a file that is %s is named, and nothing is written', async (_what, change, path, code) => {
  const { cwd, at } = opened()
  change(at)
  const { exit, out } = await cli(['evidence', 'pack', 'opened', '--json'], { cwd })
  expect([exit, JSON.parse(out)]).toMatchObject([1, { ok: false, errors: [{ code, path }] }])
  expect((await cli(['evidence', 'pack', 'opened'], { cwd })).out).toContain('is not the pack it was')
  expect(existsSync(join(cwd, 'opened.zip'))).toBe(false)
})

describe('what is no opened pack is refused', () => {
  test.each<[string, (at: (path: string) => string) => void, RegExp]>([
    ['without a manifest', (at) => rmSync(at('manifest.json')), /no opened pack: it has no manifest\.json.*no local run has those/],
    ['with a link in it', (at) => symlinkSync('config.yml', at('link.yml')), /link\.yml in opened is no file/],
    ['with a name no pack has', (at) => writeFileSync(at('a b'), ''), /a b in opened has a name/],
    ['that is not there', (at) => rmSync(at(''), { recursive: true }), /no folder opened/],
  ])('a folder %s', async (_what, change, said) => {
    const { cwd, at } = opened()
    change(at)
    const { exit, err } = await cli(['evidence', 'pack', 'opened'], { cwd })
    expect([exit, err]).toEqual([2, expect.stringMatching(said)])
  })

  test('a zip: a folder is wanted', async () => {
    const { cwd } = opened()
    writeFileSync(join(cwd, 'evidence.zip'), zip)
    expect((await cli(['evidence', 'pack', 'evidence.zip'], { cwd })).err).toContain('no folder evidence.zip')
  })
})
