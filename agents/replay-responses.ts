/**
 * What each agent answered, answered again: its recorded inputs (`inputs/<sha256>` of the pack) -> the response it gives here and now, beside the signed
 * one. So a number that was changed in a response is named, whoever signed it. An agent of another version, or one that is not built here, is
 * indeterminate, never the same. Pure.
 */
import { parseConfig } from '../evidence/config/parse.ts'
import { canonicalize } from '../evidence/core/canonical.ts'
import { differences } from '../evidence/core/difference.ts'
import type { Difference } from '../evidence/core/difference.ts'
import { CoreError } from '../evidence/core/error.ts'
import { parseJson } from '../evidence/core/json.ts'
import type { Config } from '../evidence/model/config.ts'
import type { AgentResponsePredicate, SelfTestPredicate } from '../evidence/model/statement.ts'
import type { Replayed } from '../evidence/pack/replayed.ts'
import { isNotAsked } from '../gates/declared.ts'
import { RecordedInput } from './collect/inputs.ts'
import { AGENTS } from './index.ts'
import type { ListedAgent } from './index.ts'
import { OWN_ID } from './own.ts'
import { replayOwn } from './replay-own.ts'
import { respond, type CollectedInputs } from './respond.ts'
import { agentCases } from './self-test.ts'

export interface ResponsesQuestion {
  /** Believed. */
  readonly responses: readonly AgentResponsePredicate[]
  readonly receipts: readonly SelfTestPredicate[]
  readonly files: ReadonlyMap<string, Uint8Array>
  /** `config.yml`; null when it cannot be read. */
  readonly config: Config | null
  /** Default: the agents of this version. */
  readonly agents?: readonly ListedAgent[]
}

/** One row for each response. */
export function replayResponses(question: ResponsesQuestion): readonly Replayed[] {
  return question.responses.map((packed) => replayed(question, packed))
}

function replayed(question: ResponsesQuestion, packed: AgentResponsePredicate): Replayed {
  const { agents = AGENTS } = question
  const { agent: by, topic } = packed
  const agent = agents.find((one) => one.name === by.name && one.id === by.id)
  const feeds = [...new Set(packed.response.verdicts.map((verdict) => verdict.gate))]
  const subject = `${by.name} on ${topic}${feeds.length === 0 ? '' : `, for ${feeds.join(', ')}`}`
  const unknown = (why: string): Replayed => ({ subject, packed: wordOf(packed), recomputed: null, result: 'indeterminate', differences: [], why })
  if (by.id === OWN_ID) return { subject, packed: wordOf(packed), ...replayOwn(question.files, packed) }
  if (agent === undefined) return unknown(`no agent ${by.name} is built in this version of release-conductor`)
  if (by.version !== agent.version) return unknown(`it answered in version ${by.version}; here is version ${agent.version}`)
  if (packed.response.result === 'blocked' && isNotAsked(question.config?.not_applicable ?? {}, feeds, topic))
    return {
      ...unknown('it was blocked, and no gate asked for it: it feeds none, or the config declares that there is no such thing'),
      result: 'not-computed',
    }
  if (packed.response.result === 'blocked') return unknown(`it was blocked, so it measured nothing: ${packed.response.notes}`.slice(0, 500))
  const failed = agentCases(agent).filter((planted) => planted.got !== planted.expected)
  if (failed.length > 0) return unknown(`here the agent fails its own self-test: ${failed.map((planted) => planted.name).join(', ')}`.slice(0, 500))
  const collected = inputsOf(question.files, packed)
  if (typeof collected === 'string') return unknown(collected)
  const now = Date.parse(packed.made_at)
  if (!Number.isFinite(now)) return unknown(`${packed.made_at} is no time`)
  const { response, files } = respond(agent, collected, {
    phase: packed.response.phase,
    sha: packed.origin.sha,
    traceId: packed.response.trace_id,
    now,
    policy: policyOf(question, packed),
  })
  const { origin: _origin, ...stated } = packed
  const found = [
    ...differences(stated, response, 'response'),
    ...files.flatMap(({ path, bytes }) => {
      const lies = question.files.get(path)
      return lies === undefined || Buffer.from(lies).equals(Buffer.from(bytes)) ? [] : differences('other bytes', 'recomputed', path)
    }),
    ...receiptDifferences(question, agent),
  ]
  const result = found.length === 0 ? 'same' : 'differs'
  return { subject, packed: wordOf(packed), recomputed: wordOf(response), result, differences: found, why: '' }
}

function wordOf({ response, findings }: Pick<AgentResponsePredicate, 'response' | 'findings'>): string {
  return `${response.result}, ${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`
}

/** The recorded inputs that the response names as its own, or why they cannot be read. */
function inputsOf(files: ReadonlyMap<string, Uint8Array>, { response, inputs }: AgentResponsePredicate): CollectedInputs | string {
  const found: Record<string, { readonly value: unknown }> = {}
  for (const { path } of response.artifacts.filter((artifact) => artifact.path.startsWith('inputs/'))) {
    const bytes = files.get(path)
    if (bytes === undefined) return `its input ${path} is not in the pack`
    const input = readInput(bytes)
    if (input === null) return `its input ${path} has no form that this version knows`
    found[input.kind] = { value: input.value }
  }
  const lost = inputs.find((input) => found[input.kind] === undefined)
  return lost === undefined ? found : `its input ${lost.kind} was not recorded`
}

function readInput(bytes: Uint8Array): RecordedInput | null {
  try {
    const value = parseJson(bytes, { maxBytes: 64 * 1024 * 1024 })
    const parsed = RecordedInput.safeParse(value)
    return parsed.success && Buffer.from(canonicalize(value)).equals(bytes) ? parsed.data : null
  } catch (error) {
    if (!(error instanceof CoreError)) throw error
    return null
  }
}

/** The settings that the agents of this run read: those of the config that the run itself recorded, else those of the config in the pack. */
function policyOf({ responses, files, config }: ResponsesQuestion, { origin }: AgentResponsePredicate): Readonly<Record<string, unknown>> {
  const same = responses.filter((other) => other.origin.run_id === origin.run_id && other.origin.run_attempt === origin.run_attempt)
  for (const { response } of same)
    for (const { path } of response.artifacts) {
      const bytes = path.startsWith('inputs/') ? files.get(path) : undefined
      const input = bytes === undefined ? null : readInput(bytes)
      if (input?.kind !== 'policy') continue
      const parsed = parseConfig(input.value.text)
      // As the job does: a config that is broken is for the gates to refuse, and agents look with their defaults.
      return parsed.ok ? parsed.config.gates : {}
    }
  return config?.gates ?? {}
}

/** The agent's own cases in the receipts of the gates it feeds, against the same cases, run now. */
function receiptDifferences({ receipts }: ResponsesQuestion, agent: ListedAgent): readonly Difference[] {
  return receipts
    .filter((receipt) => agent.gate.includes(receipt.gate))
    .flatMap((receipt) =>
      differences(
        receipt.cases.filter((planted) => planted.unit === agent.name),
        agentCases(agent),
        `self_test.${receipt.gate}`,
      ),
    )
}
