import { CheckRun, parsed } from '../answers.ts'
import { fitAnnotation } from '../limits.ts'
import { repositoryPath } from '../octokit.ts'
import type { EffectOf, Handler } from './effect.ts'

/** Adds annotations to our own run and leaves what it says as it is: GitHub wants title and summary with them, so those are read first. */
export const checkAnnotate: Handler<'check.annotate'> = {
  async perform({ client }, repository, effect) {
    const path = pathOf(repositoryPath(repository), effect)
    const now = parsed(CheckRun, (await client.call(repository, { method: 'GET', path, permissions: { checks: 'read' } })).data, path)
    const { title, summary, text } = now.output
    const body = {
      output: {
        title: title ?? now.name,
        summary: summary ?? '',
        ...(text !== null && { text }),
        annotations: effect.annotations.map(fitAnnotation),
      },
    }
    const answer = await client.call(repository, { method: 'PATCH', path, permissions: { checks: 'write' }, body, share: 'shown' })
    return { id: parsed(CheckRun, answer.data, path).id }
  },

  async find({ client }, repository, effect) {
    const path = pathOf(repositoryPath(repository), effect)
    const run = parsed(CheckRun, (await client.call(repository, { method: 'GET', path, permissions: { checks: 'read' } })).data, path)
    return run.output.annotations_count >= effect.total ? { id: run.id } : null
  },
}

function pathOf(root: string, effect: EffectOf<'check.annotate'>): string {
  return `${root}/check-runs/${effect.checkRun}`
}
