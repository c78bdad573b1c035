/**
 * One agent's answer, made of inputs that were already collected (Agent RPC v2). Pure: no clock, disk or network, so a response can be made again from
 * recorded inputs. A throw is the result `fail`, a missing input `blocked`; neither touches another agent.
 */
import { ActionPlan } from '../evidence/model/action-plan.ts'
import { canonicalize } from '../evidence/core/canonical.ts'
import { digestOf, sha256 } from '../evidence/core/digest.ts'
import { timestamp } from '../evidence/model/primitives.ts'
import type { Phase } from '../evidence/model/phases.ts'
import { ReasonCode } from '../evidence/model/reasons.ts'
import type { AgentResponse, Artifact } from '../evidence/model/response.ts'
import { AgentResponsePredicate } from '../evidence/model/statement.ts'
import { pass } from '../evidence/model/verdict.ts'
import type { Measured, Reason, Verdict } from '../evidence/model/verdict.ts'
import type { Measurement, Report } from './agent.ts'
import type { Blocked, Collected } from './collect/collector.ts'
import { inputDigest, RecordedInput } from './collect/inputs.ts'
import type { Inputs, InputKind } from './collect/inputs.ts'
import { sees } from './index.ts'
import type { ListedAgent } from './index.ts'

export interface RespondContext {
  readonly phase: Phase
  readonly sha: string
  readonly traceId: string
  /** Epoch milliseconds. */
  readonly now: number
  /** Settings by gate id, as in `config.gates`; an agent reads those of the gates it feeds. */
  readonly policy: Readonly<Record<string, unknown>>
}

export type CollectedInputs = { readonly [Kind in InputKind]?: Collected<Kind> }

/** A file of the handover, before it is written. */
export interface HandoverFile {
  readonly path: string
  readonly bytes: string
}

export type ResponseWithoutOrigin = Omit<AgentResponsePredicate, 'origin'>

const Predicate = AgentResponsePredicate.omit({ origin: true })

export interface Answer {
  readonly response: ResponseWithoutOrigin
  readonly files: readonly HandoverFile[]
  /** What it would change, where that was asked. */
  readonly plan?: ActionPlan
}

/** One agent -> its answer. Never throws. */
export function respond(agent: ListedAgent, collected: CollectedInputs, context: RespondContext): Answer {
  const present: Partial<Record<InputKind, unknown>> = {}
  const missing: Blocked[] = []
  for (const kind of agent.needs) {
    const input = collected[kind]
    if (input === undefined) missing.push({ what: kind, why: 'nobody collected it', next: 'Report the defect.' })
    else if ('blocked' in input) missing.push(input.blocked)
    else present[kind] = input.value
  }
  const inputs = present as Partial<Inputs>
  try {
    if (missing.length > 0) return unable(agent, inputs, context, 'blocked', sentence(missing), missing.map((one) => one.next).join(' '))
    const report = agent.assess(sees(agent, inputs), agent.policy.parse(settings(agent, context)))
    return answer(agent, inputs, context, report)
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    return unable(agent, inputs, context, 'fail', `${agent.name} could not finish: ${said}`, 'Report the defect with the inputs of this run.')
  }
}

/**
 * What an agent would change, beside what it saw. Nothing is changed here, nor by anybody who reads it: APPLY waits for a person (`needs_approval`). One
 * that could not look has no plan.
 */
export function respondPlan(agent: ListedAgent, collected: CollectedInputs, context: RespondContext, op: 'PLAN' | 'APPLY'): Answer {
  const seen = respond(agent, collected, context)
  if (seen.response.response.result !== 'ok' || agent.plan === undefined) return seen
  const inputs = Object.fromEntries(agent.needs.map((kind) => [kind, valueOf(collected[kind])])) as unknown as Inputs
  const planned = agent.plan(inputs, agent.policy.parse(settings(agent, context)))
  const plan = ActionPlan.parse({
    schema_version: 1,
    agent: agent.name,
    actions: planned.map((action) => ({ ...action, sha256: sha256(action.text) })),
  })
  const file: HandoverFile = { path: `plan/${agent.name}.json`, bytes: canonicalize(plan) }
  const { response } = seen.response
  const waits = op === 'APPLY' && plan.actions.length > 0
  return {
    plan,
    files: [...seen.files, file],
    response: Predicate.parse({
      ...seen.response,
      response: {
        ...response,
        result: waits ? 'needs_approval' : 'ok',
        artifacts: [...response.artifacts, { path: file.path, sha256: sha256(file.bytes), sig: null, type: 'evidence' }],
        notes:
          plan.actions.length === 0
            ? 'Nothing would change.'
            : plan.actions
                .map(({ path, why }) => `${path}: ${why}.`)
                .join(' ')
                .slice(0, 4000),
        next: waits ? `Read ${file.path}; nothing was changed. A person carries it out with release-conductor apply.` : response.next,
      },
    }),
  }
}

function valueOf(input: Collected<InputKind> | undefined): unknown {
  return input !== undefined && 'value' in input ? input.value : undefined
}

function sentence(missing: readonly Blocked[]): string {
  return missing.map(({ what, why }) => `Without ${what}: ${why}.`).join(' ')
}

function settings(agent: ListedAgent, context: RespondContext): Record<string, unknown> {
  return Object.assign({}, ...agent.gate.map((gate) => (Object.hasOwn(context.policy, gate) ? context.policy[gate] : {})))
}

/** Collected inputs as they are recorded: canonical `{kind, value}`, named by the digest of those bytes. */
function recorded(inputs: Partial<Inputs>): { readonly input: RecordedInput; readonly file: HandoverFile }[] {
  return Object.entries(inputs).map(([kind, value]) => {
    const bytes = canonicalize({ kind, value })
    return { input: { kind, value } as RecordedInput, file: { path: `inputs/${sha256(bytes)}`, bytes } }
  })
}

function answer(agent: ListedAgent, inputs: Partial<Inputs>, context: RespondContext, report: Report): Answer {
  const stray = report.files.filter((file) => !agent.writes.some((path) => isDeclared(path, file.path))).map((file) => file.path)
  if (stray.length > 0) throw new Error(`it wrote ${stray.join(', ')}, which it never declared`)
  const feeds = report.measurements.filter((measurement) => !agent.gate.includes(measurement.gate)).map((measurement) => measurement.gate)
  if (feeds.length > 0) throw new Error(`it measured for ${feeds.join(', ')}, which it does not feed`)
  const kept = recorded(inputs)
  const reports = report.files.map((file) => ({
    path: file.path,
    bytes: typeof file.content === 'string' ? file.content : canonicalize(file.content),
    type: file.type,
  }))
  const artifacts: Artifact[] = [
    ...reports.map(({ path, bytes, type }) => ({ path, sha256: sha256(bytes), sig: null, type })),
    ...kept.map(({ file }) => ({ path: file.path, sha256: sha256(file.bytes), sig: null, type: 'evidence' as const })),
  ]
  const digest = digestOf(inputs)
  const verdicts = report.measurements.map((measurement) => opinion(agent, context, measurement, digest, artifacts))
  const response = predicate(agent, inputs, context, {
    result: 'ok',
    notes: report.notes,
    next: report.next,
    artifacts,
    verdicts,
    findings: report.findings,
  })
  return { response, files: [...reports.map(({ path, bytes }) => ({ path, bytes })), ...kept.map(({ file }) => file)] }
}

/** `sbom/*.spdx.json` -> `sbom/shop.spdx.json`; a `*` does not reach into folders. */
function isDeclared(declared: string, path: string): boolean {
  const [before = '', ...after] = declared.split('*')
  const rest = after.join('*')
  if (after.length === 0) return path === declared
  return (
    path.length > before.length + rest.length &&
    path.startsWith(before) &&
    path.endsWith(rest) &&
    !path.slice(before.length, path.length - rest.length).includes('/')
  )
}

function unable(
  agent: ListedAgent,
  inputs: Partial<Inputs>,
  context: RespondContext,
  result: AgentResponse['result'],
  notes: string,
  next: string,
): Answer {
  const kept = recorded(inputs)
  const reason: Reason = { code: 'gate.agent-not-ok', message: notes.slice(0, 1900), next: next.slice(0, 1000) }
  const artifacts = kept.map(({ file }): Artifact => ({ path: file.path, sha256: sha256(file.bytes), sig: null, type: 'evidence' }))
  const verdicts = agent.gate.map((gate): Verdict => ({
    ...frame(agent, context),
    gate,
    verdict: 'indeterminate',
    metrics: {},
    thresholds: {},
    measured: null,
    evidence: [],
    reasons: [reason],
  }))
  return {
    response: predicate(agent, inputs, context, { result, notes, next, artifacts, verdicts, findings: [] }),
    files: kept.map(({ file }) => file),
  }
}

function frame(agent: ListedAgent, context: RespondContext) {
  return { env: 'all', sha: context.sha, agent: agent.id, trace_id: context.traceId, at: timestamp(context.now) }
}

/** The agent's own opinion, made by the verdict law: nothing measured is indeterminate, a broken threshold is a fail. */
function opinion(agent: ListedAgent, context: RespondContext, of: Measurement, digest: string, artifacts: readonly Artifact[]): Verdict {
  const { gate, metrics, thresholds } = of
  const measured: Measured = { ...of.measured, data_digest: digest }
  const decision = pass({ metrics, thresholds, measured }, ReasonCode.parse(`${gate}.not-measured`))
  const evidence = artifacts.map(({ path, sha256 }) => ({ path, sha256, sig: null }))
  const base = { ...frame(agent, context), gate, metrics, thresholds, measured, evidence }
  if (decision.verdict === 'pass') return { ...base, verdict: 'pass', reasons: [] }
  const reasons = [...decision.reasons]
  if (measured.n === 0) return { ...base, verdict: 'indeterminate', reasons }
  return { ...base, verdict: 'fail', reasons: reasons.map((reason) => ({ ...reason, code: ReasonCode.parse(`${gate}.findings`) })) }
}

interface Said {
  readonly result: AgentResponse['result']
  readonly notes: string
  readonly next: string
  readonly artifacts: readonly Artifact[]
  readonly verdicts: readonly Verdict[]
  readonly findings: Report['findings']
}

function predicate(agent: ListedAgent, inputs: Partial<Inputs>, context: RespondContext, said: Said): ResponseWithoutOrigin {
  return Predicate.parse({
    schema_version: 1,
    topic: agent.topic,
    agent: { id: agent.id, name: agent.name, version: agent.version },
    response: {
      phase: context.phase,
      agent: agent.id,
      result: said.result,
      artifacts: said.artifacts,
      links: { prs: [], runs: [], dashboards: [], releases: [] },
      verdicts: said.verdicts,
      notes: said.notes.slice(0, 4000),
      next: said.next.slice(0, 1000),
      trace_id: context.traceId,
    },
    findings: said.findings,
    inputs: recorded(inputs).map(({ input }) => ({ kind: input.kind, sha256: inputDigest(input) })),
    made_at: timestamp(context.now),
  })
}
