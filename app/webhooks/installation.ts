/** The App was installed, or may do more than before: look at the repositories it names. When it was removed there is nothing left to look at. */
import { z } from 'zod'
import { Absent, Id, webhookEvent } from './event.ts'
import { NamedRepository, repositoryNamed } from './named-repository.ts'

const Installation = z.looseObject({
  action: z.enum(['created', 'deleted', 'new_permissions_accepted', 'suspend', 'unsuspend']),
  installation: z.looseObject({ id: Id, app_id: Id, account: z.looseObject({}) }),
  repositories: z.array(NamedRepository).max(10_000).optional(),
  repository: Absent,
  repositories_added: Absent,
})

export const installation = webhookEvent('installation', Installation, (payload, { appId }) =>
  payload.installation.app_id !== appId || payload.action === 'deleted' || payload.action === 'suspend'
    ? []
    : (payload.repositories ?? []).map((one) => ({
        repository: repositoryNamed(one, payload.installation.id),
        pull: null,
        why: `installation.${payload.action}`,
      })),
)
