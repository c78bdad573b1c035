/**
 * Everything a thief, a careless tool or a broken disk can do to a pack that the App itself sealed. In each case verification fails, says which entry and
 * why, ends, and throws nothing. (The forms of an archive one by one: zip.test.ts. Lies under a good signature: read.test.ts.)
 */
import { crc32, deflateRawSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { verifyPack, type PackAnswer, type PackQuestion } from '../../../evidence/pack/read.ts'
import { readZip } from '../../../evidence/pack/zip.ts'
import { byPlace, directoryHeader, endRecord, isLast, localHeader } from '../../../evidence/pack/zip-form.ts'
import type { Signer } from '../../../evidence/sign/signer.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import type { Trust } from '../../../evidence/verify/verifier.ts'
import { APP_KEY, JOB_KEY, JOB_SIGNER, sealedRelease } from '../../support/sealed-release.ts'
import { originOf } from '../../support/release.ts'
import { Opened } from '../../support/repack.ts'
import { jobOf, minutes, NOW, Sigstore, type KeylessOf } from '../../support/sigstore/instance.ts'
import { writeZip } from '../../support/zip.ts'
import { archive, type Lie } from './archives.ts'

const TRUSTED = { trust: trustOf({ keys: [JOB_KEY, APP_KEY] }), packTrust: trustOf({ keys: [APP_KEY] }) }
const MANIFEST = 'manifest.json'
const SIGNATURE = 'signatures/manifest.sigstore.json'
let first: Uint8Array
let pack: Uint8Array
let other: Uint8Array
let files: ReadonlyMap<string, Uint8Array>

beforeAll(async () => {
  const [good, bad] = [await sealedRelease(), await sealedRelease({ share: 0.4 })]
  first = good.packs.get(1) ?? new Uint8Array()
  pack = good.packs.get(2) ?? new Uint8Array()
  other = bad.packs.get(2) ?? new Uint8Array()
  files = readZip(pack)
})

const ask = (zip: Uint8Array, of: Partial<PackQuestion> = {}): PackAnswer => verifyPack({ zip, ...TRUSTED, ...of })
const faults = (zip: Uint8Array, of: Partial<PackQuestion> = {}): string[] => {
  const answer = ask(zip, of)
  return answer.ok ? [] : answer.errors.map(({ code, path }) => `${code} ${path}`.trim())
}
const fileOf = (zip: Uint8Array, path: string): Uint8Array => {
  const found = readZip(zip).get(path)
  if (found === undefined) throw new Error(`there is no ${path}`)
  return found
}
const changed = (change: (copy: Map<string, Uint8Array>) => unknown): Uint8Array => {
  const copy = new Map(files)
  change(copy)
  return writeZip(copy)
}
function flip(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = (bytes[at] ?? 0) ^ 1
  return copy
}

/** In the one form of a pack but for how the data was packed. */
function packedAnew(pack_: (bytes: Uint8Array) => Uint8Array | null): Uint8Array {
  const [body, directory]: [Uint8Array[], Uint8Array[]] = [[], []]
  let offset = 0
  for (const [path, bytes] of [...files].toSorted(([a], [b]) => byPlace(a, b))) {
    const packed = isLast(path) ? null : pack_(bytes)
    const data = packed ?? bytes
    const entry = { path, method: packed === null ? 0 : 8, crc: crc32(bytes), size: bytes.length, packedSize: data.length } as const
    const header = localHeader(entry)
    body.push(header, data)
    directory.push(directoryHeader(entry, offset))
    offset += header.length + data.length
  }
  const rest = Buffer.concat(directory)
  return new Uint8Array(Buffer.concat([...body, rest, endRecord(files.size, rest.length, offset)]))
}

test('the packs that are broken here are whole', () => {
  for (const zip of [first, pack, other]) expect(faults(zip)).toEqual([])
  expect([...files.keys()].filter((path) => files.get(path) !== undefined).length).toBeGreaterThan(40)
})

describe('bytes', () => {
  test('a flipped bit is found wherever it lies, in packed data too', () => {
    // Odd, so that it meets every place in a byte pattern; as many places however large the pack grows.
    const step = Math.ceil(pack.length / 400) | 1
    for (let at = 0; at < pack.length; at += step) {
      const found = ask(flip(pack, at))
      expect([at, found.ok || found.errors.some(({ message }) => message === '')]).toEqual([at, false])
    }
  })

  test('a flipped bit in any file names that file', () => {
    for (const [path, bytes] of files)
      for (const at of [0, bytes.length >> 1, bytes.length - 1].filter((each) => each >= 0 && each < bytes.length)) {
        const found = faults(changed((copy) => copy.set(path, flip(bytes, at))))
        expect([path, at, found.some((fault) => fault.endsWith(path === MANIFEST ? '.json' : path))]).toEqual([path, at, true])
      }
  })

  test('a pack that was cut anywhere is none', () => {
    for (let end = 0; end < pack.length; end += 1009) expect([end, faults(pack.subarray(0, end))]).toEqual([end, [expect.stringMatching(/^zip-/)]])
  })
})

describe('the same files, packed by another', () => {
  test.each<[string, (bytes: Uint8Array) => Uint8Array | null]>([
    ['all stored', () => null],
    ['at the fastest level', (bytes) => deflateRawSync(bytes, { level: 1 })],
    ['as stored blocks of deflate', (bytes) => deflateRawSync(bytes, { level: 0 })],
  ])('%s', (_name, how) => {
    expect(faults(packedAnew(how))).toEqual(['zip-not-canonical'])
  })

  test('with folders, other times, in another order', () => {
    const plain: readonly Lie[] = [...files].map(([name, data]) => ({ name, data }))
    expect(faults(archive([{ name: 'audit/', data: new Uint8Array(), mode: 0o040755 }, ...plain]))).toEqual(['zip-unsupported audit'])
    expect(faults(archive(plain.map((entry) => ({ ...entry, time: 0x6000 }))))[0]).toMatch(/^zip-not-canonical /)
    expect(faults(archive(plain.toReversed()))[0]).toMatch(/^zip-not-canonical /)
  })
})

describe('parts of other packs', () => {
  test.each<[string, readonly string[]]>([
    ['the checkpoint of the seal before', ['audit/checkpoint.txt']],
    ['the ledger of the seal before', ['audit/ledger.jsonl']],
    ['ledger, checkpoint and proofs of the seal before', ['audit/ledger.jsonl', 'audit/checkpoint.txt', 'audit/consistency.json']],
    ['the manifest of the seal before', [MANIFEST]],
    ['the signature of the seal before', [SIGNATURE]],
    ['the decision of the seal before', ['go_no_go.json', 'release_notes.md']],
  ])('%s', (_name, paths) => {
    const moved = paths.filter((path) => !Buffer.from(fileOf(first, path)).equals(fileOf(pack, path)))
    const found = faults(changed((copy) => paths.map((path) => copy.set(path, fileOf(first, path)))))
    for (const path of moved) expect(found.some((fault) => fault.endsWith(path === MANIFEST ? SIGNATURE : path))).toBe(true)
    expect(moved.length).toBeGreaterThan(0)
  })

  test('a manifest and its signature of the seal before leave the rest uncovered', () => {
    const found = faults(changed((copy) => [MANIFEST, SIGNATURE].map((path) => copy.set(path, fileOf(first, path)))))
    expect(found).toContain('unexpected slo/prod-100.json')
    expect(found).toContain('changed audit/ledger.jsonl')
  })

  test('what was said of another release of the same jobs is not believed here', () => {
    const path = [...readZip(other).keys()].find((each) => each.startsWith('attestations/rollout-event'))
    const bytes = fileOf(other, path ?? '')
    expect(faults(changed((copy) => copy.set('attestations/rollout-event-other.sigstore.json', bytes)))).toContain(
      'unexpected attestations/rollout-event-other.sigstore.json',
    )
  })

  test('a whole pack of another release is a good pack, and not the one that was asked for', () => {
    const { manifest } = new Opened(pack)
    expect(faults(other, { expect: { version: 'v9.9.9', repositoryId: 8, head: '8'.repeat(40), previous: 'c'.repeat(64) } })).toEqual(
      Array.from({ length: 4 }, () => `wrong-release ${MANIFEST}`),
    )
    expect(faults(pack, { expect: { version: manifest.version, previous: manifest.previous } })).toEqual([])
  })
})

describe('the signature', () => {
  const SIGSTORE = new Sigstore()
  const job = originOf(54)
  const [ref = ''] = job.signer_workflow.split('@')
  const keyless: Trust = trustOf({ workflows: [{ ref, digest: job.signer_digest }], root: SIGSTORE.trustedRoot() })

  /** The pack, its manifest signed by a workflow. */
  async function sealedBy(of: Partial<KeylessOf>): Promise<Uint8Array> {
    const signer: Signer = { id: 'job', sign: async (payload) => SIGSTORE.keyless({ payload, job: jobOf(job), ...of }) }
    return new Opened(pack).seal(signer)
  }
  /** A checkpoint of the ledger is always the App's. */
  const asked = (zip: Uint8Array): readonly string[] => {
    const answer = ask(zip, { packTrust: { ...keyless, keys: [APP_KEY] }, trust: TRUSTED.trust })
    return answer.ok ? [] : answer.errors.filter(({ path }) => path === SIGNATURE).map(({ code, message }) => `${code} ${message}`)
  }

  test('of another key says nothing here', async () => {
    const sealed = await new Opened(pack).seal(JOB_SIGNER)
    expect(faults(sealed)).toEqual([`signature ${SIGNATURE}`])
  })

  test('of a trusted workflow with a good certificate counts', async () => {
    expect(asked(await sealedBy({}))).toEqual([])
    expect(asked(await sealedBy({ log: {} }))).toEqual([])
  })

  test.each<[string, Partial<KeylessOf>, RegExp]>([
    ['of another workflow', { job: { ...jobOf(job), 9: 'https://github.com/acme/shop/.github/workflows/other.yml@1' } }, /workflow/],
    ['of the workflow at another commit', { job: { ...jobOf(job), 10: 'e'.repeat(40) } }, /workflow|commit/],
    ['of another repository', { job: { ...jobOf(job), 15: '8' } }, /repository/],
    ['of another commit', { job: { ...jobOf(job), 13: '8'.repeat(40), 19: '8'.repeat(40) } }, /commit/],
    ['made after the certificate ran out', { stamps: [minutes(NOW, 30)] }, /certificate|time/],
    ['made before the certificate was good', { stamps: [minutes(NOW, -30)] }, /certificate|time/],
    ['without any trusted time', { stamps: [] }, /time/],
    ['with the time of another signature', { stamped: Buffer.from('x') }, /time/],
    ['of another authority', { by: new Sigstore().authority }, /certificate|authority|chain/],
    ['that no certificate log has seen', { sct: 'absent' }, /log|certificate/],
  ])('%s is none', async (_name, of, why) => {
    const found = asked(await sealedBy(of))
    expect(found).toEqual([expect.stringMatching(/^signature /)])
    expect(found[0]).toMatch(why)
  })

  test('without its proof of inclusion is none', async () => {
    const opened = new Opened(await sealedBy({ log: {} }))
    const bundle = JSON.parse(Buffer.from(opened.files.get(SIGNATURE) ?? []).toString()) as {
      verificationMaterial: { tlogEntries: { inclusionProof?: object }[] }
    }
    delete bundle.verificationMaterial.tlogEntries[0]?.inclusionProof
    opened.put(SIGNATURE, bundle)
    expect(asked(writeZip(opened.files))[0]).toMatch(/^signature .*(?:log|inclusion|proof)/)
  })

  test('is still good in a year, with no network and whatever the clock says', async () => {
    const zip = await sealedBy({})
    const real = Date.now
    try {
      Date.now = () => minutes(NOW, 366 * 24 * 60).getTime()
      expect(asked(zip)).toEqual([])
    } finally {
      Date.now = real
    }
  })
})

describe('hostile contents end, and name what they are about', () => {
  const deep = Buffer.from(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)
  test('deep JSON in any file that is read', () => {
    for (const path of files.keys()) {
      if (!/\.(?:json|jsonl|yml)$/.test(path)) continue
      const found = faults(changed((copy) => copy.set(path, deep)))
      expect([path, found.length > 0]).toEqual([path, true])
    }
  })

  test('more entries than a pack may have', () => {
    const many = Array.from({ length: 20_003 }, (_, index) => ({ name: `a/${String(index).padStart(6, '0')}`, data: new Uint8Array() }))
    expect(faults(archive(many))).toEqual(['zip-limit'])
  })

  test('a hundred thousand lines in the ledger', () => {
    const lines = Buffer.from(`${canonicalize({ seq: 0 })}\n`.repeat(100_000))
    const found = faults(changed((copy) => copy.set('audit/ledger.jsonl', lines)))
    expect(found).toContain('changed audit/ledger.jsonl')
    expect(found.length).toBeLessThanOrEqual(500)
  })
})
