/** Somebody commented on a pull request: perhaps a command. An edited comment is never one, and our own are not news. */
import { z } from 'zod'
import { Absent, Id, repositoryOf, Source, ViaApp, webhookEvent } from './event.ts'

const IssueComment = z.looseObject({
  ...Source,
  action: z.enum(['created', 'edited', 'deleted', 'pinned', 'unpinned']),
  issue: z.looseObject({ number: Id, pull_request: z.looseObject({}).nullish() }),
  comment: z.looseObject({ id: Id, body: z.string(), issue_url: z.string(), performed_via_github_app: ViaApp }),
  pull_request: Absent,
  discussion: Absent,
})

export const issueComment = webhookEvent('issue_comment', IssueComment, (payload, { appId }) => {
  const onPull = payload.issue.pull_request !== undefined && payload.issue.pull_request !== null
  if (!onPull || payload.action !== 'created' || payload.comment.performed_via_github_app?.id === appId) return []
  return [{ repository: repositoryOf(payload), pull: payload.issue.number, why: 'issue_comment.created' }]
})
