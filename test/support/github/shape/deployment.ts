/** How GitHub writes deployments and their statuses. */
import type { Deployment, DeploymentStatus, Json, Repository } from '../world/model.ts'
import { nodeId, type World } from '../world/world.ts'
import { integration, user } from './people.ts'
import { repositoryUrl } from './repository.ts'

export const deployment = (world: World, one: Repository, entry: Deployment): Json => {
  const at = `${repositoryUrl(world, one)}/deployments/${entry.id}`
  return {
    url: at,
    id: entry.id,
    node_id: nodeId('DE', entry.id),
    task: entry.task,
    original_environment: entry.environment,
    environment: entry.environment,
    description: entry.description,
    created_at: entry.createdAt,
    updated_at: entry.updatedAt,
    statuses_url: `${at}/statuses`,
    repository_url: repositoryUrl(world, one),
    creator: user(world, entry.creator),
    sha: entry.sha,
    ref: entry.ref,
    payload: entry.payload,
    transient_environment: entry.transient,
    production_environment: entry.production,
    performed_via_github_app: entry.viaApp ? integration(world, entry.viaApp) : null,
  }
}

export const deploymentStatus = (world: World, one: Repository, entry: Deployment, status: DeploymentStatus): Json => {
  const at = `${repositoryUrl(world, one)}/deployments/${entry.id}`
  return {
    url: `${at}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId('DES', status.id),
    state: status.state,
    creator: user(world, status.creator),
    description: status.description,
    environment: status.environment,
    target_url: status.logUrl,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    deployment_url: at,
    repository_url: repositoryUrl(world, one),
    ...(status.environmentUrl === '' ? {} : { environment_url: status.environmentUrl }),
    ...(status.logUrl === '' ? {} : { log_url: status.logUrl }),
    performed_via_github_app: status.viaApp ? integration(world, status.viaApp) : null,
  }
}
