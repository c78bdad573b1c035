import { createPrivateKey, createPublicKey, generateKeyPairSync, sign as signRaw, type KeyObject } from 'node:crypto'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { PAYLOAD_TYPE, predicateType, type EvidenceKind } from '../../../evidence/model/kinds.ts'
import type { Statement } from '../../../evidence/model/statement.ts'
import { bundleToJSON } from '@sigstore/bundle'
import { DSSEBundleBuilder } from '@sigstore/sign'
import { keyHint } from '../../../evidence/core/key-hint.ts'
import { bundleBytes } from '../../../evidence/sign/statement.ts'
import { EvidenceError } from '../../../evidence/verify/error.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import type { Expectation, TrustedKey, Verified } from '../../../evidence/verify/verifier.ts'
import { verifyBundle } from '../../../evidence/verify/verify.ts'
import {
  AT,
  BASE,
  decisionPredicate,
  HEAD,
  KEYS,
  origin,
  REPOSITORY_ID,
  response,
  rolloutEvent,
  selfTest,
  sign,
  statement,
  STRANGER,
  TRUST,
  verdictPredicate,
} from './statements.ts'

const FILE = Buffer.from('{"commits":3}')
const files = new Map([['ci/commit_lint.json', FILE]])
const good = statement('agent-response', response('commits', files), files)
const EXPECT: Expectation = {
  kinds: ['agent-response'],
  repositoryId: REPOSITORY_ID,
  repository: 'acme/shop',
  sha: HEAD,
  subjects: [{ name: 'ci/commit_lint.json', sha256: sha256(FILE) }],
}

let bundle: Uint8Array
beforeAll(async () => {
  bundle = await sign(good)
})

function ask(of: unknown, expect: Expectation = EXPECT, trust: readonly TrustedKey[] = TRUST.keys): Verified | string {
  const answer = verifyBundle({ bundle: of, trust: trustOf({ keys: trust }), expect })
  return answer instanceof EvidenceError ? answer.code : answer
}

const json = (): {
  mediaType: string
  verificationMaterial: Record<string, unknown>
  dsseEnvelope: { payload: string; payloadType: string; signatures: Record<string, string>[] }
} => JSON.parse(Buffer.from(bundle).toString()) as never

const raw = async (value: unknown): Promise<Uint8Array> => sign(Buffer.from(typeof value === 'string' ? value : canonicalize(value)))

const change = (edit: (of: ReturnType<typeof json>) => void): ReturnType<typeof json> => {
  const value = json()
  edit(value)
  return value
}
const signature = (): Record<string, string> => json().dsseEnvelope.signatures[0] ?? {}

describe('a good bundle', () => {
  test('is believed with everything that was checked', () => {
    const answer = ask(bundle)
    expect(answer).toMatchObject({ kind: 'agent-response', signer: 'demo', commit: HEAD, repository: 'acme/shop' })
    const verified = answer as Verified
    expect(verified.digest).toBe(sha256(verified.payload))
    expect(Buffer.from(verified.payload).toString()).toBe(canonicalize(good))
    expect(verified.files).toEqual([{ path: 'ci/commit_lint.json', sha256: sha256(FILE) }])
    expect(verified.predicate).toEqual(good.predicate)
  })

  test('is believed as a JSON value too, with any trusted key of several', () => {
    expect(ask(json())).toMatchObject({ signer: 'demo' })
    expect(ask(bundle, EXPECT, [{ id: 'other', publicKeyPem: STRANGER.publicKeyPem }, ...TRUST.keys])).toMatchObject({ signer: 'demo' })
    expect(ask(bundle, {})).toMatchObject({ signer: 'demo' })
  })

  test('of every readable kind is believed', async () => {
    const others: readonly (readonly [EvidenceKind, object])[] = [
      ['self-test', selfTest('policy_ci')],
      ['verdict', verdictPredicate()],
      [
        'approval',
        {
          schema_version: 1,
          comment_node_id: 'IC_1',
          actor: { login: 'pat', id: 1, role: 'maintain' },
          command: '/promote',
          plan: 'a'.repeat(32),
          step: 10,
          environment: 'prod',
          at: AT,
        },
      ],
      ['decision', decisionPredicate()],
      [
        'checkpoint',
        {
          schema_version: 1,
          version: 'v2.0.0',
          seal: 1,
          ledger: { root: 'a'.repeat(64), entries: 1 },
          tree: { origin: 'origin', size: 1, root: 'a'.repeat(64) },
          evidence_root: 'a'.repeat(64),
          previous: null,
          at: AT,
        },
      ],
    ]
    for (const [kind, predicate] of others) expect(ask(await sign(statement(kind, predicate)), { sha: HEAD })).toMatchObject({ kind })
  })
})

describe('trust', () => {
  test('is mandatory', () => {
    expect(ask(bundle, EXPECT, [])).toBe('no-trust')
  })

  test.each([
    ['no PEM', 'nonsense'],
    ['a private key', KEYS.privateKeyPem],
    ['RSA', pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }))],
    ['X25519', pemOf(generateKeyPairSync('x25519'))],
    ['another curve', pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }))],
    ['a cut key', KEYS.publicKeyPem.slice(0, 90)],
  ])('with %s among the keys is no trust at all', (_name, publicKeyPem) => {
    expect(ask(bundle, EXPECT, [...TRUST.keys, { id: 'odd', publicKeyPem }])).toBe('no-trust')
  })

  test('in one key under two names is refused', () => {
    expect(ask(bundle, EXPECT, [...TRUST.keys, { id: 'twin', publicKeyPem: KEYS.publicKeyPem }])).toBe('no-trust')
    expect(ask(bundle, EXPECT, [...TRUST.keys, ...TRUST.keys])).toMatchObject({ signer: 'demo' })
  })

  test('does not reach a stranger, nor a stranger under a trusted hint', async () => {
    expect(ask(await sign(good, STRANGER))).toBe('untrusted-signer')
    const forged = JSON.parse(Buffer.from(await sign(good, STRANGER)).toString()) as ReturnType<typeof json>
    forged.verificationMaterial = json().verificationMaterial
    delete forged.dsseEnvelope.signatures[0]?.['keyid']
    expect(ask(forged)).toBe('bad-signature')
  })
})

describe('the bundle', () => {
  test('with any byte flipped is not believed', () => {
    for (let at = 0; at < bundle.length; at += 1) {
      const flipped = Uint8Array.from(bundle)
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8))
      expect([at, typeof ask(flipped)]).toEqual([at, 'string'])
    }
  })

  test.each<readonly [string, () => unknown, string]>([
    ['another media type', () => change((of) => (of.mediaType = 'application/vnd.dev.sigstore.bundle+json;version=0.1')), 'malformed'],
    ['no signature', () => change((of) => (of.dsseEnvelope.signatures = [])), 'malformed'],
    ['two signatures', () => change((of) => of.dsseEnvelope.signatures.push(signature())), 'malformed'],
    ['an empty signature', () => change((of) => (of.dsseEnvelope.signatures = [{ sig: '' }])), 'malformed'],
    ['a garbled signature', () => change((of) => (of.dsseEnvelope.signatures = [{ sig: 'AAAA' }])), 'bad-signature'],
    [
      'a foreign keyid',
      () => change((of) => (of.dsseEnvelope.signatures = [{ ...signature(), sig: signature()['sig'] ?? '', keyid: 'x' }])),
      'malformed',
    ],
    ['an unknown member', () => ({ ...json(), extra: 1 }), 'malformed'],
    ['a certificate', () => change((of) => (of.verificationMaterial = { certificate: { rawBytes: 'AAAA' } })), 'untrusted-signer'],
    ['a log entry', () => change((of) => (of.verificationMaterial['tlogEntries'] = [{}])), 'malformed'],
    [
      'a message instead of an envelope',
      () => ({ mediaType: json().mediaType, verificationMaterial: json().verificationMaterial, messageSignature: {} }),
      'malformed',
    ],
    ['another payload', () => change((of) => (of.dsseEnvelope.payload = Buffer.from('{}').toString('base64'))), 'bad-signature'],
    ['another payload type', () => change((of) => (of.dsseEnvelope.payloadType = 'text/plain')), 'bad-signature'],
    [
      'url-safe base64',
      () => change((of) => (of.dsseEnvelope.payload = `${of.dsseEnvelope.payload.slice(0, 40)}_-${of.dsseEnvelope.payload.slice(42)}`)),
      'malformed',
    ],
    ['a hint of a prototype', () => change((of) => (of.verificationMaterial['publicKey'] = { hint: 'toString' })), 'untrusted-signer'],
    ['nothing', () => undefined, 'malformed'],
    ['null', () => null, 'malformed'],
    ['no bytes', () => new Uint8Array(), 'malformed'],
    ['a function', () => () => 1, 'malformed'],
    ['a list', () => [], 'malformed'],
    ['a text', () => 'bundle', 'malformed'],
    ['too many bytes', () => new Uint8Array(17 * 1024 * 1024), 'too-large'],
    ['endless nesting', () => Buffer.from('['.repeat(100_000)), 'malformed'],
    ['a duplicate key', () => Buffer.from(Buffer.from(bundle).toString().replace('{', '{"mediaType":"x",')), 'malformed'],
  ])('with %s is not believed', (_name, make, code) => {
    expect(ask(make())).toBe(code)
  })

  test('of any shape is answered, never thrown at', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true, withNullPrototype: true }), (value) => {
        expect(typeof ask(value)).toBe('string')
      }),
      { numRuns: 500 },
    )
  })

  test('signed over another payload type is refused for its type', async () => {
    const key = createPrivateKey(KEYS.privateKeyPem)
    const publicKey = createPublicKey(key)
    const signer = {
      sign: async (data: Buffer) => ({
        signature: signRaw('sha256', data, key),
        key: { $case: 'publicKey' as const, publicKey: KEYS.publicKeyPem, hint: keyHint(publicKey) },
      }),
    }
    const made = await new DSSEBundleBuilder({ signer, witnesses: [] }).create({ data: Buffer.from(canonicalize(good)), type: 'application/json' })
    expect(ask(bundleBytes(bundleToJSON(made)))).toBe('wrong-payload-type')
    expect(PAYLOAD_TYPE).not.toBe('application/json')
  })
})

describe('a signed statement', () => {
  const text = canonicalize(good)
  const subject = (name: string, digest: Record<string, string>): unknown => ({ ...good, subject: [...good.subject, { name, digest }] })
  const first = (of: object): unknown => ({ ...good, subject: [{ ...good.subject[0], ...of }, ...good.subject.slice(1)] })
  const predicate = (of: object): unknown => ({ ...good, predicate: { ...good.predicate, ...of } })
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['is no JSON', 'hello', 'malformed'],
    ['has a key twice', text.replace('{', '{"_type":"x",'), 'malformed'],
    ['has a number no double holds', text.replace('"schema_version":1', '"schema_version":9007199254740993'), 'malformed'],
    ['reaches a prototype', text.replace('"schema_version":1', '"__proto__":1'), 'malformed'],
    ['has another _type', { ...good, _type: 'https://in-toto.io/Statement/v0.1' }, 'schema'],
    ['has an unknown member', { ...good, extra: 1 }, 'schema'],
    ['has an unknown predicate type', { ...good, predicateType: 'https://example.com/evil/v1' }, 'wrong-predicate'],
    ['has a predicate nobody reads yet', { ...good, predicateType: predicateType('kpi') }, 'wrong-predicate'],
    ['has the predicate of another kind', { ...good, predicateType: predicateType('self-test') }, 'schema'],
    ['has another schema version', predicate({ schema_version: 2 }), 'schema'],
    ['has no subject', { ...good, subject: [] }, 'wrong-subject'],
    ['has no repository first', { ...good, subject: good.subject.slice(1) }, 'wrong-subject'],
    ['has a repository on another host', first({ name: 'git+https://github.com.evil.example/acme/shop' }), 'wrong-subject'],
    ['has a repository with a tail', first({ name: 'git+https://github.com/acme/shop/../evil' }), 'wrong-subject'],
    ['has a second commit', subject('git+https://github.com/acme/other', { gitCommit: HEAD }), 'wrong-subject'],
    ['has an unsafe subject', subject('../evil', { sha256: 'a'.repeat(64) }), 'wrong-subject'],
    ['has a subject twice', subject('ci/commit_lint.json', { sha256: sha256(FILE) }), 'wrong-subject'],
    ['has a truncated digest', subject('x', { sha256: 'a'.repeat(40) }), 'wrong-subject'],
    ['has an upper-case digest', subject('x', { sha256: 'A'.repeat(64) }), 'wrong-subject'],
    ['has a digest of a weak algorithm only', subject('x', { sha1: 'a'.repeat(40) }), 'wrong-subject'],
    ['has a weak digest beside a strong one', subject('x', { sha256: 'a'.repeat(64), md5: 'a'.repeat(32) }), 'wrong-subject'],
    ['has an empty digest', subject('x', {}), 'wrong-subject'],
    ['was made in another repository than it is about', predicate({ origin: origin({ repository: 'evil/shop' }) }), 'wrong-repository'],
    ['was made at another commit than it is about', predicate({ origin: origin({ sha: BASE }) }), 'wrong-commit'],
    [
      'claims an artifact that is no subject',
      predicate({ response: response('x', new Map([['hardening/images.json', FILE]])).response }),
      'wrong-subject',
    ],
    [
      'claims an artifact with other bytes',
      predicate({ response: response('x', new Map([['ci/commit_lint.json', Buffer.from('x')]])).response }),
      'wrong-subject',
    ],
  ]
  test.each(cases)('that %s is not believed', async (_name, value, code) => {
    expect(ask(await raw(value), {})).toBe(code)
  })
})

describe('an expectation', () => {
  test.each<readonly [string, Expectation, string]>([
    ['another kind', { kinds: ['self-test'] }, 'wrong-predicate'],
    ['no kind', { kinds: [] }, 'wrong-predicate'],
    ['another repository id', { repositoryId: 4712 }, 'wrong-repository'],
    ['another repository name', { repository: 'acme/sho' }, 'wrong-repository'],
    ['another commit', { sha: BASE }, 'wrong-commit'],
    ['a part of the commit', { sha: HEAD.slice(0, 39) }, 'wrong-commit'],
    ['a file it does not name', { subjects: [{ name: 'ci/other.json', sha256: sha256(FILE) }] }, 'wrong-subject'],
    ['other bytes', { subjects: [{ name: 'ci/commit_lint.json', sha256: sha256('other') }] }, 'wrong-subject'],
    ['its commit as a file', { subjects: [{ name: 'git+https://github.com/acme/shop', sha256: HEAD }] }, 'wrong-subject'],
  ])('of %s is not met', (_name, expectation, code) => {
    expect(ask(bundle, expectation)).toBe(code)
  })

  test('of a repository id is not met by a statement without origin', async () => {
    expect(ask(await sign(statement('decision', decisionPredicate())), { repositoryId: REPOSITORY_ID })).toBe('wrong-repository')
  })

  test('of a commit is met by a rollout event through its subject or its origin', async () => {
    const event: Statement = statement('rollout-event', rolloutEvent(10))
    const signed = await sign(event)
    expect(ask(signed, { sha: HEAD })).toMatchObject({ kind: 'rollout-event' })
    expect(ask(signed, { sha: 'f'.repeat(40) })).toMatchObject({ kind: 'rollout-event' })
    expect(ask(signed, { sha: BASE })).toBe('wrong-commit')
    expect(ask(await sign(statement('rollout-event', rolloutEvent(10), new Map(), 'f'.repeat(40))), { sha: HEAD })).toMatchObject({
      kind: 'rollout-event',
    })
    expect(ask(await sign(statement('rollout-event', rolloutEvent(10), new Map(), BASE)), {})).toBe('wrong-commit')
  })
})

function pemOf({ publicKey }: { readonly publicKey: KeyObject }): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString()
}
