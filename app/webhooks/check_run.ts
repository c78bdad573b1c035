/** Somebody asked one of our checks to run again, or pressed one of its buttons. All else about check runs, our own included, is not news. */
import { z } from 'zod'
import { LOOK_AGAIN } from '../github/check-run.ts'
import { Absent, Id, repositoryOf, Source, webhookEvent } from './event.ts'
import { onlyPull } from './pulls.ts'

const CheckRun = z.looseObject({
  ...Source,
  action: z.enum(['created', 'completed', 'rerequested', 'requested_action']),
  check_run: z.looseObject({
    id: Id,
    name: z.string(),
    head_sha: z.string(),
    app: z.looseObject({ id: Id }).nullable(),
    pull_requests: z.array(z.looseObject({ number: Id })).max(1000),
  }),
  requested_action: z.looseObject({ identifier: z.string() }).nullish(),
  check_suite: Absent,
  workflow_run: Absent,
})

export const checkRun = webhookEvent('check_run', CheckRun, (payload, { appId }) => {
  const asked =
    payload.action === 'rerequested' || (payload.action === 'requested_action' && payload.requested_action?.identifier === LOOK_AGAIN.identifier)
  if (!asked || payload.check_run.app?.id !== appId) return []
  const { id, pull_requests: pulls } = payload.check_run
  return [{ repository: repositoryOf(payload), pull: onlyPull(pulls), why: `check_run.${payload.action}`, changed: ['pull'], rerequested: [id] }]
})
