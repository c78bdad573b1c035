/**
 * Which entries a release pack must have, and what they must say to each other. The pack itself names its gates (`go_no_go.json`) and its steps (the
 * signed rollout events), so a stranger needs no config to check it; a caller who knows more can ask for more.
 */
import type { Drawn } from '../chart/drawings.ts'
import { digestOf } from '../core/digest.ts'
import type { Manifest } from '../model/manifest.ts'
import { covers, GLASS, HOTFIX } from '../model/predicate/waiver.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Verified } from '../verify/verifier.ts'
import type { GoNoGo, RolloutSeries, SelfTests } from './documents.ts'
import { PackError } from './error.ts'
import {
  attestationPath,
  CHECKPOINT,
  CONFIG,
  CONSISTENCY,
  GO_NO_GO,
  HIGHLIGHTS,
  LEDGER,
  RELEASE_NOTES,
  SELF_TEST,
  seriesPath,
  verdictPath,
} from './layout.ts'

/** What a caller knows beyond the pack: gates and topics this release had to have. */
export interface Requirement {
  readonly gates?: readonly string[]
  readonly topics?: readonly string[]
}

/** A pack whose entries were read; null for what is absent or does not fit its schema, which was reported already. */
export interface Contents {
  readonly manifest: Manifest
  /** Those whose content is read. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** SHA-256 of every file. */
  readonly hashes: ReadonlyMap<string, string>
  readonly statements: readonly Verified[]
  readonly goNoGo: GoNoGo | null
  readonly selfTests: SelfTests | null
  readonly verdicts: ReadonlyMap<string, Verdict>
  readonly series: ReadonlyMap<string, RolloutSeries>
  /** By the file that each is drawn from. */
  readonly drawings: ReadonlyMap<string, Drawn>
}

const HOLDS = new Set(['pass', 'waived', 'not_applicable'])

/** Paths that must be there. @param steps environment and percent of each step that served traffic */
export function requiredPaths(of: {
  readonly outcome: Manifest['outcome']
  readonly gates: readonly string[]
  readonly steps: readonly { readonly environment: string; readonly step: number }[]
}): readonly string[] {
  const always = [RELEASE_NOTES, CONFIG, GO_NO_GO, SELF_TEST, LEDGER, CHECKPOINT, CONSISTENCY, HIGHLIGHTS, ...of.gates.map(verdictPath)]
  return of.outcome === 'proven' ? always : [...always, ...of.steps.map(({ environment, step }) => seriesPath(environment, step))]
}

/** Every breach of the contract. */
export function checkContract(pack: Contents, requirement: Requirement = {}): readonly PackError[] {
  return [...absent(pack, requirement), ...decision(pack), ...gates(pack), ...stated(pack), ...rollout(pack)]
}

function* absent(pack: Contents, requirement: Requirement): Iterable<PackError> {
  const required = [...new Set([...Object.keys(pack.goNoGo?.gates ?? {}), ...(requirement.gates ?? [])])]
  for (const path of requiredPaths({ outcome: pack.manifest.outcome, gates: required, steps: steps(pack) }))
    if (!pack.hashes.has(path)) yield new PackError('missing', path, `${path} must be in a pack of a ${pack.manifest.outcome} release`)
  const topics = new Set(pack.statements.flatMap((statement) => (statement.kind === 'agent-response' ? statement.predicate.topic : [])))
  for (const topic of requirement.topics ?? [])
    if (!topics.has(topic))
      yield new PackError('missing', `attestations/agent-response-${topic}.sigstore.json`, `no believed response on the topic ${topic}`)
}

function* decision({ goNoGo, manifest }: Contents): Iterable<PackError> {
  if (goNoGo === null) return
  if (goNoGo.version !== manifest.version) yield breach(GO_NO_GO, `it speaks of ${goNoGo.version}, the manifest of ${manifest.version}`)
  if (Object.keys(goNoGo.gates).length === 0) yield breach(GO_NO_GO, 'it names no gate, so nothing was proven')
  if (goNoGo.decision === 'no_go' && manifest.outcome !== 'rolled_back')
    yield breach(GO_NO_GO, `the decision is no_go, the outcome is ${manifest.outcome}`)
  // A broken glass lets every gate stand, and the waiver it rests on must be here.
  const isBroken = goNoGo.gates[GLASS] === 'waived'
  for (const [gate, outcome] of Object.entries(goNoGo.gates)) {
    if (goNoGo.decision === 'go' && !HOLDS.has(outcome) && !isBroken) yield breach(GO_NO_GO, `the decision is go although ${gate} is ${outcome}`)
    if (outcome === 'waived' && !goNoGo.exceptions.some((one) => isFor(one, gate)))
      yield breach(GO_NO_GO, `${gate} is waived, and the exceptions do not say so`)
  }
}

/** Of that gate, or of the hotfix and covering it. */
function isFor(exception: GoNoGo['exceptions'][number], gate: string): boolean {
  const covered = exception['gate'] === HOTFIX ? exception['covers'] : [exception['gate']]
  return Array.isArray(covered) && covered.includes(gate)
}

function* gates(pack: Contents): Iterable<PackError> {
  const cited = citable(pack)
  for (const [path, verdict] of pack.verdicts) {
    if (path !== verdictPath(verdict.gate)) yield breach(path, `it holds the verdict of ${verdict.gate}`)
    if (verdict.sha !== pack.manifest.commits.head)
      yield breach(path, `the verdict speaks for commit ${verdict.sha}, the release is ${pack.manifest.commits.head}`)
    const said = pack.goNoGo?.gates[verdict.gate]
    if (said !== undefined && said !== verdict.verdict) yield breach(path, `the verdict is ${verdict.verdict}, ${GO_NO_GO} says ${said}`)
    if (verdict.verdict === 'pass' && verdict.evidence.length === 0) yield breach(path, 'the pass cites no evidence')
    if (verdict.verdict === 'waived' && !isWaived(pack, verdict)) yield breach(path, 'it is waived, and cites no believed waiver of it')
    for (const ref of verdict.evidence)
      if (!cited.has(ref.sha256)) yield breach(path, `it cites ${ref.path} (${ref.sha256}), which is not in the pack`)
    if (verdict.verdict === 'pass' && pack.selfTests !== null) yield* receipt(pack, pack.selfTests, verdict)
  }
}

/** Does a statement of two people stand behind it, in the pack? */
function isWaived({ statements }: Contents, { gate, sha, evidence }: Verdict): boolean {
  return statements.some(
    ({ kind, predicate, digest }) =>
      kind === 'waiver' && covers(predicate, gate) && predicate.sha === sha && evidence.some((ref) => ref.sha256 === digest),
  )
}

/** Each verdict is signed once, together with what it was decided from. */
function* stated({ verdicts, statements }: Contents): Iterable<PackError> {
  const signed = statements.flatMap((one) => (one.kind === 'verdict' ? [{ verdict: one.predicate.verdict, files: one.files }] : []))
  for (const [path, verdict] of verdicts) {
    const own = signed.filter((one) => one.verdict.gate === verdict.gate)
    const [first] = own
    if (first === undefined)
      yield new PackError(
        'missing',
        attestationPath('verdict', verdict.gate),
        `no believed statement says what the verdict of ${verdict.gate} rests on`,
      )
    else if (own.length > 1) yield breach(path, `there are ${own.length} signed verdicts of ${verdict.gate}`)
    else if (digestOf(first.verdict) !== digestOf(verdict)) yield breach(path, 'the signed verdict says something else')
    else if (!first.files.some((file) => file.path === path)) yield breach(path, 'the signed verdict does not name this file')
  }
  for (const { verdict } of signed)
    if (!verdicts.has(verdictPath(verdict.gate)))
      yield breach(attestationPath('verdict', verdict.gate), `the verdict of ${verdict.gate} is not in the pack`)
}

/** The receipts that show that this gate can fail: listed, in the pack, on this gate, and one of them without a surprise. */
function* receipt(pack: Contents, selfTests: SelfTests, verdict: Verdict): Iterable<PackError> {
  const { gate } = verdict
  let shown = false
  for (const listed of selfTests.receipts.filter((receipt) => receipt.gate === gate)) {
    const statement = pack.statements.find((statement) => statement.digest === listed.statement)
    if (statement?.kind !== 'self-test' || statement.predicate.gate !== gate) yield breach(SELF_TEST, `a receipt of ${gate} is not in the pack`)
    else if (statement.predicate.gate_version !== listed.gate_version || statement.predicate.cases.length !== listed.cases)
      yield breach(SELF_TEST, `a receipt of ${gate} says something else than its statement`)
    else shown ||= statement.predicate.cases.every((planted) => planted.expected === planted.got)
  }
  if (!shown) yield breach(SELF_TEST, `${gate} passed, but no receipt shows that it can fail`)
}

function* rollout(pack: Contents): Iterable<PackError> {
  const { outcome, version } = pack.manifest
  const reached = steps(pack)
  if (outcome === 'promoted' && !reached.some(({ step }) => step === 100))
    yield breach('manifest.json', 'the outcome is promoted, but no signed rollout event says that 100 % was deployed')
  for (const [path, series] of pack.series) {
    if (series.version !== version) yield breach(path, `the series speaks of ${series.version}, the manifest of ${version}`)
    if (path !== seriesPath(series.environment, series.step)) yield breach(path, `the series is of step ${series.step} in ${series.environment}`)
  }
}

function steps(pack: Contents): readonly { readonly environment: string; readonly step: number }[] {
  const found = new Map<string, { environment: string; step: number }>()
  for (const { kind, predicate } of pack.statements)
    if (kind === 'rollout-event' && predicate.event === 'deployed' && predicate.step > 0)
      found.set(seriesPath(predicate.environment, predicate.step), { environment: predicate.environment, step: predicate.step })
  return [...found.values()]
}

/** Everything a verdict may cite: statements, files, and other verdicts. */
function citable(pack: Contents): ReadonlySet<string> {
  return new Set([
    ...pack.statements.map((statement) => statement.digest),
    ...pack.hashes.values(),
    ...[...pack.verdicts.values()].map((verdict) => digestOf(verdict)),
  ])
}

function breach(path: string, message: string): PackError {
  return new PackError('contract', path, message)
}
