/** Runs the agents of a phase and writes the unsigned hand-over. It has no privilege: a read-only token, no key, no identity token. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { get } from '../../agents/collect/api.ts'
import { collect } from '../../agents/collect/index.ts'
import type { CollectContext } from '../../agents/collect/collector.ts'
import { CollectError } from '../../agents/collect/error.ts'
import type { Observe } from '../../agents/observe.ts'
import { conduct } from '../../agents/run.ts'
import { parseConfig } from '../../evidence/config/parse.ts'
import type { Handover } from '../../evidence/model/handover.ts'
import { Phase } from '../../evidence/model/phases.ts'
import { releaseOfKey, traceOf } from '../../evidence/model/trace.ts'
import { ActionError } from '../lib/error.ts'
import type { RunFacts } from '../lib/run-facts.ts'

export interface AgentsInputs {
  readonly phase: string
  /** Number of the pull request as text; null when there is none. */
  readonly pull: string | null
  readonly key: string | null
  readonly token: string | null
  /** Folder of the checkout, below the runner's workspace. */
  readonly workspace: string
  readonly agents: string | null
  readonly simulate: string
  readonly out: string
  readonly facts: RunFacts
  /** Epoch milliseconds. */
  readonly now: number
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
  const [owner = '', name = ''] = facts.repository.split('/')
  const asking: Omit<CollectContext, 'base'> = {
    workspace: resolve(facts.workspace, inputs.workspace),
    apiUrl: facts.apiUrl,
    token: inputs.token,
    repository: { owner, name, id: facts.repositoryId },
    sha: facts.sha,
    pull: pullNumber(inputs.pull),
    now,
  }
  const context = { ...asking, base: await baseBranch({ ...asking, base: '' }) }
  const chosen = inputs.agents
    ?.split(',')
    .map((agent) => agent.trim())
    .filter((agent) => agent !== '')
  return conduct({
    phase: phase.data,
    ...(chosen === undefined ? {} : { agents: chosen }),
    context,
    policy: await gatePolicies(context),
    out: inputs.out,
    traceId: traceOfRun(inputs.key, facts),
    ...(inputs.observe !== undefined && { observe: inputs.observe }),
    now,
    simulate: inputs.simulate === 'true',
  })
}

function pullNumber(text: string | null): number | null {
  if (text === null) return null
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new ActionError('bad-input', 'pull is not the number of a pull request.')
  return Number(text)
}

/** The base of the pull request, else the default branch; both from the API, because the run itself stands on the head. */
async function baseBranch(context: CollectContext): Promise<string> {
  const repository = `/repos/${encodeURIComponent(context.repository.owner)}/${encodeURIComponent(context.repository.name)}`
  try {
    const found =
      context.pull === null
        ? (await get(context, repository, z.object({ default_branch: z.string().min(1) })))?.default_branch
        : (await get(context, `${repository}/pulls/${context.pull}`, z.object({ base: z.object({ ref: z.string().min(1) }) })))?.base.ref
    if (found !== undefined) return found
  } catch (cause) {
    if (!(cause instanceof CollectError)) throw cause
    throw new ActionError('environment', `The base branch is not known: ${cause.message}. ${cause.next}`, { cause })
  }
  throw new ActionError(
    'environment',
    `GitHub knows no pull request ${context.pull ?? ''} here, or the token may not see it. Check the input pull, and grant pull-requests: read.`,
  )
}

/** Settings by gate of the config on the base. A config that is absent or broken is for the gates to refuse; agents then look with their defaults. */
async function gatePolicies(context: CollectContext): Promise<Readonly<Record<string, unknown>>> {
  const policy = await collect('policy', context)
  if ('blocked' in policy) return {}
  const parsed = parseConfig(policy.value.text)
  return parsed.ok ? parsed.config.gates : {}
}
