/** A deployment that has cost enough: its teardown workflow runs, and it gets the status inactive. */
import { z } from 'zod'
import { isAsleep } from '../../evidence/model/preview.ts'
import { saidBy, type Change, type Handler } from './change.ts'
import { ApplyError } from './error.ts'
import { Anything } from './hub.ts'

/** What the plan says of it. */
export const DeploymentEnd = z.strictObject({
  deployment: z.number().int().positive(),
  environment: z.string().min(1).max(255),
  state: z.literal('inactive'),
  description: z.string().max(140),
  /** Workflow on the default branch that takes it down; null: none, so only the status is set. */
  teardown: z.string().max(255).nullable(),
})
export type DeploymentEnd = z.infer<typeof DeploymentEnd>

const Status = z.looseObject({ state: z.string(), description: z.string().nullish() })

function wanted(change: Change): DeploymentEnd {
  const parsed = DeploymentEnd.safeParse(saidBy(change))
  if (parsed.success) return parsed.data
  throw new ApplyError('unreadable', `The plan for ${change.key} says nothing that is known`, 'Plan again.')
}

export const deploymentEnd: Handler = {
  async look({ hub }, change) {
    const { deployment } = wanted(change)
    const statuses = await hub.read(`/deployments/${deployment}/statuses?per_page=1`, z.array(Status))
    if (statuses === null) throw new ApplyError('stale', `There is no deployment ${deployment} any more`, 'Plan again.')
    const [newest] = statuses
    const state = newest?.state ?? null
    // What sleeps is inactive as well, and there all the same.
    const sleeps = newest !== undefined && isAsleep({ state: newest.state, description: newest.description ?? null })
    return { same: state === 'inactive' && !sleeps, before: { state } }
  },
  /** The workflow first: were it the other way round, a crash between the two would leave a preview running that is called inactive. */
  async perform({ hub }, change) {
    const { deployment, description, environment, teardown } = wanted(change)
    if (teardown !== null) {
      const repository = await hub.read('', z.looseObject({ default_branch: z.string() }))
      const inputs = { deployment: String(deployment), environment }
      await hub.write('POST', `/actions/workflows/${encodeURIComponent(teardown)}/dispatches`, Anything, { ref: repository?.default_branch, inputs })
    }
    await hub.write('POST', `/deployments/${deployment}/statuses`, Anything, { state: 'inactive', description })
    return `${environment} is inactive${teardown === null ? '; no teardown workflow is named, so look that nothing of it runs' : `, and ${teardown} was started`}.`
  },
  async undo(_context, change) {
    throw new ApplyError('cannot-undo', `${change.key} took a preview down, which cannot be taken back`, 'Deploy it again.')
  },
}
