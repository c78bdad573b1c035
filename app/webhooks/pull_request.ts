/** The release pull request was opened, pushed to, edited, labelled, retargeted, merged or closed. */
import { z } from 'zod'
import { Absent, Branch, Id, isReleaseBranch, repositoryOf, Source, webhookEvent } from './event.ts'

const PullRequest = z
  .looseObject({
    ...Source,
    action: z.enum([
      'assigned',
      'auto_merge_disabled',
      'auto_merge_enabled',
      'closed',
      'converted_to_draft',
      'demilestoned',
      'dequeued',
      'edited',
      'enqueued',
      'labeled',
      'locked',
      'milestoned',
      'opened',
      'ready_for_review',
      'reopened',
      'review_request_removed',
      'review_requested',
      'synchronize',
      'unassigned',
      'unlabeled',
      'unlocked',
    ]),
    number: Id,
    pull_request: z.looseObject({ number: Id, head: z.looseObject({ ref: Branch }), base: z.looseObject({ ref: Branch }) }),
    review: Absent,
    comment: Absent,
    thread: Absent,
  })
  .refine((payload) => payload.number === payload.pull_request.number)

/** What gives a pull request that is no release another head or base. */
const MOVES: ReadonlySet<string> = new Set(['opened', 'reopened', 'synchronize', 'edited'])

export const pullRequest = webhookEvent('pull_request', PullRequest, (payload) =>
  isReleaseBranch(payload.pull_request.head.ref) || MOVES.has(payload.action)
    ? [{ repository: repositoryOf(payload), pull: payload.number, why: `pull_request.${payload.action}`, changed: ['pull'] }]
    : [],
)
