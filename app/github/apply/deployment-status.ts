import { DeploymentStatus, parsed } from '../answers.ts'
import { DEPLOYMENT_DESCRIPTION, fitLine } from '../limits.ts'
import { repositoryPath } from '../octokit.ts'
import { listAll } from '../paginate.ts'
import type { EffectOf, Handler } from './effect.ts'

/** Appends a status. Other deployments are never inactivated on the side: `inactive` is an effect of its own (trap T52). */
export const deploymentStatus: Handler<'deployment.status'> = {
  async perform({ client }, repository, effect) {
    const path = pathOf(repositoryPath(repository), effect)
    const body = { state: effect.state, description: descriptionOf(effect), auto_inactive: false }
    const answer = await client.call(repository, { method: 'POST', path, permissions: { deployments: 'write' }, body })
    return { id: parsed(DeploymentStatus, answer.data, path).id }
  },

  async find({ client }, repository, effect) {
    const statuses = await listAll(client, repository, {
      path: pathOf(repositoryPath(repository), effect),
      permissions: { deployments: 'read' },
      item: DeploymentStatus,
    })
    const last = statuses.reduce<(typeof statuses)[number] | null>((newest, one) => (newest === null || one.id > newest.id ? one : newest), null)
    return last !== null && last.state === effect.state && last.description === descriptionOf(effect) ? { id: last.id } : null
  },
}

function pathOf(root: string, effect: EffectOf<'deployment.status'>): string {
  return `${root}/deployments/${effect.deployment}/statuses`
}

function descriptionOf(effect: EffectOf<'deployment.status'>): string {
  return fitLine(effect.description, DEPLOYMENT_DESCRIPTION)
}
