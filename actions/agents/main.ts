/** Runs the agents of a phase and writes the unsigned hand-over. It has no privilege: a read-only token, no key, no identity token. */
import { collect } from '../../agents/collect/index.ts'
import { ownAgentsOf } from '../../agents/collect/own-agent.ts'
import type { CollectContext } from '../../agents/collect/collector.ts'
import type { Observe } from '../../agents/observe.ts'
import { conduct } from '../../agents/run.ts'
import { parseConfig } from '../../evidence/config/parse.ts'
import type { Handover } from '../../evidence/model/handover.ts'
import { Phase } from '../../evidence/model/phases.ts'
import { releaseOfKey, traceOf } from '../../evidence/model/trace.ts'
import { ActionError } from '../lib/error.ts'
import { collectContext, type LookInputs } from '../lib/look.ts'
import type { RunFacts } from '../lib/run-facts.ts'

export interface AgentsInputs extends LookInputs {
  readonly phase: string
  readonly key: string | null
  readonly agents: string | null
  readonly simulate: string
  /** EVIDENCE: what the signing job takes. PLAN: what agents would change. */
  readonly op: string
  readonly out: string
  readonly observe?: Observe
}

/** That of the release whose intent started this run; without one, of this run alone. */
export function traceOfRun(key: string | null, facts: Pick<RunFacts, 'repositoryId' | 'runId' | 'runAttempt'>): string {
  return traceOf(key === null ? `run/${facts.repositoryId}/${facts.runId}/${facts.runAttempt}` : releaseOfKey(key))
}

/** @throws ActionError `bad-input`, `environment`; AgentsError. What an agent cannot see is an answer of that agent, never an error here. */
export async function run(inputs: AgentsInputs): Promise<Handover> {
  const { facts, now } = inputs
  const phase = Phase.safeParse(inputs.phase)
  if (!phase.success) throw new ActionError('bad-input', `phase is ${JSON.stringify(inputs.phase.slice(0, 40))}; give P0 to P8.`)
  if (inputs.simulate !== 'true' && inputs.simulate !== 'false') throw new ActionError('bad-input', 'simulate is true or false.')
  if (inputs.op !== 'EVIDENCE' && inputs.op !== 'PLAN') throw new ActionError('bad-input', 'op is EVIDENCE or PLAN.')
  const context = await collectContext(inputs)
  const text = await configText(context)
  const chosen = inputs.agents
    ?.split(',')
    .map((agent) => agent.trim())
    .filter((agent) => agent !== '')
  return conduct({
    phase: phase.data,
    op: inputs.op,
    ...(chosen === undefined ? {} : { agents: chosen }),
    context,
    policy: gateSettings(text),
    own: ownAgentsOf(text, phase.data),
    out: inputs.out,
    traceId: traceOfRun(inputs.key, facts),
    ...(inputs.observe !== undefined && { observe: inputs.observe }),
    now,
    simulate: inputs.simulate === 'true',
  })
}

/** The config on the base; null when it is absent. One that is broken is for the gates to refuse; agents then look with their defaults. */
async function configText(context: CollectContext): Promise<string | null> {
  const policy = await collect('policy', context)
  return 'blocked' in policy ? null : policy.value.text
}

function gateSettings(text: string | null): Readonly<Record<string, unknown>> {
  const parsed = text === null ? null : parseConfig(text)
  return parsed?.ok === true ? parsed.config.gates : {}
}
