/** The adopter's workflow, or somebody, said how a deployment goes. What the App itself said is not news. */
import { z } from 'zod'
import { Absent, Id, repositoryOf, Source, ViaApp, webhookEvent } from './event.ts'

const DeploymentStatus = z.looseObject({
  ...Source,
  action: z.literal('created'),
  deployment_status: z.looseObject({ id: Id, state: z.string(), performed_via_github_app: ViaApp }),
  deployment: z.looseObject({ id: Id, sha: z.string(), environment: z.string() }),
  deployment_callback_url: Absent,
})

export const deploymentStatus = webhookEvent('deployment_status', DeploymentStatus, (payload, { appId }) =>
  payload.deployment_status.performed_via_github_app?.id === appId
    ? []
    : [{ repository: repositoryOf(payload), pull: null, why: `deployment_status.${payload.deployment_status.state}`, changed: ['runs'] }],
)
