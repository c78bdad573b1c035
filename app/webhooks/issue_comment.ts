/** Somebody commented on a pull request: perhaps a command; or on an issue, asking for a release. An edited comment is never one, and our own are not news. */
import { z } from 'zod'
import { sha256 } from '../../evidence/core/digest.ts'
import { Absent, Id, repositoryOf, Source, ViaApp, webhookEvent } from './event.ts'

const IssueComment = z.looseObject({
  ...Source,
  action: z.enum(['created', 'edited', 'deleted', 'pinned', 'unpinned']),
  issue: z.looseObject({ number: Id, pull_request: z.looseObject({}).nullish() }),
  comment: z.looseObject({ id: Id, body: z.string(), issue_url: z.string(), performed_via_github_app: ViaApp }),
  pull_request: Absent,
  discussion: Absent,
})

/** Perhaps asks for a release, which can be done on any issue. */
export const ASKS = /^\/release\b/

export const issueComment = webhookEvent('issue_comment', IssueComment, (payload, { appId }) => {
  const { issue, comment } = payload
  const onPull = issue.pull_request !== undefined && issue.pull_request !== null
  const asks = ASKS.test(comment.body)
  if (!(onPull || asks) || payload.action !== 'created' || comment.performed_via_github_app?.id === appId) return []
  return [
    {
      repository: repositoryOf(payload),
      pull: issue.number,
      why: 'issue_comment.created',
      changed: ['comments'],
      ...(asks && { asked: [comment.id] }),
      ...(onPull && { written: [{ comment: comment.id, digest: sha256(comment.body) }] }),
    },
  ]
})
