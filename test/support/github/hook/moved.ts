/** What follows when a ref moves: push, check suites, the pull requests that follow the branch, workflows that run on push. */
import * as git from '../world/git.ts'
import { pushedCommit } from '../shape/commit.ts'
import { fullPull } from '../shape/pull.ts'
import { htmlUrl, organization, repository as repositoryShape } from '../shape/repository.ts'
import { user } from '../shape/people.ts'
import { startOnPush } from '../run/start.ts'
import type { Account, Issue, Json, Repository } from '../world/model.ts'
import { ACTIONS_APP_ID, stamp, type World } from '../world/world.ts'
import type { Bus } from './bus.ts'
import { emitSuite, suiteFor, ZERO } from './checks.ts'

export interface Move {
  /** Full ref. */
  readonly ref: string
  /** Forty zeros: created. */
  readonly before: string
  /** Forty zeros: deleted. */
  readonly after: string
  readonly sender: Account
  /** A job's own token moved it: no workflow starts. */
  readonly byJob: boolean
  /** A pull request was merged. */
  readonly merge?: boolean
}

const unix = (iso: string): number => Math.floor(Date.parse(iso) / 1000)

/** `push` writes the repository a little differently from every other event. */
const pushRepository = (world: World, one: Repository): Json => {
  const shape = repositoryShape(world, one)
  const { disabled: _disabled, ...rest } = shape
  return {
    ...rest,
    disabled: false,
    url: htmlUrl(world, one),
    created_at: unix(one.createdAt),
    pushed_at: unix(one.pushedAt),
    stargazers: 0,
    master_branch: one.defaultBranch,
    owner: { ...user(world, one.owner), name: one.owner.login, email: one.owner.email },
    ...(one.owner.type === 'Organization' ? { organization: one.owner.login } : {}),
  }
}

const emitPush = async (world: World, bus: Bus, one: Repository, move: Move): Promise<void> => {
  const deleted = move.after === ZERO
  const created = move.before === ZERO
  const isTag = move.ref.startsWith('refs/tags/')
  const head = deleted ? null : await git.resolve(one.gitDir, move.after)
  const from = created ? ((await git.readRef(one.gitDir, `refs/heads/${one.defaultBranch}`)) ?? null) : move.before
  const list =
    head && !isTag ? await git.commits(one.gitDir, from && from !== head ? [head, `^${from}`] : [head], from && from !== head ? 20 : 1) : []
  const written = await Promise.all(
    list
      .toReversed()
      .map(async (info) => pushedCommit(world, one, info, info.parents[0] ? await git.changes(one.gitDir, info.parents[0], info.sha) : [])),
  )
  const headInfo = head ? await git.commitInfo(one.gitDir, head) : null
  const forced = !created && !deleted && !isTag && (await git.mergeBase(one.gitDir, move.before, move.after)) !== move.before
  bus.emit({
    event: 'push',
    action: null,
    repository: one,
    sender: move.sender,
    payload: {
      ref: move.ref,
      before: move.before,
      after: move.after,
      created,
      deleted,
      forced,
      base_ref: null,
      compare: `${htmlUrl(world, one)}/compare/${move.before.slice(0, 12)}...${move.after.slice(0, 12)}`,
      commits: created && from === head ? [] : written,
      head_commit: headInfo
        ? pushedCommit(world, one, headInfo, headInfo.parents[0] ? await git.changes(one.gitDir, headInfo.parents[0], headInfo.sha) : [])
        : null,
      pusher: { name: move.sender.login, email: move.sender.email },
      repository: pushRepository(world, one),
      ...(one.owner.type === 'Organization' ? { organization: organization(world, one.owner) } : {}),
    },
  })
}

/** `pull_request` with any action. */
export const emitPull = async (
  world: World,
  bus: Bus,
  one: Repository,
  entry: Issue,
  action: string,
  sender: Account,
  more: Json = {},
): Promise<void> => {
  bus.emit({
    event: 'pull_request',
    action,
    repository: one,
    sender,
    payload: { number: entry.number, pull_request: await fullPull(world, one, entry), ...more },
  })
}

/** Of branches alone, as GitHub keeps them. */
const recordActivity = async (world: World, one: Repository, { ref, before, after, sender, merge }: Move): Promise<void> => {
  if (!ref.startsWith('refs/heads/')) return
  const forced = before !== ZERO && after !== ZERO && (await git.mergeBase(one.gitDir, before, after)) !== before
  const moved = forced ? 'force_push' : merge === true ? 'pr_merge' : 'push'
  const type = before === ZERO ? 'branch_creation' : after === ZERO ? 'branch_deletion' : moved
  one.activities.push({ id: world.nextId(), ref, before, after, at: stamp(world), type, actor: sender })
}

/** Call with the ref already moved on disk. */
export const refMoved = async (world: World, bus: Bus, one: Repository, move: Move): Promise<void> => {
  one.pushedAt = stamp(world)
  await recordActivity(world, one, move)
  await emitPush(world, bus, one, move)
  if (!move.ref.startsWith('refs/heads/') || move.after === ZERO) {
    if (move.after !== ZERO && !move.byJob) await startOnPush(world, bus, one, move)
    return
  }
  const branch = move.ref.slice('refs/heads/'.length)
  for (const app of world.apps.values()) {
    if (app.id === ACTIONS_APP_ID || app.permissions['checks'] !== 'write') continue
    if (!world.installations.some((each) => each.app.id === app.id && each.repositories.has(one.id))) continue
    const fresh = !one.suites.some((suite) => suite.appId === app.id && suite.headSha === move.after)
    const suite = suiteFor(world, one, app.id, move.after, branch, move.before)
    if (fresh) await emitSuite(world, bus, one, suite, 'requested', move.sender)
  }
  for (const entry of one.issues.values()) {
    const { pull } = entry
    if (!pull || entry.state !== 'open' || pull.headRef !== branch) continue
    const before = pull.headSha
    pull.headSha = move.after
    pull.baseSha = (await git.readRef(one.gitDir, `refs/heads/${pull.baseRef}`)) ?? pull.baseSha
    entry.updatedAt = stamp(world)
    await git.git(one.gitDir, ['update-ref', `refs/pull/${entry.number}/head`, move.after])
    await emitPull(world, bus, one, entry, 'synchronize', move.sender, { before, after: move.after })
  }
  if (!move.byJob) await startOnPush(world, bus, one, move)
}
