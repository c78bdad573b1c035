/**
 * Files of the repository, as one branch and one pull request: onto the branch of the release where there is one, else onto the base. A file that has changed
 * since it was looked at makes the whole change stale, so nothing of others is written over.
 */
import { z } from 'zod'
import { gitBlob } from '../../evidence/core/digest.ts'
import { actionsOf, type Change, type Context, type Handler } from './change.ts'
import { ApplyError } from './error.ts'
import { modesOf } from './file-modes.ts'
import { Anything, segments, type Hub } from './hub.ts'

const GitObject = z.looseObject({ sha: z.string() })
const Commit = z.looseObject({ sha: z.string(), tree: GitObject })
const Ref = z.looseObject({ object: GitObject })
const Content = z.union([z.looseObject({ type: z.string(), sha: z.string() }), z.array(z.unknown())])
const Pull = z.looseObject({
  number: z.number().int(),
  state: z.string(),
  merged_at: z.string().nullish(),
  html_url: z.string().max(2000),
  head: z.looseObject({ ref: z.string(), sha: z.string(), repo: z.looseObject({ full_name: z.string() }).nullish() }),
})

const branchOf = (id: string): string => `release-conductor/plan-${id}`

/** Branch that the files go to. @throws ApplyError `stale` when the release has moved */
async function target({ hub, set }: Context): Promise<string> {
  if (set.pull === null) return set.base
  const pull = await hub.read(`/pulls/${set.pull}`, Pull)
  if (pull?.state !== 'open') throw new ApplyError('stale', `Pull request ${set.pull} is not open`, 'Plan again, for the release that is.')
  if (pull.head.repo?.full_name.toLowerCase() !== hub.repository.toLowerCase())
    throw new ApplyError('stale', `Pull request ${set.pull} comes from another repository`, 'Make the change there by hand.')
  if (pull.head.sha !== set.sha)
    throw new ApplyError('stale', `Pull request ${set.pull} is at ${pull.head.sha}, and the plan was made for ${set.sha}`, 'Plan again.')
  return pull.head.ref
}

/** Of the file at a commit or branch; null: there is none. */
async function standing(hub: Hub, path: string, ref: string): Promise<string | null> {
  const content = await hub.read(`/contents/${segments(path)}?ref=${encodeURIComponent(ref)}`, Content)
  if (content === null) return null
  if (Array.isArray(content) || content.type !== 'file') throw new ApplyError('stale', `${path} is no file at ${ref}`, 'Plan again.')
  return content.sha
}

async function headOf(hub: Hub, branch: string): Promise<string | null> {
  return (await hub.read(`/git/ref/heads/${segments(branch)}`, Ref))?.object.sha ?? null
}

async function pullOf({ hub, id }: Context): Promise<z.infer<typeof Pull> | null> {
  const [owner = ''] = hub.repository.split('/')
  const found = await hub.read(`/pulls?state=all&head=${encodeURIComponent(`${owner}:${branchOf(id)}`)}`, z.array(Pull))
  return found?.[0] ?? null
}

async function commit({ hub, set }: Context, change: Change, onto: string): Promise<string> {
  const parent = await headOf(hub, onto)
  const at = parent === null ? null : await hub.read(`/git/commits/${parent}`, Commit)
  if (at === null) throw new ApplyError('stale', `There is no branch ${onto}`, 'Plan again.')
  const files = actionsOf(change, 'file.write')
  const modes = await modesOf(
    hub,
    at.tree.sha,
    files.map(({ path }) => path),
  )
  const entries = files.map(({ path, text }) => ({ path, mode: modes.get(path), type: 'blob', content: text }))
  const { sha: tree } = await hub.write('POST', '/git/trees', GitObject, { base_tree: at.tree.sha, tree: entries })
  const message = `chore: ${files.length === 1 ? files[0]?.path : `${files.length} files`} as the agents planned\n\nSeen at ${set.sha}.\n`
  return (await hub.write('POST', '/git/commits', GitObject, { message, tree, parents: [at.sha] })).sha
}

function bodyOf({ set, id }: Context, change: Change): string {
  const rows = actionsOf(change, 'file.write').map(({ path, why }) => `- \`${path.replaceAll('`', "'")}\`: ${why.replaceAll(/[<>`\r\n]/g, ' ')}`)
  const undo = `Plan \`${id}\`, made at ${set.sha}. \`release-conductor apply --undo\` closes this pull request while it is open.`
  return ['What agents of Release Conductor would change, carried out by the person who opens this.', '', ...rows, '', undo]
    .join('\n')
    .slice(0, 60_000)
}

export const filesWrite: Handler = {
  async look(context, change) {
    const { hub, set } = context
    const onto = await target(context)
    const changed: string[] = []
    for (const { path, text } of actionsOf(change, 'file.write')) {
      const now = await standing(hub, path, onto)
      if (now === gitBlob(text)) continue
      if (now !== (await standing(hub, path, set.sha)))
        throw new ApplyError('stale', `${path} has changed on ${onto} since the plan was made at ${set.sha}`, 'Plan again.')
      changed.push(path)
    }
    return { same: changed.length === 0, before: { onto } }
  },
  async perform(context, change, { onto }) {
    const { hub, id } = context
    const known = await pullOf(context)
    if (known !== null && (known.state === 'open' || typeof known.merged_at === 'string')) return known.html_url
    if ((await headOf(hub, branchOf(id))) === null) {
      const sha = await commit(context, change, String(onto))
      await hub.write('POST', '/git/refs', Anything, { ref: `refs/heads/${branchOf(id)}`, sha })
    }
    const files = actionsOf(change, 'file.write')
    const title = `chore: ${files.length === 1 ? (files[0]?.path ?? '') : `${files.length} files`} as the agents planned`.slice(0, 250)
    const made = await hub.write('POST', '/pulls', Pull, { title, head: branchOf(id), base: String(onto), body: bodyOf(context, change) })
    return made.html_url
  },
  async undo(context) {
    const { hub, id } = context
    const pull = await pullOf(context)
    if (pull !== null && typeof pull.merged_at === 'string')
      throw new ApplyError(
        'cannot-undo',
        `${pull.html_url} was merged`,
        `Revert it: open that pull request and press Revert, or git revert its merge.`,
      )
    if (pull !== null && pull.state === 'open') await hub.write('PATCH', `/pulls/${pull.number}`, Anything, { state: 'closed' })
    if ((await headOf(hub, branchOf(id))) !== null) await hub.write('DELETE', `/git/refs/heads/${segments(branchOf(id))}`, Anything)
    return pull === null ? 'The branch is gone again.' : `${pull.html_url} is closed, and its branch is gone.`
  },
}
