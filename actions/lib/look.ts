/** From the inputs of an action to what collectors ask: the checkout, the commit, the pull request, and the base branch as the API has it. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { get } from '../../agents/collect/api.ts'
import type { CollectContext } from '../../agents/collect/collector.ts'
import { CollectError } from '../../agents/collect/error.ts'
import { ActionError } from './error.ts'
import type { RunFacts } from './run-facts.ts'

export interface LookInputs {
  /** Number of the pull request as text; null when there is none. */
  readonly pull: string | null
  readonly token: string | null
  readonly grafanaToken?: string | null
  /** Folder of the checkout, below the runner's workspace. */
  readonly workspace: string
  readonly facts: RunFacts
  /** Epoch milliseconds. */
  readonly now: number
}

/** @throws ActionError `bad-input`, `environment` */
export async function collectContext({ facts, grafanaToken = null, now, pull, token, workspace }: LookInputs): Promise<CollectContext> {
  const [owner = '', name = ''] = facts.repository.split('/')
  const context: CollectContext = {
    workspace: resolve(facts.workspace, workspace),
    apiUrl: facts.apiUrl,
    token,
    grafanaToken,
    repository: { owner, name, id: facts.repositoryId },
    sha: facts.sha,
    base: '',
    pull: pullNumber(pull),
    now,
  }
  return { ...context, base: await baseBranch(context) }
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
