import { CheckRun, parsed } from '../answers.ts'
import { GitHubError } from '../error.ts'
import { fitOutput } from '../limits.ts'
import { repositoryPath } from '../octokit.ts'
import type { EffectOf, Handler } from './effect.ts'

/** A PATCH of our own run. `neutral` counts as passed at GitHub, so it is refused here too when no waiver stands behind it. */
export const checkUpdate: Handler<'check.update'> = {
  async perform({ client }, repository, effect) {
    const path = pathOf(repositoryPath(repository), effect)
    if ((effect.status === 'completed') !== (effect.conclusion !== null))
      throw new GitHubError(
        'refused',
        `A check run is completed exactly when it has a conclusion; this one is ${effect.status} with ${effect.conclusion}.`,
      )
    if (effect.conclusion === 'neutral' && effect.waiver === undefined)
      throw new GitHubError('refused', 'GitHub counts neutral as passed. Only a verified waiver may write it, and none is named.')
    const body = {
      status: effect.status,
      ...(effect.conclusion !== null && { conclusion: effect.conclusion }),
      output: fitOutput(effect.output),
      actions: effect.actions ?? [],
      ...(effect.detailsUrl !== undefined && { details_url: effect.detailsUrl }),
    }
    const answer = await client.call(repository, { method: 'PATCH', path, permissions: { checks: 'write' }, body, share: 'shown' })
    const run = parsed(CheckRun, answer.data, path)
    return { id: run.id, ...(run.html_url !== null && { url: run.html_url }) }
  },

  async find({ client }, repository, effect) {
    const path = pathOf(repositoryPath(repository), effect)
    const answer = await client.call(repository, { method: 'GET', path, permissions: { checks: 'read' } })
    const run = parsed(CheckRun, answer.data, path)
    const wanted = fitOutput(effect.output)
    const same =
      run.status === effect.status &&
      run.conclusion === effect.conclusion &&
      run.output.title === wanted.title &&
      run.output.summary === wanted.summary &&
      (run.output.text ?? '') === (wanted.text ?? '')
    return same ? { id: run.id, ...(run.html_url !== null && { url: run.html_url }) } : null
  },
}

function pathOf(root: string, effect: EffectOf<'check.update'>): string {
  return `${root}/check-runs/${effect.checkRun}`
}
