import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { canonicalize } from '../../../../evidence/core/canonical.ts'
import { sha256 } from '../../../../evidence/core/digest.ts'
import { APP, APP_SIGNER, JOB, sealedRelease } from '../../../support/sealed-release.ts'
import { Opened } from '../../../support/repack.ts'
import { cli, emptyFolder } from '../harness.ts'

let packs: ReadonlyMap<number, Uint8Array>
let other: ReadonlyMap<number, Uint8Array>
const draw = async (): Promise<null> => null

beforeAll(async () => {
  ;({ packs } = await sealedRelease({ back: true, draw }))
  ;({ packs: other } = await sealedRelease({ share: 0.3, draw }))
})

const packOf = (seal: number): Uint8Array => packs.get(seal) ?? new Uint8Array()

interface Said {
  readonly ok: boolean
  readonly packs: readonly { readonly file: string; readonly ok: boolean; readonly errors?: readonly object[] }[]
  readonly chain: { readonly ok: boolean; readonly links: readonly object[]; readonly errors: readonly { code: string; file: string }[] } | null
}

async function asked(files: Readonly<Record<string, Uint8Array>>, ...more: string[]): Promise<{ exit: number; text: string; json: Said }> {
  const cwd = emptyFolder()
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(cwd, name), bytes)
  writeFileSync(join(cwd, 'jobs.pub'), JOB.publicKeyPem)
  writeFileSync(join(cwd, 'app.pub'), APP.publicKeyPem)
  const line = ['evidence', 'verify', ...Object.keys(files), '--key=jobs.pub', '--pack-key=app.pub', ...more]
  const { exit, out } = await cli(line, { cwd })
  return { exit, text: out, json: JSON.parse((await cli([...line, '--json'], { cwd })).out) as Said }
}

const named = ({ chain }: Said): string[] | undefined => chain?.errors.map(({ code, file }) => `${file} ${code}`)

describe('the packs of a release that was taken back after 100 %', () => {
  test('follow each other, given in any order', async () => {
    const { exit, text, json } = await asked({ 'three.zip': packOf(3), 'one.zip': packOf(1), 'two.zip': packOf(2) }, '--version=v2.0.0')
    expect([exit, json.ok, json.packs.map(({ file, ok }) => [file, ok])]).toEqual([
      0,
      true,
      ['three.zip', 'one.zip', 'two.zip'].map((file) => [file, true]),
    ])
    expect(json.chain).toMatchObject({
      ok: true,
      errors: [],
      links: [
        { file: 'one.zip', seal: 1, outcome: 'proven', previous: null },
        { file: 'two.zip', seal: 2, outcome: 'promoted', previous: sha256(packOf(1)) },
        { file: 'three.zip', seal: 3, outcome: 'rolled_back', previous: sha256(packOf(2)) },
      ],
    })
    expect(text).toContain('These packs follow each other')
    expect(text).not.toContain('were not given')
  })

  test('what is open about them stays open: they have no pictures to draw again', async () => {
    const { exit, json } = await asked({ 'one.zip': packOf(1), 'two.zip': packOf(2) }, '--replay')
    expect([exit, json.ok, json.chain?.ok, json.packs.map(({ ok }) => ok)]).toEqual([3, false, true, [false, false]])
  })

  test('without the first it says that the first was not given', async () => {
    const { exit, text, json } = await asked({ 'two.zip': packOf(2), 'three.zip': packOf(3) })
    expect([exit, json.chain?.ok]).toEqual([0, true])
    expect(text).toContain('Number 1 and before were not given.')
  })

  test('without the middle one they do not', async () => {
    const { exit, text, json } = await asked({ 'one.zip': packOf(1), 'three.zip': packOf(3) })
    expect([exit, json.ok, named(json)]).toEqual([1, false, ['three.zip number']])
    expect(text).toMatch(/do not follow each other:\n.*\nnumber +three\.zip +it is number 3/)
    expect(text).toContain('Do not rely on the history')
  })
})

test('another release of the same version is named', async () => {
  const { exit, json } = await asked({ 'one.zip': packOf(1), 'two.zip': other.get(2) ?? new Uint8Array() })
  expect([exit, json.packs.map(({ ok }) => ok), named(json)]).toEqual([1, [true, true], ['two.zip previous', 'two.zip history']])
})

test('a pack sealed again with the key of the App, to follow another, is named', async () => {
  const opened = new Opened(packOf(2))
  const zip = await opened.seal(APP_SIGNER)
  const { exit, json } = await asked({ 'one.zip': packOf(1), 'two.zip': zip, 'three.zip': packOf(3) })
  expect([exit, json.packs.map(({ ok }) => ok), named(json)]).toEqual([1, [true, true, true], ['three.zip previous']])
})

test('one that does not verify is named by itself, and the chain is not asked', async () => {
  const opened = new Opened(packOf(2))
  opened.files.set('go_no_go.json', Buffer.from(canonicalize({ decision: 'go' })))
  const { exit, text, json } = await asked({ 'one.zip': packOf(1), 'two.zip': await opened.seal(APP_SIGNER) })
  expect([exit, json.ok, json.chain, json.packs.map(({ ok }) => ok)]).toEqual([1, false, null, [true, false]])
  expect(text).toContain('was not asked: two.zip does not verify.')
})

test('one pack is answered as ever, and the log is asked about one at a time', async () => {
  const { json } = await asked({ 'one.zip': packOf(1) })
  expect(json).toMatchObject({ ok: true, manifest: { seal: 1 } })
  const cwd = emptyFolder()
  writeFileSync(join(cwd, 'app.pub'), APP.publicKeyPem)
  const { exit, err } = await cli(['evidence', 'verify', 'a.zip', 'b.zip', '--key=app.pub', '--rekor'], { cwd })
  expect([exit, err]).toEqual([2, expect.stringContaining('one pack at a time')])
})
