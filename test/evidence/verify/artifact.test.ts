import { createHash, sign as signRaw } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { pae } from '../../../evidence/core/dsse.ts'
import { keyHint } from '../../../evidence/core/key-hint.ts'
import { PAYLOAD_TYPE } from '../../../evidence/model/kinds.ts'
import { verifyArtifact, type Artifact, type NamedSigner } from '../../../evidence/verify/artifact.ts'
import { EvidenceError } from '../../../evidence/verify/error.ts'
import { pair, SAN } from '../../support/sigstore/authority.ts'
import { base64, BODIES } from '../../support/sigstore/log.ts'
import type { KeylessOf } from '../../support/sigstore/instance.ts'
import { JOB, SIGSTORE } from './keyless.ts'

const BYTES = Buffer.from('an artifact')
const hex = (algorithm: string): string => createHash(algorithm).update(BYTES).digest('hex')
const SIGNER = { identity: JOB[9] ?? '', issuer: JOB[8] ?? '' }

function statement(subject: unknown, of: object = {}): Uint8Array {
  return Buffer.from(
    JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject, predicateType: 'https://slsa.dev/provenance/v1', predicate: {}, ...of }),
  )
}
const GOOD = statement([{ name: 'a', digest: { sha256: hex('sha256') } }])

function ask(of: Partial<KeylessOf> = {}, about: { artifact?: Artifact; signer?: NamedSigner; root?: null } = {}): string {
  const bundle = SIGSTORE.keyless({ payload: GOOD, job: JOB, log: {}, ...of })
  return told({ bundle, ...about })
}

function told(of: { bundle: unknown; artifact?: Artifact; signer?: NamedSigner; root?: null }): string {
  const answer = verifyArtifact({
    bundle: of.bundle,
    artifact: of.artifact ?? { bytes: BYTES },
    signer: of.signer ?? SIGNER,
    root: of.root === null ? null : SIGSTORE.trustedRoot(),
  })
  return answer instanceof EvidenceError ? answer.code : `${answer.signer} ${answer.predicateType ?? ''}`
}
const BELIEVED = `${SIGNER.identity} https://slsa.dev/provenance/v1`

test('the right signer about the right artifact, by its bytes or its digest', () => {
  expect(ask()).toBe(BELIEVED)
  expect(ask({}, { artifact: { sha256: hex('sha256') } })).toBe(BELIEVED)
})

/** An envelope says nothing of the artifact until its subjects are read: Sigstore's library believes it for any. */
describe('a true envelope about something else', () => {
  test('is refused for other bytes', () => {
    for (const artifact of [{ bytes: Buffer.from('evil') }, { bytes: new Uint8Array() }, { sha256: 'a'.repeat(64) }, { sha256: '' }])
      expect(ask({}, { artifact })).toBe('wrong-subject')
  })

  test.each<[string, unknown]>([
    ['no subject', []],
    ['a subject that is null', [null]],
    ['no digest', [{ name: 'a' }]],
    ['an empty digest', [{ name: 'a', digest: {} }]],
    ['a short digest', [{ name: 'a', digest: { sha256: hex('sha256').slice(0, 32) } }]],
    ['a digest with more behind it', [{ name: 'a', digest: { sha256: `${hex('sha256')}00` } }]],
    ['a digest in capitals', [{ name: 'a', digest: { sha256: hex('sha256').toUpperCase() } }]],
    ['a digest that is a list', [{ name: 'a', digest: { sha256: [hex('sha256')] } }]],
    ['a weak algorithm alone', [{ name: 'a', digest: { sha1: hex('sha1') } }]],
    ['its SHA-256 under another name', [{ name: 'a', digest: { sha512: hex('sha256') } }]],
    ['one right digest and one wrong', [{ name: 'a', digest: { sha256: hex('sha256'), sha512: 'b'.repeat(128) } }]],
    ['the name of the artifact alone', [{ name: hex('sha256'), digest: { sha256: 'b'.repeat(64) } }]],
  ])('%s', (_name, subject) => {
    expect(ask({ payload: statement(subject) })).toBe('wrong-subject')
  })

  test('one of several subjects is enough, and a stronger digest counts', () => {
    const other = { name: 'b', digest: { sha256: 'b'.repeat(64) } }
    expect(ask({ payload: statement([other, { name: 'a', digest: { sha512: hex('sha512') } }]) })).toBe(BELIEVED)
    expect(ask({ payload: statement([other]) })).toBe('wrong-subject')
  })

  test.each<[string, Uint8Array, string]>([
    ['no statement', statement([], { _type: 'https://example.com' }), 'schema'],
    ['subjects that are no list', statement({ sha256: hex('sha256') }), 'schema'],
    ['no predicate type', statement([], { predicateType: undefined }), 'schema'],
    ['a null', Buffer.from('null'), 'schema'],
    ['no JSON', Buffer.from('{'), 'malformed'],
    ['a key twice', Buffer.from('{"subject":[],"subject":[]}'), 'malformed'],
  ])('%s', (_name, payload, code) => {
    expect(ask({ payload })).toBe(code)
  })

  test('another payload type', () => {
    expect(ask({ payloadType: 'application/json' })).toBe('wrong-payload-type')
  })
})

/** Provenance with the right subject and a wrong signer: nothing but the identity tells it from the true one. */
describe('a right subject, signed by somebody else', () => {
  test.each<[string, Partial<KeylessOf>]>([
    ['another workflow', { san: SAN('https://github.com/evil/x/.github/workflows/release.yml@refs/tags/v1') }],
    ['the same workflow at another tag', { san: SAN(`${SIGNER.identity}1`) }],
  ])('%s', (_name, of) => {
    expect(ask(of)).toBe('untrusted-signer')
  })

  test('an issuer that only looks alike', () => {
    expect(ask({ job: { ...JOB, 8: `${SIGNER.issuer}.evil.example` } })).toBe('wrong-issuer')
  })

  test.each(['', '.', '.*', 'github.com', 'https://github.com/', `${SIGNER.identity}|x`])('the name asked for is no pattern: %s', (identity) => {
    expect(ask({}, { signer: { ...SIGNER, identity } })).toBe('untrusted-signer')
  })

  test.each(['', '.', 'https://'])('nor is the issuer: %s', (issuer) => {
    expect(ask({}, { signer: { ...SIGNER, issuer } })).toBe('wrong-issuer')
  })

  test('a key instead of a certificate, and the other way round', () => {
    const { publicKey } = pair()
    const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    expect(ask({}, { signer: { key: { id: 'k', publicKeyPem } } })).toBe('untrusted-signer')
    expect(told({ bundle: byKey(pair()) })).toBe('untrusted-signer')
  })
})

function byKey(keys: ReturnType<typeof pair>, payload: Uint8Array = GOOD): object {
  const signature = signRaw('sha256', pae(PAYLOAD_TYPE, payload), keys.privateKey)
  const verifier = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      publicKey: { hint: keyHint(keys.publicKey) },
      tlogEntries: [SIGSTORE.entry({ body: BODIES.dsse({ payloadType: PAYLOAD_TYPE, payload, signature, verifier }) })],
    },
    dsseEnvelope: { payload: base64(payload), payloadType: PAYLOAD_TYPE, signatures: [{ sig: base64(signature) }] },
  }
}

test('a key is believed with its log entry, and by no other key', () => {
  const keys = pair()
  const signer = (of = keys): NamedSigner => ({ key: { id: 'k', publicKeyPem: of.publicKey.export({ type: 'spki', format: 'pem' }).toString() } })
  expect(told({ bundle: byKey(keys), signer: signer() })).toBe('k https://slsa.dev/provenance/v1')
  expect(told({ bundle: byKey(keys), signer: signer(pair()) })).toBe('bad-signature')
  expect(told({ bundle: byKey(keys), signer: signer(), root: null })).toBe('no-root')
})

test('a log entry is required, and a root', () => {
  const bundle = SIGSTORE.keyless({ payload: GOOD, job: JOB })
  expect(told({ bundle })).toBe('no-log-entry')
  expect(ask({}, { root: null })).toBe('no-root')
})
