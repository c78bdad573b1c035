import { Dispatched, Run, parsed } from '../answers.ts'
import { GitHubError } from '../error.ts'
import { DISPATCH_INPUTS } from '../limits.ts'
import { repositoryPath } from '../octokit.ts'
import { listAll } from '../paginate.ts'
import type { EffectOf, Handler } from './effect.ts'

/** Starts a workflow with the effect's key as an input. The workflow's `run-name` carries the key, so a run whose answer was lost is found by its title. */
export const workflowDispatch: Handler<'workflow.dispatch'> = {
  async perform({ client }, repository, effect) {
    const path = `${workflowPath(repositoryPath(repository), effect)}/dispatches`
    const inputs = { ...effect.inputs, key: effect.key }
    if (Object.keys(inputs).length > DISPATCH_INPUTS)
      throw new GitHubError('refused', `${effect.workflow} would get ${Object.keys(inputs).length} inputs; GitHub takes ${DISPATCH_INPUTS}.`)
    const body = { ref: effect.ref, inputs, return_run_details: true }
    const answer = await client.call(repository, { method: 'POST', path, permissions: { actions: 'write' }, body })
    // An older GitHub Enterprise Server answers 204 without the run; it is found by its title later.
    if (answer.status === 204) return { id: null }
    const run = parsed(Dispatched, answer.data, path)
    return { id: run.workflow_run_id, url: run.html_url }
  },

  async find({ client }, repository, effect) {
    const matches = (run: Run): boolean => run.event === 'workflow_dispatch' && ` ${run.display_title} `.includes(` ${effect.key} `)
    const runs = await listAll(client, repository, {
      path: `${workflowPath(repositoryPath(repository), effect)}/runs`,
      permissions: { actions: 'read' },
      query: { event: 'workflow_dispatch', branch: effect.ref },
      item: Run,
      inside: 'workflow_runs',
      until: (page) => page.some(matches),
      // Newest first; GitHub lists a thousand at most, and ours is among the newest.
      capped: 1000,
    })
    const run = runs.find(matches)
    return run === undefined ? null : { id: run.id, url: run.html_url }
  },
}

function workflowPath(root: string, effect: EffectOf<'workflow.dispatch'>): string {
  return `${root}/actions/workflows/${encodeURIComponent(effect.workflow.split('/').at(-1) ?? '')}`
}
