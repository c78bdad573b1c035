/** A release on the double of GitHub, a person's hub to it, and sets of plans to carry out there. */
import { ApplyError } from '../../../agents/apply/error.ts'
import type { Hub } from '../../../agents/apply/hub.ts'
import type { Journal, JournalEntry } from '../../../agents/apply/journal.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import type { ChangeSet, PlannedAction } from '../../../evidence/model/action-plan.ts'
import { rulesetOf } from '../../../agents/platform/cicd-engineer.rules.ts'
import { REPO, type Stage } from '../../double/stage.ts'

export const MARK = '<!-- release-conductor: previews -->'

/** A write of the hub that ends like a process that is killed. */
export class Killed extends Error {}

export interface Watch {
  /** Which write it dies at, counted from 0, and on which side of its effect. */
  readonly kill?: { readonly at: number; readonly side: 'before' | 'after' }
  readonly writes: string[]
}

export function hubOf(on: Stage, login: string, watch: Watch = { writes: [] }): Hub {
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await on.github.as(login).request(method, `/repos/${REPO}${path}`, body)
    if (answer.status < 400 || answer.status === 404) return answer
    throw new ApplyError('refused', `GitHub refused (${answer.status})`, 'Be somebody who may.')
  }
  return {
    repository: REPO,
    login,
    async read(path, schema) {
      const { data, status } = await ask('GET', path)
      return status === 404 ? null : schema.parse(data)
    },
    async write(method, path, schema, body) {
      const { kill, writes } = watch
      const isNow = kill?.at === writes.length
      writes.push(`${method} ${path}`)
      if (isNow && kill.side === 'before') throw new Killed()
      const { data, status } = await ask(method, path, body)
      if (status === 404) throw new ApplyError('refused', 'GitHub refused (404)', 'Be somebody who may.')
      if (isNow) throw new Killed()
      return schema.parse(data)
    },
  }
}

export function memory(): Journal {
  const entries: JournalEntry[] = []
  return { entries, append: async (entry) => void entries.push(entry) }
}

export const action = (kind: PlannedAction['kind'], path: string, text: string): PlannedAction => ({
  kind,
  path,
  text,
  sha256: sha256(text),
  why: 'because it is so',
})

export const file = (path: string, text: string): PlannedAction => action('file.write', path, text)
export const comment = (pull: number, text: string): PlannedAction => action('comment.write', `pulls/${pull}/comments/previews`, `${MARK}\n${text}`)
export const end = (deployment: number, teardown: string | null): PlannedAction =>
  action(
    'deployment.end',
    `deployments/${deployment}`,
    JSON.stringify({ deployment, environment: 'preview-1', state: 'inactive', description: 'too dear', teardown }),
  )
export const ruleset = (base: string, name = `release-conductor (${base})`): PlannedAction =>
  action('ruleset.write', name, JSON.stringify({ ...rulesetOf({ base, context: `release-conductor/all_required_gates (${base})` }, 1234), name }))

export function setOf(sha: string, pull: number | null, ...actions: readonly PlannedAction[]): ChangeSet {
  return { schema_version: 1, repository: REPO, sha, base: 'main', pull, plans: [{ schema_version: 1, agent: 'one', actions: [...actions] }] }
}

/** What a person would see of it all, without times and numbers that GitHub gives. */
export async function seen(on: Stage, pull: number) {
  const get = async <Data>(path: string): Promise<Data> => (await on.github.as('boss').request('GET', `/repos/${REPO}${path}`)).data as Data
  const pulls = await get<{ number: number; state: string; title: string; head: { ref: string }; base: { ref: string } }[]>('/pulls?state=all')
  const comments = await get<{ body: string; user: { login: string } }[]>(`/issues/${pull}/comments`)
  const runs = await get<{ workflow_runs: { name: string }[] }>('/actions/runs')
  return {
    pulls: pulls.filter(({ number }) => number !== pull).map(({ state, title, base }) => `${state} ${title} -> ${base.ref}`),
    comments: comments.map(({ body, user }) => `${user.login}: ${body}`),
    rulesets: on.github.repository(REPO).rulesets.map(({ name, enforcement, bypassActors }) => `${name} ${enforcement} ${bypassActors.length}`),
    runs: runs.workflow_runs.length,
  }
}
