/** Builders of statements, responses and keys for the tests of evidence. */
import { sha256 } from '../../../evidence/core/digest.ts'
import type {
  AgentResponsePredicate,
  DecisionPredicate,
  Origin,
  RolloutEventPredicate,
  SelfTestPredicate,
  Statement,
  VerdictPredicate,
} from '../../../evidence/model/statement.ts'
import type { Verdict } from '../../../evidence/model/verdict.ts'
import { generateKeyPair, localKeySigner, type KeyPair } from '../../../evidence/sign/local-key.ts'
import { bundleBytes, statementBytes, statementOf } from '../../../evidence/sign/statement.ts'
import type { EvidenceKind } from '../../../evidence/model/kinds.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import type { Trust } from '../../../evidence/verify/verifier.ts'

export const HEAD = 'a'.repeat(40)
export const BASE = 'b'.repeat(40)
export const REPOSITORY = 'acme/shop'
export const REPOSITORY_ID = 4711
export const AT = '2026-11-22T18:30:00.000Z'
export const TRACE = '0'.repeat(31) + '1'

export const KEYS: KeyPair = generateKeyPair()
export const STRANGER: KeyPair = generateKeyPair()
export const TRUST: Trust = trustOf({ keys: [{ id: 'demo', publicKeyPem: KEYS.publicKeyPem }] })

export function origin(of: Partial<Origin> = {}): Origin {
  return {
    repository: REPOSITORY,
    repository_id: REPOSITORY_ID,
    sha: HEAD,
    ref: 'refs/heads/release/v2.0.0',
    event: 'workflow_dispatch',
    workflow: 'acme/shop/.github/workflows/release-conductor.yml@refs/heads/release/v2.0.0',
    signer_workflow: 'release-conductor/release-conductor/.github/workflows/conduct.yml@refs/tags/v1',
    signer_digest: 'c'.repeat(40),
    run_id: 12,
    run_attempt: 1,
    runner_environment: 'github-hosted',
    ...of,
  }
}

export function verdict(of: Partial<Verdict> = {}): Verdict {
  return {
    gate: 'policy_ci',
    env: 'all',
    sha: HEAD,
    verdict: 'pass',
    metrics: { findings: 0 },
    thresholds: { findings: '=0' },
    measured: { n: 3, window: `${BASE}..${HEAD}`, source: 'git', query: 'git log', data_digest: sha256('commits') },
    evidence: [],
    reasons: [],
    agent: 'policy_ci',
    trace_id: TRACE,
    at: AT,
    ...of,
  }
}

export function verdictPredicate(of: Verdict = verdict()): VerdictPredicate {
  const context = {
    gate_version: 1,
    base: 'main',
    policy_digest: sha256('version: 1\n'),
    policy_commit: BASE,
    unreadable: null,
    not_applicable: null,
    absent_topics: [],
    own_topics: [],
    inputs: [{ kind: 'commits', sha256: sha256('commits') }],
    rejections: 0,
    deadline: Date.parse(AT) + 60_000,
  }
  return { schema_version: 1, verdict: of, context }
}

export function decisionPredicate(of: Partial<DecisionPredicate> = {}): DecisionPredicate {
  return {
    schema_version: 1,
    decision: 'go',
    version: 'v2.0.0',
    base: 'main',
    environment: 'prod',
    step: 10,
    gates: { policy_ci: { outcome: 'pass', verdict: 'a'.repeat(64) } },
    policy_digest: 'a'.repeat(64),
    evidence_root: 'a'.repeat(64),
    schema_range: null,
    deployed: {},
    plan: 'a'.repeat(32),
    reasons: [],
    at: AT,
    ...of,
  }
}

export function response(topic: string, files: ReadonlyMap<string, Uint8Array>, of: Partial<AgentResponsePredicate> = {}): AgentResponsePredicate {
  return {
    schema_version: 1,
    topic,
    agent: { id: 'A52', name: 'lint-marshal', version: 1 },
    response: {
      phase: 'P0',
      agent: 'A52',
      result: 'ok',
      artifacts: [...files].map(([path, bytes]) => ({ path, sha256: sha256(bytes), sig: null, type: 'report' as const })),
      links: { prs: [], runs: [], dashboards: [], releases: [] },
      verdicts: [],
      notes: '',
      next: '',
      trace_id: TRACE,
    },
    findings: [],
    inputs: [{ kind: 'commits', sha256: sha256('commits') }],
    origin: origin(),
    made_at: AT,
    ...of,
  }
}

export function selfTest(gate: SelfTestPredicate['gate'], of: Partial<SelfTestPredicate> = {}): SelfTestPredicate {
  const cases = (['red', 'green'] as const).map((colour) => ({ name: colour, unit: gate, expected: colour, got: colour }))
  return { schema_version: 1, gate, gate_version: 1, cases, origin: origin(), made_at: AT, ...of }
}

export function rolloutEvent(step: number, of: Partial<RolloutEventPredicate> = {}): RolloutEventPredicate {
  return {
    schema_version: 1,
    event: 'deployed',
    environment: 'prod',
    step,
    plan: 'd'.repeat(32),
    version: 'v2.0.0',
    sha: HEAD,
    digests: { shop: `sha256:${'e'.repeat(64)}` },
    origin: origin({ sha: 'f'.repeat(40), ref: 'refs/heads/main' }),
    made_at: AT,
    ...of,
  }
}

export function statement(kind: EvidenceKind, predicate: object, files: ReadonlyMap<string, Uint8Array> = new Map(), commit = HEAD): Statement {
  const subjects = [...files].map(([path, bytes]) => ({ path, sha256: sha256(bytes) }))
  return statementOf(kind, { ...predicate }, { repository: REPOSITORY, commit, files: subjects })
}

/** Signs what `statementBytes` would refuse, too, when `bytes` are given. */
export async function sign(of: Statement | Uint8Array, keys: KeyPair = KEYS): Promise<Uint8Array> {
  const bytes = of instanceof Uint8Array ? of : statementBytes(of)
  return bundleBytes(await localKeySigner({ id: 'demo', privateKeyPem: keys.privateKeyPem }).sign(bytes))
}
