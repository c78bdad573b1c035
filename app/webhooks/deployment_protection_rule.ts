/** A job reached an environment that our rule protects, and waits for our answer. The number of its run stands in the address of the answer alone. */
import { z } from 'zod'
import { Id, repositoryOf, Source, webhookEvent } from './event.ts'

const RUN = /\/actions\/runs\/([1-9]\d{0,14})\/deployment_protection_rule$/

const ProtectionRule = z.looseObject({
  ...Source,
  action: z.literal('requested'),
  environment: z.string().min(1).max(255),
  deployment_callback_url: z.string().max(1000).regex(RUN),
  deployment: z.looseObject({ id: Id }),
})

export const deploymentProtectionRule = webhookEvent('deployment_protection_rule', ProtectionRule, (payload) => {
  const run = Number(RUN.exec(payload.deployment_callback_url)?.[1])
  const waiting = [{ run, environment: payload.environment, deployment: payload.deployment.id }]
  return [{ repository: repositoryOf(payload), pull: null, why: 'deployment_protection_rule.requested', waiting }]
})
