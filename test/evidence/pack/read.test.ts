import { beforeAll, describe, expect, test } from 'vitest'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { writeLedger } from '../../../evidence/ledger/lines.ts'
import { Manifest } from '../../../evidence/model/manifest.ts'
import type { PackInputs } from '../../../evidence/pack/assemble.ts'
import { checkpointOf } from '../../../evidence/pack/build.ts'
import { documentBytes } from '../../../evidence/pack/documents.ts'
import { verifyPack, type PackAnswer, type PackQuestion } from '../../../evidence/pack/read.ts'
import type { BuiltPack } from '../../../evidence/pack/build.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import { readZip } from '../../../evidence/pack/zip.ts'
import { writeZip } from '../../support/zip.ts'
import { chainOf } from '../ledger/entries.ts'
import { BASE, HEAD, KEYS, STRANGER, TRUST, origin, rolloutEvent, selfTest, sign, statement, verdict } from '../verify/statements.ts'
import { REPORT, goNoGo, goldenInputs, rooted, seal, withFile, RELEASE } from './golden.ts'

const SIGNATURE = 'signatures/manifest.sigstore.json'
let inputs: PackInputs
let pack: BuiltPack
let files: ReadonlyMap<string, Uint8Array>

beforeAll(async () => {
  inputs = await goldenInputs()
  pack = await seal(inputs)
  files = readZip(pack.zip)
})

const ask = (zip: Uint8Array, of: Partial<PackQuestion> = {}): PackAnswer => verifyPack({ zip, trust: TRUST, ...of })
const faults = (answer: PackAnswer): string[] => (answer.ok ? [] : answer.errors.map(({ code, path }) => `${code} ${path}`))
const zipped = (change: (files: Map<string, Uint8Array>) => void): Uint8Array => {
  const copy = new Map(files)
  change(copy)
  return writeZip(copy)
}
const bytesOf = (path: string): Uint8Array => files.get(path) ?? new Uint8Array()
const flip = (bytes: Uint8Array, at: number): Uint8Array => {
  const copy = Uint8Array.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

function seriesIn(of: PackInputs): object {
  return JSON.parse(Buffer.from((of.files.get('slo/prod-10.json') as Uint8Array | undefined) ?? '').toString()) as object
}

describe('a good pack', () => {
  test('verifies from itself and the public key, and says what it holds', () => {
    const answer = ask(pack.zip)
    expect(faults(answer)).toEqual([])
    expect(answer).toMatchObject({
      ok: true,
      report: { sha256: pack.sha256, signer: 'demo', decision: 'go', gates: { policy_ci: 'pass', all_required_gates: 'pass' } },
    })
    const kinds = answer.ok ? answer.report.attestations.map((one) => one.kind) : []
    expect(kinds.toSorted()).toEqual(['agent-response', 'rollout-event', 'rollout-event', 'self-test', 'self-test', 'verdict', 'verdict'])
  })

  test.each(['proven', 'rolled_back'] as const)('of a %s release verifies too', async (outcome) => {
    expect(faults(ask((await seal(await goldenInputs(outcome))).zip))).toEqual([])
  })

  test('meets what the caller knows of the release, and no other', () => {
    const head = { version: 'v2.0.0', repositoryId: 4711, head: HEAD, previous: null }
    expect(faults(ask(pack.zip, { expect: head, require: { gates: ['policy_ci'], topics: ['commits'] } }))).toEqual([])
    for (const wrong of [{ version: 'v2.0.1' }, { repositoryId: 1 }, { head: BASE }, { previous: 'a'.repeat(64) }])
      expect(faults(ask(pack.zip, { expect: { ...head, ...wrong } }))).toEqual(['wrong-release manifest.json'])
    expect(faults(ask(pack.zip, { require: { topics: ['images'] } }))).toEqual(['missing attestations/agent-response-images.sigstore.json'])
    expect(faults(ask(pack.zip, { require: { gates: ['hardening'] } }))).toEqual(['missing verdicts/hardening.json'])
  })
})

describe('trust', () => {
  test('comes from the caller: none, and a stranger, verify nothing', () => {
    expect(faults(ask(pack.zip, { trust: trustOf({}) }))).toContain(`signature ${SIGNATURE}`)
    const answer = faults(ask(pack.zip, { trust: trustOf({ keys: [{ id: 'other', publicKeyPem: STRANGER.publicKeyPem }] }) }))
    expect(answer).toContain(`signature ${SIGNATURE}`)
    expect(answer).toContain('attestation attestations/agent-response-commits.sigstore.json')
  })

  test('in the manifest may be narrowed, so that a key of a job cannot seal, nor state a verdict', () => {
    const other = [{ id: 'app', publicKeyPem: STRANGER.publicKeyPem }]
    const found = faults(ask(pack.zip, { trust: trustOf({ keys: [...TRUST.keys, ...other] }), packTrust: trustOf({ keys: other }) }))
    expect(found.filter((fault) => /^(?:signature|attestation) /.test(fault))).toEqual([
      `signature ${SIGNATURE}`,
      'signature audit/checkpoint.txt',
      'attestation attestations/verdict-all_required_gates.sigstore.json',
      'attestation attestations/verdict-policy_ci.sigstore.json',
    ])
  })

  test('of a job cannot state an approval when the App has its own', async () => {
    const path = 'attestations/approval-prod.sigstore.json'
    const actor = { login: 'pat', id: 1, role: 'maintain' }
    const approval = {
      schema_version: 1,
      comment_node_id: 'IC_1',
      actor,
      command: '/promote',
      plan: 'a'.repeat(32),
      step: 10,
      environment: 'prod',
      at: inputs.sealedAt,
    }
    const job = [{ id: 'job', publicKeyPem: STRANGER.publicKeyPem }]
    const by = async (keys: typeof STRANGER): Promise<string[]> => {
      const { zip } = await seal(withFile(inputs, path, await sign(statement('approval', approval), keys)))
      return faults(ask(zip, { trust: trustOf({ keys: [...TRUST.keys, ...job] }), packTrust: TRUST }))
    }
    expect(await by(KEYS)).toEqual([])
    expect(await by(STRANGER)).toEqual([`attestation ${path}`])
  })
})

describe('tampering', () => {
  test('one flipped byte in any file is found, and the file named', () => {
    for (const [path, bytes] of files)
      for (let at = 0; at < bytes.length; at += Math.max(1, Math.floor(bytes.length / 8))) {
        const found = faults(ask(zipped((copy) => copy.set(path, flip(bytes, at)))))
        expect([path, at, found.some((fault) => fault.endsWith(path === 'manifest.json' ? '.json' : path))]).toEqual([path, at, true])
      }
  })

  test('a flipped byte anywhere in the archive is found', () => {
    for (let at = 0; at < pack.zip.length; at += 97) expect([at, ask(flip(pack.zip, at)).ok]).toEqual([at, false])
  })

  test('a flipped byte inside the archive is reported with its file', () => {
    const at = Buffer.from(pack.zip).indexOf('# v2.0.0')
    expect(faults(ask(flip(pack.zip, at)))).toEqual(['zip-checksum release_notes.md', 'changed release_notes.md'])
  })

  test('every dropped file is found, and named', () => {
    for (const path of files.keys()) {
      const found = faults(ask(zipped((copy) => copy.delete(path))))
      expect([path, found.some((fault) => fault === `missing ${path}`)]).toEqual([path, true])
    }
  })

  test('an added file is found, and named', () => {
    for (const path of ['extra.json', 'attestations/agent-response-images.sigstore.json', 'inputs/x', 'sbom/a.spdx.json'])
      expect(faults(ask(zipped((copy) => copy.set(path, Buffer.from('x')))))).toContain(`unexpected ${path}`)
  })

  test('every renamed file is found under both names', () => {
    for (const [path, bytes] of files) {
      if (path === 'manifest.json' || path === SIGNATURE) continue
      const found = faults(ask(zipped((copy) => copy.delete(path) && copy.set(`${path}x`, bytes))))
      expect(found).toContain(`missing ${path}`)
      expect(found).toContain(`unexpected ${path}x`)
    }
  })

  test('two swapped files are found, and both named', () => {
    const paths = [...files.keys()].filter((path) => path !== 'manifest.json' && path !== SIGNATURE)
    for (const [index, path] of paths.entries()) {
      const other = paths[(index + 1) % paths.length] ?? path
      const found = faults(ask(zipped((copy) => copy.set(path, bytesOf(other)).set(other, bytesOf(path)))))
      expect(found).toContain(`changed ${path}`)
      expect(found).toContain(`changed ${other}`)
    }
  })

  test('bytes around and inside the archive are found', () => {
    const more = Buffer.from('x')
    for (const zip of [
      Buffer.concat([pack.zip, more]),
      Buffer.concat([more, pack.zip]),
      Buffer.concat([pack.zip, pack.zip]),
      pack.zip.subarray(0, -1),
      new Uint8Array(),
    ])
      expect(ask(zip).ok).toBe(false)
  })

  test('a ledger cut at any entry is found by the manifest', () => {
    for (let kept = 0; kept < inputs.ledger.length; kept += 1) {
      const found = faults(ask(zipped((copy) => copy.set('audit/ledger.jsonl', writeLedger(inputs.ledger.slice(0, kept))))))
      expect(found).toContain('ledger audit/ledger.jsonl')
      expect(found).toContain('changed audit/ledger.jsonl')
    }
  })

  test('a ledger that grew after the seal, or of another history, is found', () => {
    for (const other of [chainOf(8, RELEASE), chainOf(7, '2#2')])
      expect(faults(ask(zipped((copy) => copy.set('audit/ledger.jsonl', writeLedger(other)))))).toContain('ledger audit/ledger.jsonl')
  })
})

/** A pack whose manifest and signature agree, by a holder of the key who lies. */
async function lie(change: (manifest: Manifest, copy: Map<string, Uint8Array>) => Manifest): Promise<Uint8Array> {
  const copy = new Map(files)
  const manifest = change(structuredClone(pack.manifest), copy)
  const bytes = Buffer.from(canonicalize(manifest))
  const signed = await sign(statement('checkpoint', checkpointOf(manifest), new Map([['manifest.json', bytes]])))
  return writeZip(new Map([...copy, ['manifest.json', bytes], [SIGNATURE, signed]]))
}

describe('a manifest that lies under a good signature', () => {
  test.each<readonly [string, (manifest: Manifest, copy: Map<string, Uint8Array>) => Manifest, string]>([
    ['about the evidence root', (of) => ({ ...of, evidence_root: 'a'.repeat(64) }), 'evidence-root manifest.json'],
    ['about the ledger root', (of) => ({ ...of, ledger: { ...of.ledger, root: 'a'.repeat(64) } }), 'ledger audit/ledger.jsonl'],
    ['about the tree', (of) => ({ ...of, tree: { ...of.tree, root: 'a'.repeat(64) } }), 'ledger manifest.json'],
    ['about the ledger count', (of) => ({ ...of, ledger: { ...of.ledger, entries: 6 } }), 'ledger audit/ledger.jsonl'],
    ['about the version', (of) => ({ ...of, version: 'v9.9.9' }), 'contract go_no_go.json'],
    ['about the repository', (of) => ({ ...of, repository_id: 1 }), 'attestation attestations/agent-response-commits.sigstore.json'],
    ['about the outcome', (of) => ({ ...of, artifacts: of.artifacts.toReversed() }), 'manifest manifest.json'],
    ['about a size', (of) => ({ ...of, artifacts: of.artifacts.map((entry) => ({ ...entry, size: entry.size + 1 })) }), `changed ${REPORT}`],
    ['about coverage', (of) => ({ ...of, artifacts: of.artifacts.map((entry) => ({ ...entry, covered_by: null })) }), `manifest ${REPORT}`],
    ['by listing a file twice', (of) => ({ ...of, artifacts: of.artifacts.flatMap((entry) => [entry, entry]) }), 'manifest manifest.json'],
  ])('%s is found', async (_name, change, fault) => {
    expect(faults(ask(await lie(change)))).toContain(fault)
  })

  test('about the commit is not even signed for it', async () => {
    const zip = await lie((of) => ({ ...of, commits: { base: BASE, head: BASE } }))
    expect(faults(ask(zip))).toContain(`signature ${SIGNATURE}`)
  })

  test('or a checkpoint that says something else is found', async () => {
    const signed = await sign(
      statement('checkpoint', { ...checkpointOf(pack.manifest), seal: 1 }, new Map([['manifest.json', bytesOf('manifest.json')]])),
    )
    expect(faults(ask(zipped((copy) => copy.set(SIGNATURE, signed))))).toEqual([`signature ${SIGNATURE}`])
  })

  test('or a signature over another statement kind is found', async () => {
    const manifest = new Map([['manifest.json', bytesOf('manifest.json')]])
    expect(faults(ask(zipped((copy) => copy.set(SIGNATURE, bytesOf('attestations/self-test-policy_ci.sigstore.json')))))).toEqual([
      `signature ${SIGNATURE}`,
    ])
    const signed = await sign(statement('self-test', selfTest('policy_ci'), manifest))
    expect(faults(ask(zipped((copy) => copy.set(SIGNATURE, signed))))).toEqual([`signature ${SIGNATURE}`])
  })

  test('or a signature in another byte form is found', () => {
    const loose = Buffer.from(JSON.stringify(JSON.parse(Buffer.from(bytesOf(SIGNATURE)).toString()), null, 1))
    expect(faults(ask(zipped((copy) => copy.set(SIGNATURE, loose))))).toEqual([`signature ${SIGNATURE}`])
  })
})

const check = async (change: PackInputs): Promise<string[]> => faults(ask((await seal(change)).zip))

describe('the contract', () => {
  test.each([
    'release_notes.md',
    'config.yml',
    'go_no_go.json',
    'self_test.json',
    'verdicts/policy_ci.json',
    'slo/prod-10.json',
    'slo/prod-100.json',
  ])('needs %s even when the manifest does not list it', async (path) => {
    expect(await check(withFile(inputs, path, null))).toContain(`missing ${path}`)
  })

  test.each<readonly [string, string, () => Uint8Array, string]>([
    ['a decision of another version', 'go_no_go.json', () => documentBytes(goNoGo({ version: 'v1.0.0' })), 'contract go_no_go.json'],
    ['a decision over no gate', 'go_no_go.json', () => documentBytes(goNoGo({ gates: {} })), 'contract go_no_go.json'],
    ['a promotion without a go', 'go_no_go.json', () => documentBytes(goNoGo({ decision: 'no_go' })), 'contract go_no_go.json'],
    [
      'a go over a gate that does not hold',
      'go_no_go.json',
      () => documentBytes(goNoGo({ gates: { policy_ci: 'indeterminate', all_required_gates: 'pass' } })),
      'contract go_no_go.json',
    ],
    [
      'a waived gate that is no exception',
      'go_no_go.json',
      () => documentBytes(goNoGo({ gates: { policy_ci: 'waived', all_required_gates: 'pass' } })),
      'contract go_no_go.json',
    ],
    ['a decision with an unknown member', 'go_no_go.json', () => documentBytes(goNoGo({ extra: 1 })), 'document go_no_go.json'],
    ['a document in loose JSON', 'go_no_go.json', () => Buffer.from(JSON.stringify(goNoGo(), null, 1)), 'document go_no_go.json'],
    ['an empty config', 'config.yml', () => new Uint8Array(), 'document config.yml'],
    ['a config that is not text', 'config.yml', () => Uint8Array.from([0xff, 0xfe]), 'document config.yml'],
    ['no receipt of a gate', 'self_test.json', () => documentBytes({ schema_version: 1, receipts: [] }), 'contract self_test.json'],
    [
      'a receipt that is not in the pack',
      'self_test.json',
      () => documentBytes({ schema_version: 1, receipts: [{ gate: 'policy_ci', gate_version: 1, cases: 2, statement: 'a'.repeat(64) }] }),
      'contract self_test.json',
    ],
    ['a verdict for another commit', 'verdicts/policy_ci.json', () => documentBytes(verdict({ sha: BASE })), 'contract verdicts/policy_ci.json'],
    ['a verdict of another gate', 'verdicts/policy_ci.json', () => documentBytes(verdict({ gate: 'hardening' })), 'contract verdicts/policy_ci.json'],
    ['a pass that cites nothing', 'verdicts/policy_ci.json', () => documentBytes(verdict()), 'contract verdicts/policy_ci.json'],
    [
      'a pass that cites what is absent',
      'verdicts/policy_ci.json',
      () => documentBytes(verdict({ evidence: [{ path: 'x', sha256: 'a'.repeat(64), sig: null }] })),
      'contract verdicts/policy_ci.json',
    ],
    [
      'a pass that measured nothing',
      'verdicts/policy_ci.json',
      () => documentBytes({ ...verdict(), measured: null }),
      'document verdicts/policy_ci.json',
    ],
    ['a series of another step', 'slo/prod-10.json', () => documentBytes({ ...seriesIn(inputs), step: 50 }), 'contract slo/prod-10.json'],
    ['a series of another version', 'slo/prod-10.json', () => documentBytes({ ...seriesIn(inputs), version: 'v2.0.1' }), 'contract slo/prod-10.json'],
    ['a file nobody knows', 'stray.bin', () => Buffer.from('x'), 'unexpected stray.bin'],
  ])('refuses %s', async (_name, path, make, fault) => {
    expect(await check(withFile(inputs, path, make()))).toContain(fault)
  })

  test('refuses a promotion whose events never say 100 %', async () => {
    const path = 'attestations/rollout-event-prod-100.sigstore.json'
    expect(await check(withFile(inputs, path, null))).toContain('contract manifest.json')
  })

  test.each<readonly [string, string, () => Promise<Uint8Array>]>([
    [
      'of another version',
      'attestations/rollout-event-prod-10.sigstore.json',
      () => sign(statement('rollout-event', rolloutEvent(10, { version: 'v1.9.0' }))),
    ],
    [
      'of another release commit',
      'attestations/rollout-event-prod-10.sigstore.json',
      () => sign(statement('rollout-event', rolloutEvent(10, { sha: BASE }), new Map(), BASE)),
    ],
    [
      'made in another repository',
      'attestations/rollout-event-prod-10.sigstore.json',
      () => sign(statement('rollout-event', rolloutEvent(10, { origin: origin({ repository_id: 1 }) }))),
    ],
    ['by a stranger', 'attestations/rollout-event-prod-10.sigstore.json', () => sign(statement('rollout-event', rolloutEvent(10)), STRANGER)],
    ['that stands twice', 'attestations/rollout-event-prod-10.sigstore.json', () => sign(statement('rollout-event', rolloutEvent(100)))],
  ])('refuses a statement %s', async (_name, path, make) => {
    const found = await check(withFile(inputs, path, await make()))
    expect(found.some((fault) => fault.startsWith('attestation attestations/rollout-event-prod-10'))).toBe(true)
  })

  test('refuses a pass whose receipt shows a failed self-test', async () => {
    const cases = [
      { name: 'a', unit: 'policy_ci', expected: 'red', got: 'green' } as const,
      { name: 'b', unit: 'policy_ci', expected: 'green', got: 'green' } as const,
    ]
    const failed = statement('self-test', selfTest('policy_ci', { cases }))
    const bytes = await sign(failed)
    const receipts = [{ gate: 'policy_ci', gate_version: 1, cases: 2, statement: sha256(Buffer.from(canonicalize(failed))) }]
    const changed = withFile(
      withFile(inputs, 'attestations/self-test-policy_ci.sigstore.json', bytes),
      'self_test.json',
      documentBytes({ schema_version: 1, receipts }),
    )
    await expect(seal(changed)).rejects.toMatchObject({ code: 'evidence-root' })
    expect(await check(rooted(changed))).toContain('contract self_test.json')
  })

  test('refuses a response whose report was replaced before the seal', async () => {
    expect(await check(withFile(inputs, REPORT, Buffer.from('{"commits":4}')))).toContain(
      'attestation attestations/agent-response-commits.sigstore.json',
    )
  })
})

test('hostile noise is answered, never thrown at', () => {
  const noise = [Buffer.alloc(22), Buffer.from('PK\x05\x06'), Buffer.alloc(100_000, 'PK\x01\x02'), Buffer.from('{}')]
  for (const zip of noise) expect(ask(zip).ok).toBe(false)
  for (const manifest of ['', '{}', '[]', '{"artifacts":[]}', '['.repeat(1000)]) {
    const zip = writeZip(new Map([['manifest.json', Buffer.from(manifest)]]))
    expect(faults(ask(zip))).toEqual(['manifest manifest.json'])
  }
  expect(faults(ask(writeZip(new Map())))).toEqual(['missing manifest.json'])
})
