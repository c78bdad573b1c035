import { z } from 'zod'
import type { Outcome, Repository } from '../../release/ports.ts'
import { GitRef, parsed } from '../answers.ts'
import { isGitHubError } from '../error.ts'
import { repositoryPath, type Client } from '../octokit.ts'
import type { EffectOf, Handler } from './effect.ts'

type Candidate = EffectOf<'candidate.tag'>

/** Others may take a number at the same time; after so many the outbox tries again later. */
const MOST_TRIES = 3

/** The next number of the version at the commit. A commit has one candidate: asked again, it is found. */
export const candidateTag: Handler<'candidate.tag'> = {
  async perform({ client }, repository, effect) {
    // Most versions have one candidate: the list is asked for only when the first number is taken.
    for (let next = 1, attempt = 1; ; attempt++) {
      const tag = `${effect.version}-rc.${next}`
      try {
        const body = { ref: `refs/tags/${tag}`, sha: effect.sha }
        const path = `${repositoryPath(repository)}/git/refs`
        await client.call(repository, { method: 'POST', path, permissions: { contents: 'write' }, body })
        return { id: null, data: { tag } }
      } catch (error) {
        if (!isGitHubError(error, 'refused') || attempt > MOST_TRIES) throw error
        const there = await candidates(client, repository, effect)
        if (there.ours !== null) return there.ours
        next = there.next
      }
    }
  },

  find: async ({ client }, repository, effect) => (await candidates(client, repository, effect)).ours,
}

async function candidates(
  client: Client,
  repository: Repository,
  { version, sha }: Candidate,
): Promise<{ readonly ours: Outcome | null; readonly next: number }> {
  const prefix = `${version}-rc.`
  // GitHub lists these without pages.
  const path = `${repositoryPath(repository)}/git/matching-refs/tags/${encodeURIComponent(prefix)}`
  const refs = parsed(z.array(GitRef), (await client.call(repository, { method: 'GET', path, permissions: { contents: 'read' } })).data, path)
  const numbered = refs.flatMap(({ ref, object }) => {
    const number = /^[1-9]\d{0,8}$/.exec(ref.slice(`refs/tags/${prefix}`.length))?.[0]
    return number === undefined ? [] : [{ number: Number(number), sha: object.sha }]
  })
  const mine = numbered.find((one) => one.sha === sha)
  return {
    ours: mine === undefined ? null : { id: null, data: { tag: `${prefix}${mine.number}` } },
    next: Math.max(0, ...numbered.map(({ number }) => number)) + 1,
  }
}
