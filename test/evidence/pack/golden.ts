/** A whole small pack, made in the test: what the tamper matrix breaks. */
import { digestOf, sha256 } from '../../../evidence/core/digest.ts'
import type { PackInputs } from '../../../evidence/pack/assemble.ts'
import { buildPack, type BuiltPack } from '../../../evidence/pack/build.ts'
import { documentBytes } from '../../../evidence/pack/documents.ts'
import { evidenceRoot } from '../../../evidence/pack/evidence-root.ts'
import { attestationPath, inputPath, seriesPath, verdictPath } from '../../../evidence/pack/layout.ts'
import { localKeySigner } from '../../../evidence/sign/local-key.ts'
import { statementBytes } from '../../../evidence/sign/statement.ts'
import { payloadOf } from '../../../evidence/verify/bundle.ts'
import { readClaim } from '../../../evidence/verify/claim.ts'
import { EvidenceError } from '../../../evidence/verify/error.ts'
import { isBundlePath } from '../../../evidence/verify/signed-pack.ts'
import type { Statement } from '../../../evidence/model/statement.ts'
import { checkpointAt, notary, signedPosition, treeOf } from '../../../evidence/ledger/checkpoint.ts'
import { chainOf } from '../ledger/entries.ts'
import {
  BASE,
  HEAD,
  KEYS,
  REPOSITORY,
  REPOSITORY_ID,
  response,
  rolloutEvent,
  selfTest,
  sign,
  statement,
  verdict,
  verdictPredicate,
} from '../verify/statements.ts'

export const REPORT = 'ci/commit_lint.json'
/** The release that the golden pack is of. */
export const RELEASE = `${REPOSITORY_ID}#12`
const report = Buffer.from('{"commits":3}')

interface Signed {
  readonly path: string
  readonly bytes: Uint8Array
  readonly digest: string
  readonly kind: 'agent-response' | 'self-test' | 'rollout-event' | 'verdict'
}

async function signed(kind: Signed['kind'], path: string, of: Statement): Promise<Signed> {
  return { kind, path, bytes: await sign(of), digest: sha256(statementBytes(of)) }
}

/** Everything `buildPack` takes but the signer. */
export async function goldenInputs(outcome: PackInputs['outcome'] = 'promoted'): Promise<PackInputs> {
  const reports = new Map([[REPORT, report]])
  const commits = await signed(
    'agent-response',
    attestationPath('agent-response', 'commits'),
    statement('agent-response', response('commits', reports), reports),
  )
  const receipts = await Promise.all(
    (['policy_ci', 'all_required_gates'] as const).map((gate) =>
      signed('self-test', attestationPath('self-test', gate), statement('self-test', selfTest(gate))),
    ),
  )
  const steps = outcome === 'proven' ? [] : [10, 100]
  const events = await Promise.all(
    steps.map((step) => signed('rollout-event', attestationPath('rollout-event', 'prod', step), statement('rollout-event', rolloutEvent(step)))),
  )
  const lint = verdict({ evidence: [{ path: commits.path, sha256: commits.digest, sig: null }] })
  const all = verdict({ gate: 'all_required_gates', evidence: [{ path: verdictPath('policy_ci'), sha256: digestOf(lint), sig: null }] })
  const decided = await Promise.all(
    [lint, all].map((one) => {
      const file = new Map([[verdictPath(one.gate), documentBytes(one)]])
      return signed('verdict', attestationPath('verdict', one.gate), statement('verdict', verdictPredicate(one), file))
    }),
  )
  const statements = [commits, ...receipts, ...events, ...decided]
  const files = new Map<string, Uint8Array>([
    [REPORT, report],
    [inputPath(sha256('commits')), Buffer.from('commits')],
    ...statements.map(({ path, bytes }) => [path, bytes] as const),
    [verdictPath('policy_ci'), documentBytes(lint)],
    [verdictPath('all_required_gates'), documentBytes(all)],
    ['config.yml', Buffer.from('version: 1\n')],
    ['release_notes.md', Buffer.from('# v2.0.0\n\nFaster.\n')],
    ['go_no_go.json', documentBytes(goNoGo())],
    [
      'self_test.json',
      documentBytes({
        schema_version: 1,
        receipts: receipts.map((receipt, index) => ({
          gate: ['policy_ci', 'all_required_gates'][index],
          gate_version: 1,
          cases: 2,
          statement: receipt.digest,
        })),
      }),
    ],
    ...steps.map(
      (step) =>
        [
          seriesPath('prod', step),
          documentBytes({
            schema_version: 1,
            version: 'v2.0.0',
            environment: 'prod',
            step,
            guard: { limit: 0.01, false_alarm: 0.01, miss: 0.05, certify: 2, minimum: 1.25 },
            sample_ms: 1000,
            moved: [{ step, at: 1 }],
            judged: null,
            samples: [{ at: 1, canary: { requests: 10, errors: 0 }, stable: null, note: 'no answer' }],
          }),
        ] as const,
    ),
  ])
  return {
    version: 'v2.0.0',
    seal: outcome === 'proven' ? 1 : 2,
    repository: REPOSITORY,
    repositoryId: REPOSITORY_ID,
    commits: { base: BASE, head: HEAD },
    outcome,
    files,
    ...historyOf(chainOf(7, RELEASE)),
    evidenceRoot: evidenceRoot(statements),
    previous: null,
    sealedAt: '2026-11-22T19:00:00.000Z',
  }
}

/** The ledger's part of the inputs, signed with the trusted key. @param kept how many entries a check run has kept before */
export function historyOf(ledger: PackInputs['ledger'], kept = 3): Pick<PackInputs, 'ledger' | 'checkpoint' | 'anchors'> {
  const { size, root } = checkpointAt('', treeOf(ledger), kept)
  return { ledger, checkpoint: signedPosition(ledger, notary(KEYS.privateKeyPem)), anchors: [{ kept_in: 'check-run', id: '5', size, root }] }
}

export function goNoGo(of: object = {}): object {
  const gates = { policy_ci: 'pass', all_required_gates: 'pass' }
  return {
    version: 'v2.0.0',
    gates,
    headroom: {},
    exceptions: [],
    risk_open: [],
    drill_recent: null,
    evidence_signed: true,
    decision: 'go',
    reasons: [],
    ...of,
  }
}

/** Seals with the trusted key. */
export async function seal(inputs: PackInputs): Promise<BuiltPack> {
  return buildPack({ ...inputs, signer: localKeySigner({ id: 'demo', privateKeyPem: KEYS.privateKeyPem }) })
}

/** The inputs with one file changed; null drops it. */
export function withFile(inputs: PackInputs, path: string, bytes: Uint8Array | null): PackInputs {
  const files = new Map(inputs.files)
  if (bytes === null) files.delete(path)
  else files.set(path, bytes)
  return { ...inputs, files }
}

/** The inputs with the evidence root that their attestations really have. */
export function rooted(inputs: PackInputs): PackInputs {
  const claims = [...inputs.files].flatMap(([path, bytes]) => {
    if (!isBundlePath(path)) return []
    const payload = payloadOf(bytes)
    const claim = payload instanceof EvidenceError ? payload : readClaim(payload)
    if (claim instanceof EvidenceError) throw claim
    return claim
  })
  return { ...inputs, evidenceRoot: evidenceRoot(claims) }
}
