/** A small hand-over, complete and healthy, for tests that spoil one thing in it. */
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { HANDOVER_FILE, type Handover } from '../../../evidence/model/handover.ts'
import type { RunFacts } from '../../../actions/lib/run-facts.ts'

const AT = '2026-11-22T18:30:00.000Z'
const SHA = '1'.repeat(40)
export const REPORT = Buffer.from('{"commits":3}')
export const INPUT = Buffer.from('{"kind":"commits"}')
export const INPUT_PATH = `inputs/${sha256(INPUT)}`

export const FACTS: RunFacts = {
  apiUrl: 'http://127.0.0.1:1',
  repository: 'acme/shop',
  repositoryId: 4242,
  sha: SHA,
  ref: 'refs/heads/release/v2.0.0',
  event: 'workflow_dispatch',
  workflow: 'acme/shop/.github/workflows/release-conductor.yml@refs/heads/release/v2.0.0',
  runId: 77,
  runAttempt: 1,
  workspace: '/nowhere',
  runnerEnvironment: 'github-hosted',
}

export const CLAIMS = {
  repository: 'acme/shop',
  repository_id: '4242',
  sha: SHA,
  ref: FACTS.ref,
  run_id: '77',
  run_attempt: '1',
  event_name: 'workflow_dispatch',
  job_workflow_ref: `release-conductor/release-conductor/.github/workflows/conduct.yml@${'a'.repeat(40)}`,
  job_workflow_sha: 'a'.repeat(40),
  runner_environment: 'github-hosted',
}

/** Claims -> a token of three parts; nobody here checks its signature. */
export function tokenOf(claims: Readonly<Record<string, unknown>>): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`
}

export function handover(): Handover {
  const files = [
    { path: 'ci/commit_lint.json', sha256: sha256(REPORT), size: REPORT.length },
    { path: INPUT_PATH, sha256: sha256(INPUT), size: INPUT.length },
  ]
  return {
    schema_version: 1,
    phase: 'P0',
    responses: [
      {
        schema_version: 1,
        topic: 'commits',
        agent: { id: 'A12', name: 'lint-marshal', version: 1 },
        response: {
          phase: 'P0',
          agent: 'A12',
          result: 'ok',
          artifacts: [{ path: 'ci/commit_lint.json', sha256: sha256(REPORT), sig: null, type: 'report' }],
          links: { prs: [], runs: [], dashboards: [], releases: [] },
          verdicts: [
            {
              gate: 'policy_ci',
              env: 'all',
              sha: SHA,
              verdict: 'pass',
              metrics: { errors: 0 },
              thresholds: { errors: '=0' },
              measured: { n: 3, window: 'a..b', source: 'git', query: 'log', data_digest: sha256(INPUT) },
              evidence: [],
              reasons: [],
              agent: 'A12',
              trace_id: '2'.repeat(32),
              at: AT,
            },
          ],
          notes: 'Three commits.',
          next: 'Nothing.',
          trace_id: '2'.repeat(32),
        },
        findings: [{ rule: 'commit.subject', severity: 'warning', path: 'a.ts', line: 3, message: 'The subject is long.', next: 'Shorten it.' }],
        inputs: [{ kind: 'commits', sha256: sha256(INPUT) }],
        made_at: AT,
      },
    ],
    self_tests: [
      {
        schema_version: 1,
        gate: 'policy_ci',
        gate_version: 1,
        cases: [
          { name: 'bad', unit: 'policy_ci', expected: 'red', got: 'red' },
          { name: 'good', unit: 'policy_ci', expected: 'green', got: 'green' },
        ],
        made_at: AT,
      },
    ],
    deployments: [],
    files,
  }
}

/** The hand-over as a folder; `changes` overwrite files, null removes one. */
export function folder(of: unknown = handover(), changes: Readonly<Record<string, Uint8Array | null>> = {}): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>([
    [HANDOVER_FILE, Buffer.from(canonicalize(of))],
    ['ci/commit_lint.json', REPORT],
    [INPUT_PATH, INPUT],
  ])
  for (const [path, bytes] of Object.entries(changes)) {
    if (bytes === null) files.delete(path)
    else files.set(path, bytes)
  }
  return files
}
