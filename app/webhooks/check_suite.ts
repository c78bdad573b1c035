/** Somebody asked all of our checks of a commit to run again. */
import { z } from 'zod'
import { Absent, Id, repositoryOf, Source, webhookEvent } from './event.ts'
import { onlyPull } from './pulls.ts'

const CheckSuite = z.looseObject({
  ...Source,
  action: z.enum(['completed', 'requested', 'rerequested']),
  check_suite: z.looseObject({
    id: Id,
    head_sha: z.string(),
    app: z.looseObject({ id: Id }).nullable(),
    pull_requests: z.array(z.looseObject({ number: Id })).max(1000),
  }),
  check_run: Absent,
  workflow_run: Absent,
})

export const checkSuite = webhookEvent('check_suite', CheckSuite, (payload, { appId }) => {
  if (payload.action !== 'rerequested' || payload.check_suite.app?.id !== appId) return []
  const { head_sha: sha, pull_requests: pulls } = payload.check_suite
  return [{ repository: repositoryOf(payload), pull: onlyPull(pulls), why: 'check_suite.rerequested', changed: ['pull'], rerequestedAll: [sha] }]
})
