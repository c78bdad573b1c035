/** The App was given more repositories: look at them. */
import { z } from 'zod'
import { Absent, Id, webhookEvent } from './event.ts'
import { NamedRepository, repositoryNamed } from './named-repository.ts'

const InstallationRepositories = z.looseObject({
  action: z.enum(['added', 'removed']),
  installation: z.looseObject({ id: Id, app_id: Id }),
  repositories_added: z.array(NamedRepository).max(10_000),
  repositories_removed: z.array(z.unknown()).max(10_000),
  repository: Absent,
})

export const installationRepositories = webhookEvent('installation_repositories', InstallationRepositories, (payload, { appId }) =>
  payload.installation.app_id !== appId
    ? []
    : payload.repositories_added.map((one) => ({
        repository: repositoryNamed(one, payload.installation.id),
        pull: null,
        why: 'installation_repositories.added',
      })),
)
