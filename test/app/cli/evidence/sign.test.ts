import { createPublicKey, verify } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sha256 } from '../../../../evidence/core/digest.ts'
import { generateKeyPair } from '../../../../evidence/sign/local-key.ts'
import { trustOf } from '../../../../evidence/verify/trust.ts'
import { verifyBundle } from '../../../../evidence/verify/verify.ts'
import { cosignKey } from '../../../support/cosign-key.ts'
import { cli, emptyFolder } from '../harness.ts'

const keys = generateKeyPair()
const der = Buffer.from(keys.privateKeyPem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
const manifest = {
  schema_version: 1,
  version: 'v2.0.0',
  seal: 1,
  repository: 'acme/shop',
  repository_id: 7,
  commits: { base: 'a'.repeat(40), head: 'b'.repeat(40) },
  outcome: 'proven',
  artifacts: [{ path: 'config.yml', sha256: 'c'.repeat(64), size: 1, covered_by: null }],
  archive: { sha256: '9'.repeat(64), size: 1 },
  packer: { zlib: '1.3.1', level: 6 },
  ledger: { root: 'd'.repeat(64), entries: 3 },
  tree: { origin: 'release-conductor.github.io/ledger/7/3', size: 3, root: 'f'.repeat(64) },
  evidence_root: 'e'.repeat(64),
  signer: 'local',
  previous: null,
  log: [],
  sealed_at: '2026-11-22T12:00:00.000Z',
}

function folder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const cwd = emptyFolder()
  for (const [name, content] of Object.entries({ 'key.pem': keys.privateKeyPem, 'key.pub': keys.publicKeyPem, ...files }))
    writeFileSync(join(cwd, name), content)
  return cwd
}
const written = (cwd: string, name: string): Buffer => readFileSync(join(cwd, name))

test('any file: a signature over its bytes', async () => {
  const cwd = folder({ 'evidence.zip': Buffer.from([1, 2, 3]) })
  const ran = await cli(['evidence', 'sign', 'evidence.zip', '--key=key.pem', '--json'], { cwd })
  expect(ran.exit).toBe(0)
  expect(JSON.parse(ran.out)).toMatchObject({ kind: 'file', sha256: sha256(Buffer.from([1, 2, 3])), timestamped: false })
  const bundle = JSON.parse(written(cwd, 'evidence.zip.sigstore.json').toString()) as { messageSignature: { signature: string } }
  const signature = Buffer.from(bundle.messageSignature.signature, 'base64')
  expect(verify('sha256', Buffer.from([1, 2, 3]), createPublicKey(keys.publicKeyPem), signature)).toBe(true)
})

test("a pack's manifest: the very statement that seals a pack, with cosign's encrypted key", async () => {
  const text = JSON.stringify(manifest)
  const cwd = folder({ 'manifest.json': text, 'cosign.key': cosignKey(der, 'pw') })
  const ran = await cli(['evidence', 'sign', 'manifest.json', '--key=cosign.key', '--out=m.json'], { cwd, env: { COSIGN_PASSWORD: 'pw' } })
  expect(ran.out).toContain('a checkpoint statement')
  const trust = trustOf({ keys: [{ id: 'local', publicKeyPem: keys.publicKeyPem }] })
  const subjects = [{ name: 'manifest.json', sha256: sha256(text) }]
  const answer = verifyBundle({ bundle: written(cwd, 'm.json'), trust, expect: { kinds: ['checkpoint'], sha: 'b'.repeat(40), subjects } })
  expect(answer).toMatchObject({ kind: 'checkpoint', signer: 'local', predicate: { version: 'v2.0.0', seal: 1 } })
})

test('an in-toto statement of anybody: its exact bytes in an envelope', async () => {
  const text = '{"_type": "https://in-toto.io/Statement/v1", "subject": [], "predicateType": "x"}'
  const cwd = folder({ 'statement.json': text })
  expect((await cli(['evidence', 'sign', 'statement.json', '--key=key.pem'], { cwd })).out).toContain('an in-toto statement')
  const bundle = JSON.parse(written(cwd, 'statement.json.sigstore.json').toString()) as { dsseEnvelope: { payload: string } }
  expect(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString()).toBe(text)
})

describe('refuses, and writes nothing', () => {
  test.each<[string, readonly string[], Readonly<Record<string, string>>, number, RegExp]>([
    ['no key', ['a'], {}, 2, /One key signs/],
    ['two keys', ['a', '--key=key.pem', '--key=key.pem'], {}, 2, /One key signs/],
    ['no file', ['b', '--key=key.pem'], {}, 2, /There is no file b/],
    ['a public key', ['a', '--key=key.pub'], {}, 2, /is a public key/],
    ['what is no key', ['a', '--key=a'], {}, 2, /not signed.*keys generate/s],
    ['an encrypted key without its password', ['a', '--key=cosign.key'], {}, 2, /COSIGN_PASSWORD/],
    ['a wrong password', ['a', '--key=cosign.key'], { COSIGN_PASSWORD: 'wrong' }, 2, /does not open/],
    ['a file that is there', ['a', '--key=key.pem', '--out=key.pub'], {}, 2, /never written over/],
    ['an address that is none', ['a', '--key=key.pem', '--tsa=nowhere'], {}, 2, /--tsa/],
    ['an authority that is not there', ['a', '--key=key.pem', '--tsa=http://127.0.0.1:1'], {}, 5, /cannot be reached/],
  ])('%s', async (_, args, env, exit, message) => {
    const cwd = folder({ a: 'bytes', 'cosign.key': cosignKey(der, 'pw') })
    const ran = await cli(['evidence', 'sign', ...args], { cwd, env })
    expect({ exit: ran.exit, err: ran.err }).toMatchObject({ exit, err: expect.stringMatching(message) })
    expect(ran.err).not.toContain(keys.privateKeyPem.split('\n')[1])
    expect(() => written(cwd, 'a.sigstore.json')).toThrow('ENOENT')
  })
})
