import { describe, expect, test } from 'vitest'
import type { EvidenceErrorCode } from '../../../evidence/verify/error.ts'
import { authority, pair, USAGE } from '../../support/sigstore/authority.ts'
import { sequence, yes } from '../../support/sigstore/der.ts'
import { BODIES } from '../../support/sigstore/log.ts'
import { minutes, NOW, type BundleJson, type KeylessOf } from '../../support/sigstore/instance.ts'
import { asked, keyless, keylessTrust, SIGNER, SIGSTORE } from './keyless.ts'

const YEAR = 365 * 24 * 60
const stranger = authority('fulcio.example', minutes(NOW, -YEAR), minutes(NOW, YEAR))
const AT = { at: NOW }

function changed(of: Partial<KeylessOf>, change: (bundle: BundleJson) => void): BundleJson {
  const bundle = keyless(of)
  change(bundle)
  return bundle
}

type LogEntries = NonNullable<BundleJson['verificationMaterial']['tlogEntries']>

function entries(bundle: BundleJson): LogEntries {
  return bundle.verificationMaterial.tlogEntries ?? []
}

function first(bundle: BundleJson): LogEntries[number] {
  const [entry] = entries(bundle)
  if (entry === undefined) throw new Error('the bundle has no log entry')
  return entry
}

function proof(bundle: BundleJson): NonNullable<LogEntries[number]['inclusionProof']> {
  const { inclusionProof } = first(bundle)
  if (inclusionProof === undefined) throw new Error('the log entry has no proof')
  return inclusionProof
}

/** The timestamps alone. */
function stampsOf(bundle: BundleJson): Pick<BundleJson['verificationMaterial'], 'timestampVerificationData'> {
  const { timestampVerificationData: stamps } = bundle.verificationMaterial
  return stamps === undefined ? {} : { timestampVerificationData: stamps }
}

describe('healthy', () => {
  test.each<[string, Partial<KeylessOf>]>([
    ['a timestamp and no log entry', {}],
    ['a timestamp and an entry of the older log', { log: {} }],
    ['a timestamp and an entry of the newer log', { log: { kind: 'hashedrekord' } }],
    ['a time signed by the log, and no timestamp', { stamps: [], log: AT }],
    ['both', { log: AT }],
    ['the first second of the certificate', { stamps: [minutes(NOW, -1)] }],
    ['the last second of the certificate', { stamps: [minutes(NOW, 9)] }],
    ['a tree of two', { log: { size: 2 } }],
    ['a tree of a hundred', { log: { size: 100 } }],
  ])('%s', (_name, of) => {
    expect(asked(keyless(of))).toEqual({ signer: SIGNER })
  })

  test('an entry that is demanded and there', () => {
    expect(asked(keyless({ log: {} }), { expect: { logged: true } })).toEqual({ signer: SIGNER })
  })

  test('a root without certificate log asks for no such proof', () => {
    const root = SIGSTORE.trustedRoot({ ...SIGSTORE.root(), ctlogs: [] })
    expect(asked(keyless({ sct: 'absent' }), { trust: keylessTrust({ root }) })).toEqual({ signer: SIGNER })
  })

  test('in ten years, by any clock', () => {
    expect(asked(keyless({ log: AT }), { now: minutes(NOW, 10 * YEAR).getTime() })).toEqual({ signer: SIGNER })
  })
})

describe('refused', () => {
  test.each<[string, Partial<KeylessOf>, EvidenceErrorCode]>([
    ['signed a minute before the certificate', { stamps: [minutes(NOW, -2)] }, 'expired-certificate'],
    ['signed a minute after the certificate', { stamps: [minutes(NOW, 10)] }, 'expired-certificate'],
    ['one of two times outside', { stamps: [NOW, minutes(NOW, 10)] }, 'expired-certificate'],
    ['log time outside', { stamps: [], log: { at: minutes(NOW, 60) } }, 'expired-certificate'],
    ['an authority of the same name', { by: stranger }, 'bad-certificate'],
    ['a certificate in no log', { sct: 'absent' }, 'bad-sct'],
    ['a certificate in a stranger’s log', { sct: 'stranger' }, 'bad-sct'],
    ['the log’s word for another certificate', { sct: 'other' }, 'bad-sct'],
    ['no time at all', { stamps: [] }, 'no-time'],
    ['an entry whose time nobody signed', { stamps: [], log: {} }, 'no-time'],
    ['a clock of the same name', { clock: authority('tsa.example', minutes(NOW, -YEAR), minutes(NOW, YEAR)) }, 'bad-time'],
    ['a timestamp over another signature', { stamped: Buffer.from('else') }, 'bad-time'],
    ['a timestamp before the clock was trusted', { stamps: [minutes(NOW, -YEAR)], from: minutes(NOW, -YEAR - 1) }, 'bad-time'],
    ['a certificate for servers', { usage: USAGE('1.3.6.1.5.5.7.3.1') }, 'bad-certificate'],
    ['a certificate of an authority', { more: [{ id: '2.5.29.19', value: sequence(yes()) }] }, 'bad-certificate'],
    ['an extension twice', { more: [USAGE()] }, 'bad-certificate'],
    ['a log that is not trusted', { log: { log: pair() } }, 'bad-log-entry'],
    ['a log that is not trusted but has signed a time', { log: { log: pair(), at: NOW } }, 'bad-log-entry'],
    ['a checkpoint of another key', { log: { checkpointBy: pair() } }, 'bad-log-entry'],
    ['a checkpoint of another name', { log: { name: 'rekor.evil' } }, 'bad-log-entry'],
    ['another payload type', { payloadType: 'text/plain' }, 'wrong-payload-type'],
  ])('%s', (_name, of, code) => {
    expect(asked(keyless(of))).toBe(code)
  })

  test('a signature from the future', () => {
    expect(asked(keyless(), { now: minutes(NOW, -6).getTime() })).toBe('bad-time')
    expect(asked(keyless(), { now: minutes(NOW, -4).getTime() })).toEqual({ signer: SIGNER })
  })

  test.each<[string, (bundle: BundleJson) => void, EvidenceErrorCode]>([
    ['no proof', (bundle) => delete first(bundle).inclusionProof, 'no-log-entry'],
    ['no checkpoint', (bundle) => delete (proof(bundle) as { checkpoint?: unknown }).checkpoint, 'no-log-entry'],
    ['another root', (bundle) => (proof(bundle).rootHash = Buffer.alloc(32).toString('base64')), 'bad-log-entry'],
    ['another size', (bundle) => (proof(bundle).treeSize = '8'), 'bad-log-entry'],
    ['another place', (bundle) => (proof(bundle).logIndex = '4'), 'bad-log-entry'],
    ['another place outside the proof', (bundle) => (first(bundle).logIndex = '4'), 'bad-log-entry'],
    ['a place outside the tree', (bundle) => (proof(bundle).logIndex = '7'), 'bad-log-entry'],
    ['a negative place', (bundle) => (proof(bundle).logIndex = '-1'), 'malformed'],
    ['a hash less', (bundle) => proof(bundle).hashes.pop(), 'bad-log-entry'],
    ['a hash more', (bundle) => proof(bundle).hashes.push(Buffer.alloc(32).toString('base64')), 'bad-log-entry'],
    ['hashes in another order', (bundle) => (proof(bundle).hashes = proof(bundle).hashes.toReversed()), 'bad-log-entry'],
    ['another log id', (bundle) => (first(bundle).logId.keyId = Buffer.alloc(32).toString('base64')), 'bad-log-entry'],
    ['another kind', (bundle) => (first(bundle).kindVersion.kind = 'hashedrekord'), 'bad-log-entry'],
    ['an unknown kind', (bundle) => (first(bundle).kindVersion.kind = 'rpm'), 'malformed'],
    ['the same entry twice', (bundle) => bundle.verificationMaterial.tlogEntries?.push(first(bundle)), 'bad-log-entry'],
    ['an entry about another statement', (bundle) => (bundle.verificationMaterial.tlogEntries = entries(keyless({ log: {} }))), 'bad-log-entry'],
    ['a checkpoint cut', (bundle) => (proof(bundle).checkpoint.envelope = proof(bundle).checkpoint.envelope.slice(0, -10)), 'bad-log-entry'],
    ['a checkpoint and more', (bundle) => (proof(bundle).checkpoint.envelope += 'more\n'), 'bad-log-entry'],
  ])('a log entry with %s', (_name, change, code) => {
    expect(asked(changed({ log: {} }, change))).toBe(code)
  })

  test('a log entry that names another certificate for the same signature', () => {
    const bundle = keyless()
    const signature = Buffer.from(bundle.dsseEnvelope.signatures[0]?.sig ?? '', 'base64')
    const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64')
    const pem = pair().publicKey.export({ type: 'spki', format: 'pem' }).toString()
    for (const kind of ['dsse', 'hashedrekord'] as const) {
      const body = BODIES[kind]({ payloadType: bundle.dsseEnvelope.payloadType, payload, signature, verifier: pem })
      bundle.verificationMaterial.tlogEntries = [SIGSTORE.entry({ body })]
      expect(asked(bundle)).toBe('bad-log-entry')
    }
  })

  test.each<[string, (bundle: BundleJson) => void, EvidenceErrorCode]>([
    ['another signature', (bundle) => (bundle.dsseEnvelope.signatures = keyless().dsseEnvelope.signatures), 'bad-time'],
    ['another payload', (bundle) => (bundle.dsseEnvelope.payload = Buffer.from('{}').toString('base64')), 'bad-signature'],
    [
      'another certificate of the same job',
      (bundle) => (bundle.verificationMaterial = { ...keyless().verificationMaterial, ...stampsOf(bundle) }),
      'bad-signature',
    ],
    ['a garbled certificate', (bundle) => (bundle.verificationMaterial.certificate = { rawBytes: 'AAAA' }), 'malformed'],
    [
      'a garbled timestamp',
      (bundle) => (bundle.verificationMaterial.timestampVerificationData = { rfc3161Timestamps: [{ signedTimestamp: 'MAAA' }] }),
      'malformed',
    ],
    ['two signers', (bundle) => (bundle.verificationMaterial.publicKey = { hint: 'x' }), 'malformed'],
  ])('a bundle with %s', (_name, change, code) => {
    expect(asked(changed({}, change))).toBe(code)
  })
})
