/** A workflow that may carry evidence or a deployment ended. Ours start by dispatch, or by a push to a release branch. */
import { z } from 'zod'
import { Absent, Id, isReleaseBranch, repositoryOf, Source, webhookEvent } from './event.ts'

const WorkflowRun = z.looseObject({
  ...Source,
  action: z.enum(['requested', 'in_progress', 'completed']),
  workflow_run: z.looseObject({
    id: Id,
    head_branch: z.string().nullable(),
    head_sha: z.string(),
    event: z.string(),
    run_attempt: Id,
    path: z.string(),
  }),
  workflow_job: Absent,
  check_run: Absent,
  check_suite: Absent,
})

export const workflowRun = webhookEvent('workflow_run', WorkflowRun, (payload) => {
  const run = payload.workflow_run
  const ours = run.event === 'workflow_dispatch' || isReleaseBranch(run.head_branch ?? '')
  return payload.action === 'completed' && ours
    ? [{ repository: repositoryOf(payload), pull: null, why: `workflow_run.completed ${run.path}`, changed: ['runs'] }]
    : []
})
