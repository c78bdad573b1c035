/** The merge queue awaits checks on a commit of its own. That it gave one up needs nothing: its branch is gone. */
import { z } from 'zod'
import { Absent, Branch, repositoryOf, Source, webhookEvent } from './event.ts'

const HEADS = 'refs/heads/'

const MergeGroup = z.looseObject({
  ...Source,
  action: z.enum(['checks_requested', 'destroyed']),
  merge_group: z.looseObject({ head_sha: z.string(), head_ref: Branch, base_ref: Branch }),
  pull_request: Absent,
})

export const mergeGroup = webhookEvent('merge_group', MergeGroup, (payload) => {
  const { head_ref: ref } = payload.merge_group
  if (payload.action !== 'checks_requested' || !ref.startsWith(HEADS)) return []
  return [{ repository: repositoryOf(payload), pull: null, why: 'merge_group.checks_requested', queued: [ref.slice(HEADS.length)] }]
})
