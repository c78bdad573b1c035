import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import packed from '../../../gates/policy/bundle.json' with { type: 'json' }
import { contentsOf, openBundle } from '../../../gates/policy/bundle.ts'
import { commandPolicy, DECISION_PATH } from '../../../gates/policy/decide.ts'
import { loadPolicy } from '../../../gates/policy/load.ts'
import { sha256 } from '../../../evidence/core/digest.ts'

const BYTES = commandPolicy().bytes
const code = (of: string) => expect.objectContaining({ name: 'PolicyError', code: of })

function repacked(bytes: Uint8Array): object {
  return { ...packed, sha256: sha256(bytes), bundle: Buffer.from(bytes).toString('base64') }
}

describe('the bundle', () => {
  test('is what was built', () => {
    expect(openBundle(packed)).toMatchObject({ digest: packed.sha256, entrypoint: DECISION_PATH })
  })

  test('with one byte changed is not', () => {
    const bytes = Buffer.from(BYTES)
    bytes.writeUInt8(bytes.readUInt8(1_000) ^ 1, 1_000)
    expect(() => openBundle({ ...packed, bundle: bytes.toString('base64') })).toThrow(code('digest'))
  })

  test.each<[string, unknown]>([
    ['no file', {}],
    ['no gzip', repacked(Buffer.from('policy'))],
    ['half a tar', repacked(gzipSync(gunzipSync(BYTES).subarray(0, 4_000)))],
    ['no tar', repacked(gzipSync(Buffer.alloc(2_048, 'a')))],
    ['an empty tar', repacked(gzipSync(Buffer.alloc(1_024)))],
    ['a tar that unpacks to more than is read', repacked(gzipSync(Buffer.alloc(5 * 1024 * 1024)))],
  ])('%s is unreadable', (_what, of) => {
    expect(() => openBundle(of)).toThrow(code('unreadable'))
  })
})

describe('the WebAssembly', () => {
  test('that is none is unreadable', async () => {
    await expect(loadPolicy(Buffer.from('\0asm, nearly'), DECISION_PATH)).rejects.toThrow(code('unreadable'))
  })

  test('answers what it is asked, and throws for an entry that it has not', async () => {
    const { wasm } = contentsOf(BYTES)
    expect((await loadPolicy(wasm, DECISION_PATH))({})).toMatchObject({ allow: false })
    const elsewhere = await loadPolicy(wasm, 'release_conductor/elsewhere')
    expect(() => elsewhere({})).toThrow(code('evaluation'))
  })
})
