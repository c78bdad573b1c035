/**
 * Every path of a pack (SPEC part 7), in one place. Beside these a pack holds what agents write at their roster paths; such a file belongs only when a
 * believed statement covers it.
 */
import type { EvidenceKind } from '../model/kinds.ts'

export const MANIFEST = 'manifest.json'
export const MANIFEST_SIGNATURE = 'signatures/manifest.sigstore.json'
export const LEDGER = 'audit/ledger.jsonl'
export const CHECKPOINT = 'audit/checkpoint.txt'
export const CONSISTENCY = 'audit/consistency.json'
export const HIGHLIGHTS = 'audit/highlights.jsonl'
export const CONFIG = 'config.yml'
export const TRUSTED_ROOT = 'trusted_root.json'
export const GO_NO_GO = 'go_no_go.json'
export const SELF_TEST = 'self_test.json'
export const RELEASE_NOTES = 'release_notes.md'
export const APPROVALS_MATRIX = 'approvals_matrix.json'
export const RISK_REGISTER = 'risk_register.json'
/** What an agent measured of capacity, and the picture of it. */
export const CAPACITY = 'perf/headroom.json'
export const CAPACITY_CHART = 'perf/capacity.png'
/** Headroom and cost of the last releases, and the picture of them. */
export const TREND = 'perf/trend.json'
export const TREND_CHART = 'perf/trend.png'
export const PERF = ['perf/baseline.json', 'perf/spike.json', CAPACITY, CAPACITY_CHART, TREND, TREND_CHART] as const
export const MIGRATIONS = ['migrations/plan.json', 'migrations/shadow_parity.json', 'migrations/rollback.json'] as const
export const IDENTITY = ['identity/scim.json', 'identity/stepup.json', 'identity/decision_logs.json'] as const
export const DISASTER_RECOVERY = ['dr/failover.json', 'dr/cutback.json'] as const
export const ALERT_HYGIENE = 'alerts/hygiene.json'

/** `artifacts/release/v2.0.0/evidence.zip` */
export function packPath(version: string): string {
  return `artifacts/release/${version}/evidence.zip`
}

/** `signatures/seal-1.sigstore.json`: in the pack after it, the signature of this pack's manifest with its entry in the transparency log. */
export function loggedSealPath(seal: number): string {
  return `signatures/seal-${seal}.sigstore.json`
}

/** `attestations/agent-response-images.sigstore.json`. @param topic topic, gate or environment; with more parts (a step, an attempt) where several exist */
export function attestationPath(kind: EvidenceKind, topic: string, ...parts: readonly (string | number)[]): string {
  return `attestations/${[kind, topic, ...parts].join('-')}.sigstore.json`
}

/** `verdicts/policy_ci.json` */
export function verdictPath(gate: string): string {
  return `verdicts/${gate}.json`
}

/** `inputs/<sha256>`: what an agent collected, by its digest, for replay. */
export function inputPath(sha256: string): string {
  return `inputs/${sha256}`
}

/** `slo/prod-10.json`: the series a step was judged by. @param step percent */
export function seriesPath(environment: string, step: number): string {
  return `slo/${environment}-${step}.json`
}

/** `slo/prod-10.png`: the picture of {@link seriesPath}. */
export function chartPath(environment: string, step: number): string {
  return `slo/${environment}-${step}.png`
}

/** `slo/availability.objective.json`: what an agent measured of one objective. */
export const OBJECTIVE = /^slo\/[^/]+\.objective\.json$/

/** `slo/availability.objective.png`: the picture of it. @param path one that {@link OBJECTIVE} is */
export function objectiveChartPath(path: string): string {
  return path.replace(/json$/, 'png')
}

export function sbomPath(name: string, format: 'spdx' | 'cdx'): string {
  return `sbom/${name}.${format}.json`
}

export function probePath(name: string): string {
  return `probes/${name}.json`
}

/** `policy/<sha256>.tar.gz`: the OPA bundle that let people's commands through, for `opa eval --bundle`. */
export function policyPath(sha256: string): string {
  return `policy/${sha256}.tar.gz`
}

/** Folders whose files are read by who verifies, whatever their size. */
const READ = /^(?:attestations|signatures|audit|verdicts|slo|perf|inputs|policy|sbom)\/|^[^/]+$/
const SMALL = 64 * 1024

/** Does a check read what the file says, or only its digest? Reports and pictures may be large, and none does. */
export function isRead(path: string, size: number): boolean {
  return size <= SMALL || READ.test(path)
}

const FIXED: ReadonlySet<string> = new Set([
  MANIFEST,
  MANIFEST_SIGNATURE,
  LEDGER,
  CHECKPOINT,
  CONSISTENCY,
  HIGHLIGHTS,
  CONFIG,
  TRUSTED_ROOT,
  GO_NO_GO,
  SELF_TEST,
  RELEASE_NOTES,
  APPROVALS_MATRIX,
  RISK_REGISTER,
  ALERT_HYGIENE,
  ...PERF,
  ...MIGRATIONS,
  ...IDENTITY,
  ...DISASTER_RECOVERY,
])

const OPEN: readonly RegExp[] = [
  /^attestations\/[A-Za-z0-9._-]+\.(?:sigstore\.json|intoto\.jsonl)$/,
  /^signatures\/[A-Za-z0-9._-]+\.(?:sig|sigstore\.json)$/,
  /^sbom\/[A-Za-z0-9._-]+\.(?:spdx|cdx)\.json$/,
  /^slo\/[A-Za-z0-9._-]+\.(?:png|json)$/,
  /^probes\/[A-Za-z0-9._-]+\.json$/,
  /^chaos\/[A-Za-z0-9._/-]+$/,
  /^policy\/[A-Za-z0-9._/-]+$/,
  /^verdicts\/[a-z_]+\.json$/,
  /^inputs\/[0-9a-f]{64}$/,
]

/** Does SPEC 7 itself name this path? */
export function isLayoutPath(path: string): boolean {
  return FIXED.has(path) || OPEN.some((pattern) => pattern.test(path))
}
