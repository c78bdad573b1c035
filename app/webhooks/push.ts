/** A release branch moved, or the default branch did, and with it perhaps the policy or a merge. */
import { z } from 'zod'
import { Absent, Branch, isReleaseBranch, repositoryOf, Source, webhookEvent } from './event.ts'

const Push = z.looseObject({
  ...Source,
  repository: Source.repository.extend({ default_branch: Branch }),
  ref: z.string().regex(/^refs\//),
  before: z.string(),
  after: z.string(),
  commits: z.array(z.unknown()),
  action: Absent,
})

export const push = webhookEvent('push', Push, (payload) => {
  const branch = payload.ref.startsWith('refs/heads/') ? payload.ref.slice('refs/heads/'.length) : null
  if (branch === null || !(isReleaseBranch(branch) || branch === payload.repository.default_branch)) return []
  return [{ repository: repositoryOf(payload), pull: null, why: `push ${branch}`, changed: ['pull'] }]
})
