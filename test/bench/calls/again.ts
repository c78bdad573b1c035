/**
 * What a design asks of GitHub that decides anew at each event, as policy-bot does for each successful check (palantir/policy-bot, fc09d7a; read, not run):
 * the policy, the pull request, its comments, files, commits and checks, one membership, and its status written whether or not it changed. Its fewest.
 */
import type { Stage } from '../../flow/stage.ts'
import type { Release } from '../../flow/release.ts'

/** @param agents of which each ends in one check that is an event @returns requests, that of the agent itself not among them */
export async function decideAtEachEvent({ github }: Stage, release: Release, token: string, agents: number): Promise<number> {
  const { fullName, history } = release.shop
  const { sha } = history.release
  let asked = 0
  const repository = `/repos/${fullName}`
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    asked += 1
    const answer = await fetch(`${github.apiUrl}${path}`, {
      method,
      headers: { authorization: `token ${token}`, 'user-agent': 'bench', 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${await answer.text()}`)
    return await answer.json()
  }
  const check = (await call('POST', `${repository}/check-runs`, { name: 'policy', head_sha: sha, status: 'in_progress' })) as { readonly id: number }
  for (let agent = 0; agent < agents; agent += 1) {
    await call('GET', `${repository}/contents/.github/release-conductor.yml`)
    await call('GET', `${repository}/pulls/${release.pull}`)
    await call('GET', `${repository}/issues/${release.pull}/comments?per_page=100`)
    await call('GET', `${repository}/pulls/${release.pull}/files?per_page=100`)
    await call('GET', `${repository}/pulls/${release.pull}/commits?per_page=100`)
    await call('GET', `${repository}/commits/${sha}/check-runs?per_page=100`)
    await call('GET', `${repository}/collaborators/approver/permission`)
    await call('PATCH', `${repository}/check-runs/${check.id}`, {
      status: 'in_progress',
      output: { title: `${agent} of ${agents}`, summary: 'waiting' },
    })
  }
  return asked
}
