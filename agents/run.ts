/** The runner: collects each input once, lets every agent of a phase answer, adds the receipts of the gates it feeds, and writes the handover. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CHANGES_FILE, ChangeSet } from '../evidence/model/action-plan.ts'
import { canonicalize } from '../evidence/core/canonical.ts'
import { sha256 } from '../evidence/core/digest.ts'
import { Handover, HANDOVER_FILE } from '../evidence/model/handover.ts'
import type { Phase } from '../evidence/model/phases.ts'
import type { AgentRequest, Op } from '../evidence/model/request.ts'
import type { CollectContext } from './collect/collector.ts'
import { collect, COLLECTORS } from './collect/index.ts'
import { askOwn, type Heard, type ownAgentsOf } from './collect/own-agent.ts'
import type { InputKind } from './collect/inputs.ts'
import { AgentsError } from './error.ts'
import { AGENTS } from './index.ts'
import { unobserved, type Observe } from './observe.ts'
import type { ListedAgent } from './index.ts'
import { ownAnswer } from './own.ts'
import { respond, respondPlan } from './respond.ts'
import type { Answer, CollectedInputs, HandoverFile, RespondContext } from './respond.ts'
import { receiptsOf } from './receipts.ts'

export interface ConductInput {
  readonly phase: Phase
  /** EVIDENCE writes the handover; VERIFY writes nothing; PLAN and APPLY write what would change, and change nothing. Default: EVIDENCE. */
  readonly op?: Op
  /** Names or ids, those of the adopter's own too; default: every agent of the phase. */
  readonly agents?: readonly string[]
  readonly context: CollectContext
  /** Settings by gate id: `config.gates` of the base branch. */
  readonly policy: Readonly<Record<string, unknown>>
  /** Directory the handover is written to; it is created. Null only when nothing is written. */
  readonly out: string | null
  readonly traceId: string
  /** Epoch milliseconds. */
  readonly now: number
  /** Artifacts are emitted, nothing else changes. The agents of today change nothing anyway. */
  readonly simulate?: boolean
  /** Agents of the adopter's own in this phase, and the hosts that may be asked. */
  readonly own?: ReturnType<typeof ownAgentsOf>
  readonly observe?: Observe
  /** For tests: other collectors or agents than the listed ones. */
  readonly collectors?: typeof COLLECTORS
  readonly list?: readonly ListedAgent[]
}

/** Collects, assesses, and (for EVIDENCE) writes `handover.json` with every file it names. @throws AgentsError */
export async function conduct(input: ConductInput): Promise<Handover> {
  const op = input.op ?? 'EVIDENCE'
  const planning = op === 'PLAN' || op === 'APPLY'
  const chosen = choose(input).filter((agent) => !planning || agent.plan !== undefined)
  if (op === 'ROLLBACK' || (planning && chosen.length === 0))
    throw new AgentsError('unsupported-op', `no agent of phase ${input.phase} can ${op}; use VERIFY or EVIDENCE`)
  const collected = await collectAll(chosen, input)
  const own = planning ? [] : await askAll(input, op)
  const context: RespondContext = { phase: input.phase, sha: input.context.sha, traceId: input.traceId, now: input.now, policy: input.policy }
  const { handover, files } = planning
    ? planAll(chosen, collected, context, op, input.context)
    : assessAll(chosen, collected, context, { list: input.list ?? AGENTS, own, ...(input.observe !== undefined && { observe: input.observe }) })
  if (op !== 'VERIFY') await write(input.out, handover, files)
  return handover
}

function choose({ phase, agents, list = AGENTS, own }: ConductInput): ListedAgent[] {
  const ofPhase = list.filter((agent) => agent.phase.includes(phase))
  const owned = (own?.agents ?? []).map(({ name }) => name)
  const unknown = (agents ?? []).filter((name) => !owned.includes(name) && !ofPhase.some((agent) => agent.name === name || agent.id === name))
  if (unknown.length > 0) {
    const known = [...ofPhase.map((agent) => agent.name), ...owned].join(', ') || 'none'
    throw new AgentsError('unknown-agent', `phase ${phase} has no agent ${unknown.join(', ')}; it has: ${known}`)
  }
  return agents === undefined ? ofPhase : ofPhase.filter((agent) => agents.includes(agent.name) || agents.includes(agent.id))
}

/** Each input once, however many agents need it. */
async function collectAll(agents: readonly ListedAgent[], input: ConductInput): Promise<CollectedInputs> {
  const kinds = [...new Set(agents.flatMap((agent) => agent.needs))]
  const observe = input.observe ?? unobserved
  const found = await Promise.all(
    kinds.map(async (kind: InputKind) => [kind, await observe(`collect ${kind}`, {}, () => collect(kind, input.context, input.collectors))] as const),
  )
  return Object.fromEntries(found) as CollectedInputs
}

/** Every own agent of the phase is asked, several at once; each answers for itself. */
async function askAll(input: ConductInput, op: Op): Promise<readonly Heard[]> {
  const { agents: all, hosts } = input.own ?? { agents: [], hosts: [] }
  const agents = all.filter(({ name }) => input.agents === undefined || input.agents.includes(name))
  const taken = (input.list ?? AGENTS).find((agent) => agents.some(({ name, topic }) => name === agent.name || topic === agent.topic))
  if (taken !== undefined)
    throw new AgentsError(
      'name-taken',
      `an agent of your own has the name or the topic of ${taken.name}; give it another under \`agents\` of the config`,
    )
  const request: AgentRequest = {
    phase: input.phase,
    op,
    scope: { env: 'all', services: ['*'], tenants: ['*'] },
    inputs: {
      params: { sha: input.context.sha, base: input.context.base, pull: input.context.pull, simulate: input.simulate ?? true },
      feature_flags: {},
      budgets: {},
      risk_ids: [],
    },
    capabilities: [],
    trace_id: input.traceId,
  }
  const observe = input.observe ?? unobserved
  return Promise.all(agents.map((agent) => observe(`own agent ${agent.name}`, {}, () => askOwn(agent, request, input.context, hosts))))
}

export interface AssessOptions {
  /** Every agent there is. */
  readonly list?: readonly ListedAgent[]
  readonly own?: readonly Heard[]
  readonly observe?: Observe
}

/**
 * The pure part of a run: what was collected -> the handover and its files, in canonical form.
 * A gate gets a receipt only when all agents that feed it have answered, so a part of a phase cannot speak for the whole.
 */
export function assessAll(
  agents: readonly ListedAgent[],
  collected: CollectedInputs,
  context: RespondContext,
  { list = AGENTS, observe = unobserved, own = [] }: AssessOptions = {},
): { readonly handover: Handover; readonly files: readonly HandoverFile[] } {
  const answers = agents.map((agent) =>
    observe(`agent ${agent.name}`, { 'agent.id': agent.id }, (watched) => {
      const answer = respond(agent, collected, context)
      watched.set({ result: answer.response.response.result })
      return answer
    }),
  )
  answers.push(...own.map(({ record, written }) => ownAnswer(record, context, written)))
  const files = merged(answers)
  const handover = Handover.parse({
    schema_version: 1,
    phase: context.phase,
    responses: answers.map((answer) => answer.response),
    self_tests: receiptsOf(agents, { ...context, list }),
    deployments: [],
    files: files.map(({ path, bytes }) => ({ path, sha256: sha256(bytes), size: Buffer.byteLength(bytes) })),
  } satisfies Handover)
  return { handover, files }
}

/** What agents would change: each with its plan as an artifact. A plan is no evidence, so no gate gets a receipt by it. */
function planAll(
  agents: readonly ListedAgent[],
  collected: CollectedInputs,
  context: RespondContext,
  op: 'PLAN' | 'APPLY',
  { repository: { owner, name }, sha, base, pull }: CollectContext,
): ReturnType<typeof assessAll> {
  const answers = agents.map((agent) => respondPlan(agent, collected, context, op))
  const plans = answers.flatMap(({ plan }) => plan ?? [])
  const set: ChangeSet = { schema_version: 1, repository: `${owner}/${name}`, sha, base, pull, plans }
  const files = [...merged(answers), { path: CHANGES_FILE, bytes: canonicalize(ChangeSet.parse(set)) }]
  const handover = Handover.parse({
    schema_version: 1,
    phase: context.phase,
    responses: answers.map((answer) => answer.response),
    self_tests: [],
    deployments: [],
    files: files.map(({ path, bytes }) => ({ path, sha256: sha256(bytes), size: Buffer.byteLength(bytes) })),
  } satisfies Handover)
  return { handover, files }
}

/** Files of all answers, sorted by path, each once. Two agents never declare the same path (a structure test), so equal paths are equal inputs. */
function merged(answers: readonly Answer[]): HandoverFile[] {
  const files = new Map(answers.flatMap((answer) => answer.files).map((file) => [file.path, file]))
  return [...files.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

async function write(out: string | null, handover: Handover, files: readonly HandoverFile[]): Promise<void> {
  if (out === null) throw new AgentsError('cannot-write', 'EVIDENCE needs a directory to write to')
  try {
    for (const { path, bytes } of [...files, { path: HANDOVER_FILE, bytes: canonicalize(handover) }]) {
      const target = join(out, path)
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, bytes)
    }
  } catch (error) {
    throw new AgentsError('cannot-write', `the handover could not be written to ${out}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}
