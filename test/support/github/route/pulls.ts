/** Pull requests: opened, changed, merged, refused. */
import { created, ok, page, route, type Answer, type Call, type Route } from '../http/call.ts'
import { emitPull, refMoved } from '../hook/moved.ts'
import { commit as commitShape, diffEntry } from '../shape/commit.ts'
import { fullPull, pullOf, simplePull, trialMerge } from '../shape/pull.ts'
import { invalid, Refusal } from '../world/error.ts'
import * as git from '../world/git.ts'
import type { Issue, Json } from '../world/model.ts'
import { requiredProblems } from '../world/rules.ts'
import { atLeast, roleIn, stamp, viaApp } from '../world/world.ts'
import { byJob, flag, maybeText, pullEntry, sender, text } from './read.ts'

const MAX_BODY = 65_536

/** A person without write access may change only what is their own. */
export const mayChange = (call: Call, authorId: number): void => {
  const { actor } = call
  if (actor.kind === 'user' && actor.account.id !== authorId && !atLeast(roleIn(call.repository, actor.account), 'write'))
    throw new Refusal(403, 'Must have push access to repository.')
}

const openPull = async (call: Call): Promise<Answer> => {
  const { world, bus, repository: one } = call
  const { head: rawHead, base, title, body } = call.body
  if (call.body['issue'] !== undefined || call.body['head_repo'] !== undefined)
    throw new Refusal(501, 'the double of GitHub knows neither pull requests from forks nor issues turned into pull requests')
  const headRef = text(rawHead).replace(`${one.owner.login}:`, '')
  const baseRef = text(base)
  if (headRef.includes(':')) throw new Refusal(501, 'the double of GitHub does not know forks')
  if (text(title) === '') throw invalid('Validation Failed', [{ resource: 'PullRequest', code: 'missing_field', field: 'title' }])
  if (text(body).length > MAX_BODY)
    throw invalid('Validation Failed', [
      { resource: 'Issue', code: 'custom', field: 'body', message: 'body is too long (maximum is 65536 characters)' },
    ])
  const account = sender(call)
  if (call.actor.kind === 'user' && !atLeast(roleIn(one, account), 'write')) throw new Refusal(403, 'Must have push access to repository.')
  const headSha = await git.readRef(one.gitDir, `refs/heads/${headRef}`)
  const baseSha = await git.readRef(one.gitDir, `refs/heads/${baseRef}`)
  if (!headSha) throw invalid('Validation Failed', [{ resource: 'PullRequest', code: 'invalid', field: 'head' }])
  if (!baseSha) throw invalid('Validation Failed', [{ resource: 'PullRequest', code: 'invalid', field: 'base' }])
  const twin = [...one.issues.values()].find((each) => each.state === 'open' && each.pull?.headRef === headRef && each.pull.baseRef === baseRef)
  if (twin)
    throw invalid('Validation Failed', [
      { resource: 'PullRequest', code: 'custom', message: `A pull request already exists for ${one.owner.login}:${headRef}.` },
    ])
  if ((await git.count(one.gitDir, baseSha, headSha)) === 0)
    throw invalid('Validation Failed', [{ resource: 'PullRequest', code: 'custom', message: `No commits between ${baseRef} and ${headRef}` }])
  const number = one.nextNumber++
  const at = stamp(world)
  const entry: Issue = {
    id: world.nextId(),
    number,
    title: text(title),
    body: maybeText(body) ?? null,
    state: 'open',
    stateReason: null,
    author: account,
    viaApp: viaApp(call.actor),
    labels: [],
    createdAt: at,
    updatedAt: at,
    closedAt: null,
    closedBy: null,
    pull: {
      id: world.nextId(),
      number,
      headRef,
      headSha,
      baseRef,
      baseSha,
      draft: flag(call.body['draft'], false),
      maintainerCanModify: flag(call.body['maintainer_can_modify'], true),
      mergedAt: null,
      mergedBy: null,
      mergeCommit: null,
      trial: null,
    },
  }
  one.issues.set(number, entry)
  await git.git(one.gitDir, ['update-ref', `refs/pull/${number}/head`, headSha])
  await emitPull(world, bus, one, entry, 'opened', account)
  return created(await fullPull(world, one, entry))
}

/** Closes or opens again; used by `PATCH /pulls` and `PATCH /issues`. */
export const setState = async (call: Call, entry: Issue, state: unknown): Promise<void> => {
  if ((state !== 'open' && state !== 'closed') || state === entry.state) return
  const { world, bus, repository: one } = call
  if (state === 'open' && entry.pull?.mergedAt) throw invalid('Validation Failed', [{ resource: 'PullRequest', code: 'invalid', field: 'state' }])
  entry.state = state
  entry.closedAt = state === 'closed' ? stamp(world) : null
  entry.closedBy = state === 'closed' ? sender(call) : null
  if (entry.pull) await emitPull(world, bus, one, entry, state === 'closed' ? 'closed' : 'reopened', sender(call))
}

const updatePull = async (call: Call): Promise<Answer> => {
  const { world, bus, repository: one } = call
  const entry = pullEntry(call)
  const pull = pullOf(entry)
  mayChange(call, entry.author.id)
  const { title, body, base, state } = call.body
  if (text(body).length > MAX_BODY)
    throw invalid('Validation Failed', [
      { resource: 'Issue', code: 'custom', field: 'body', message: 'body is too long (maximum is 65536 characters)' },
    ])
  const changed: Json = {}
  if (typeof title === 'string' && title !== entry.title) {
    changed['title'] = { from: entry.title }
    entry.title = title
  }
  if (typeof body === 'string' && body !== (entry.body ?? '')) {
    changed['body'] = { from: entry.body ?? '' }
    entry.body = body
  }
  if (typeof base === 'string' && base !== pull.baseRef) {
    const sha = await git.readRef(one.gitDir, `refs/heads/${base}`)
    if (!sha) throw invalid('Validation Failed', [{ resource: 'PullRequest', code: 'invalid', field: 'base' }])
    changed['base'] = { ref: { from: pull.baseRef }, sha: { from: pull.baseSha } }
    pull.baseRef = base
    pull.baseSha = sha
  }
  entry.updatedAt = stamp(world)
  if (Object.keys(changed).length > 0) await emitPull(world, bus, one, entry, 'edited', sender(call), { changes: changed })
  await setState(call, entry, state)
  return ok(await fullPull(world, one, entry))
}

const mergePull = async (call: Call): Promise<Answer> => {
  const { world, bus, repository: one } = call
  const entry = pullEntry(call)
  const pull = pullOf(entry)
  const { sha, merge_method: method = 'merge', commit_title: title, commit_message: message } = call.body
  if (entry.state === 'closed' || pull.draft) throw new Refusal(405, pull.draft ? 'Pull Request is still a draft' : 'Pull Request is not mergeable')
  if (typeof sha === 'string' && sha !== pull.headSha) throw new Refusal(409, 'Head branch was modified. Review and try the merge again.')
  if (method === 'rebase') throw new Refusal(405, 'Rebase merges are not allowed on this repository.')
  const problems = requiredProblems(one, pull.baseRef, pull.headSha)
  if (problems.length > 0) throw new Refusal(405, `Repository rule violations found\n\n${problems.join('\n')}`)
  const base = await git.readRef(one.gitDir, `refs/heads/${pull.baseRef}`)
  const trial = await trialMerge(world, one, entry)
  if (!base || !trial) throw new Refusal(405, 'Pull Request is not mergeable')
  const account = sender(call)
  const { tree } = await git.commitInfo(one.gitDir, trial)
  const author = { name: account.name, email: account.email, date: stamp(world) }
  const parents = method === 'squash' ? [base] : [base, pull.headSha]
  const subject =
    maybeText(title) ??
    (method === 'squash' ? `${entry.title} (#${entry.number})` : `Merge pull request #${entry.number} from ${one.owner.login}/${pull.headRef}`)
  const merged = await git.commitTree(one.gitDir, tree, parents, `${subject}\n\n${maybeText(message) ?? entry.title}\n`, author, {
    name: 'GitHub',
    email: 'noreply@github.com',
    date: author.date,
  })
  await git.git(one.gitDir, ['update-ref', `refs/heads/${pull.baseRef}`, merged, base])
  pull.mergeCommit = merged
  pull.mergedAt = stamp(world)
  pull.mergedBy = account
  entry.state = 'closed'
  entry.closedAt = pull.mergedAt
  entry.closedBy = account
  entry.updatedAt = pull.mergedAt
  await emitPull(world, bus, one, entry, 'closed', account)
  await refMoved(world, bus, one, {
    ref: `refs/heads/${pull.baseRef}`,
    before: base,
    after: merged,
    sender: account,
    byJob: byJob(call),
    merge: true,
  })
  return ok({ sha: merged, merged: true, message: 'Pull Request successfully merged' })
}

const listPulls = async (call: Call): Promise<Answer> => {
  const { state = 'open', head, base, sort = 'created', direction = sort === 'created' ? 'desc' : 'asc' } = call.query
  const all = [...call.repository.issues.values()].filter(
    (entry) =>
      entry.pull &&
      (state === 'all' || entry.state === state) &&
      (head === undefined || `${call.repository.owner.login}:${entry.pull.headRef}` === head) &&
      (base === undefined || entry.pull.baseRef === base),
  )
  all.sort((a, b) => (sort === 'updated' ? a.updatedAt.localeCompare(b.updatedAt) : 0) || a.number - b.number)
  const { items, headers } = page(call, direction === 'desc' ? all.toReversed() : all)
  return ok(
    items.map((entry) => simplePull(call.world, call.repository, entry)),
    headers,
  )
}

const range = async (call: Call): Promise<{ from: string; to: string }> => {
  const pull = pullOf(pullEntry(call))
  const from = (await git.mergeBase(call.repository.gitDir, pull.baseSha, pull.headSha)) ?? pull.baseSha
  return { from, to: pull.headSha }
}

export const pullRoutes: readonly Route[] = [
  route('POST', '/repos/{owner}/{repo}/pulls', openPull),
  route('GET', '/repos/{owner}/{repo}/pulls', listPulls),
  route('GET', '/repos/{owner}/{repo}/pulls/{pull_number}', async (call) => ok(await fullPull(call.world, call.repository, pullEntry(call)))),
  route('PATCH', '/repos/{owner}/{repo}/pulls/{pull_number}', updatePull),
  route('PUT', '/repos/{owner}/{repo}/pulls/{pull_number}/merge', mergePull),
  route('GET', '/repos/{owner}/{repo}/pulls/{pull_number}/commits', async (call) => {
    const { from, to } = await range(call)
    const { items, headers } = page(call, (await git.commits(call.repository.gitDir, [`${from}..${to}`], 250)).toReversed())
    return ok(
      items.map((info) => commitShape(call.world, call.repository, info)),
      headers,
    )
  }),
  route('GET', '/repos/{owner}/{repo}/pulls/{pull_number}/files', async (call) => {
    const { from, to } = await range(call)
    const { items, headers } = page(call, (await git.changes(call.repository.gitDir, from, to)).slice(0, 3000))
    return ok(
      items.map((file) => diffEntry(call.world, call.repository, to, file)),
      headers,
    )
  }),
]
