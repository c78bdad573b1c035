/**
 * An adopter's own agent -> one answer like any other (SPEC part 3). What it said is data from outside: it is read by a schema, may speak only of the gates it
 * feeds, and names only files it wrote. Anything else is the result `fail`, with the reason; nobody else is touched. Pure: made again from its record.
 */
import { canonicalize } from '../evidence/core/canonical.ts'
import { digestOf, sha256 } from '../evidence/core/digest.ts'
import { CoreError } from '../evidence/core/error.ts'
import { parseJson } from '../evidence/core/json.ts'
import { timestamp } from '../evidence/model/primitives.ts'
import { OWN_ANSWER_BYTES, OwnAnswer } from '../evidence/model/own-answer.ts'
import type { Artifact } from '../evidence/model/response.ts'
import { AgentResponsePredicate } from '../evidence/model/statement.ts'
import { pass, type Reason, type Verdict } from '../evidence/model/verdict.ts'
import type { OwnRecord } from './collect/inputs.own.ts'
import type { Answer, HandoverFile, RespondContext, ResponseWithoutOrigin } from './respond.ts'

/** The id all of them have: the roster knows none of them. */
export const OWN_ID = 'own'
const VERSION = 1
const Predicate = AgentResponsePredicate.omit({ origin: true })

/** Where a file of an own agent lies: `own/<agent>/<path>`. */
export function ownPath(name: string, path: string): string {
  return `own/${name}/${path}`
}

/** @param written bytes by the name the agent gives; absent in a replay, where the digests of the record stand for them */
export function ownAnswer(record: OwnRecord, context: Omit<RespondContext, 'policy'>, written: ReadonlyMap<string, string> = new Map()): Answer {
  const bytes = canonicalize({ kind: 'own', value: record })
  const kept: HandoverFile = { path: `inputs/${sha256(bytes)}`, bytes }
  const read = readAnswer(record)
  const parts = typeof read === 'string' ? failed(record, context, read) : spoken(record, context, read)
  const files = parts.artifacts.map(({ path }) => ({ path, bytes: written.get(path.slice(ownPath(record.name, '').length)) ?? '' }))
  const response: ResponseWithoutOrigin = Predicate.parse({
    schema_version: 1,
    topic: record.topic,
    agent: { id: OWN_ID, name: record.name, version: VERSION },
    response: {
      phase: context.phase,
      agent: OWN_ID,
      result: parts.result,
      artifacts: [...parts.artifacts, { path: kept.path, sha256: sha256(bytes), sig: null, type: 'evidence' }],
      links: parts.links,
      verdicts: parts.verdicts,
      notes: parts.notes,
      next: parts.next,
      trace_id: context.traceId,
    },
    findings: parts.findings,
    inputs: [{ kind: `own-${record.name}`.slice(0, 60), sha256: digestOf(record) }],
    made_at: timestamp(context.now),
  })
  return { response, files: [...files, kept] }
}

type Parts = Pick<OwnAnswer, 'result' | 'links' | 'findings' | 'notes' | 'next'> & { readonly artifacts: Artifact[]; readonly verdicts: Verdict[] }

/** The answer, or why there is none that counts. */
function readAnswer(record: OwnRecord): OwnAnswer | string {
  if (record.answer === null) return record.failure ?? 'it did not answer'
  let value: unknown
  try {
    value = parseJson(Buffer.from(record.answer), { maxBytes: OWN_ANSWER_BYTES })
  } catch (error) {
    if (!(error instanceof CoreError)) throw error
    return `its answer is not JSON: ${error.message}`
  }
  const parsed = OwnAnswer.safeParse(value)
  if (!parsed.success) {
    const issues = parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`)
    return `its answer is not one of Agent RPC v2: ${issues.join('; ')}`
  }
  return contradiction(record, parsed.data) ?? parsed.data
}

function contradiction({ feeds, files, name, request }: OwnRecord, answer: OwnAnswer): string | null {
  if (answer.phase !== undefined && answer.phase !== request.phase) return `it was asked about ${request.phase} and answered about ${answer.phase}`
  if (answer.agent !== undefined && answer.agent !== name) return `it answered as ${answer.agent}`
  if (answer.trace_id !== undefined && answer.trace_id !== request.trace_id) return 'it answered another request: the trace id differs'
  const foreign = answer.verdicts.find(({ gate }) => !feeds.includes(gate))
  if (foreign !== undefined) return `it speaks of ${foreign.gate}, which the config does not let it feed`
  if (new Set(answer.verdicts.map(({ gate }) => gate)).size < answer.verdicts.length) return 'it speaks twice of one gate'
  const lost = answer.artifacts.find(({ path }) => !files.some((file) => file.path === path))
  return lost === undefined ? null : `it names ${lost.path}, which it did not write`
}

function spoken(record: OwnRecord, context: Omit<RespondContext, 'policy'>, answer: OwnAnswer): Parts {
  const { findings, links, next, notes, result } = answer
  const digests = new Map(record.files.map((file) => [file.path, file.sha256]))
  const artifacts = answer.artifacts.map(({ path, type }): Artifact => ({
    path: ownPath(record.name, path),
    sha256: digests.get(path) ?? '',
    sig: null,
    type,
  }))
  const verdicts = answer.verdicts.map((of) => opinion(record, context, of, artifacts))
  return {
    result,
    links,
    findings,
    notes,
    next,
    artifacts,
    verdicts: result === 'ok' ? verdicts : verdicts.filter(({ verdict }) => verdict !== 'pass'),
  }
}

/** Made by the verdict law from its own numbers, so that it cannot call a broken threshold a pass. */
function opinion(
  record: OwnRecord,
  context: Omit<RespondContext, 'policy'>,
  of: OwnAnswer['verdicts'][number],
  artifacts: readonly Artifact[],
): Verdict {
  const measured = { ...of.measured, data_digest: of.measured.data_digest ?? digestOf(record) }
  const { gate, metrics, thresholds } = of
  const decision = pass({ metrics, thresholds, measured }, 'gate.agent-objects')
  const evidence = artifacts.map(({ path, sha256: digest }) => ({ path, sha256: digest, sig: null }))
  const base = { ...frame(record, context), gate, metrics, thresholds, measured, evidence }
  if (decision.verdict === 'pass') return { ...base, verdict: 'pass', reasons: [] }
  const said = of.reasons.map(({ message, next }): Reason => ({ code: 'gate.agent-objects', message, next }))
  return { ...base, verdict: measured.n === 0 ? 'indeterminate' : 'fail', reasons: said.length > 0 ? said : [...decision.reasons] }
}

function failed(record: OwnRecord, context: Omit<RespondContext, 'policy'>, why: string): Parts {
  const notes = `${record.name} could not finish: ${why}`.slice(0, 1900)
  const next = 'Mend the agent; run it by hand as docs/own-agents.md shows, and look at what it said on standard error.'
  const reason: Reason = { code: 'gate.agent-not-ok', message: notes, next }
  const verdicts = record.feeds.map((gate): Verdict => ({
    ...frame(record, context),
    gate,
    verdict: 'indeterminate',
    metrics: {},
    thresholds: {},
    measured: null,
    evidence: [],
    reasons: [reason],
  }))
  return { result: 'fail', links: { prs: [], runs: [], dashboards: [], releases: [] }, findings: [], notes, next, artifacts: [], verdicts }
}

function frame(record: OwnRecord, context: Omit<RespondContext, 'policy'>) {
  return { env: 'all', sha: context.sha, agent: record.name, trace_id: context.traceId, at: timestamp(context.now) }
}
