/** Deployments and their statuses, with GitHub's surprising defaults. */
import { created, ok, page, route, type Answer, type Call, type Route } from '../http/call.ts'
import { refMoved } from '../hook/moved.ts'
import { latestOf } from '../shape/check.ts'
import { deployment as deploymentShape, deploymentStatus as statusShape } from '../shape/deployment.ts'
import { invalid, notFound, Refusal } from '../world/error.ts'
import * as git from '../world/git.ts'
import type { Deployment, DeploymentStatus } from '../world/model.ts'
import { stamp, viaApp } from '../world/world.ts'
import { byJob, flag, maybeText, numberParam, sender, text } from './read.ts'

const MAX_DESCRIPTION = 140

const described = (value: unknown): string => {
  const given = text(value)
  if (given.length > MAX_DESCRIPTION)
    throw invalid('Validation Failed', [
      { resource: 'Deployment', code: 'custom', field: 'description', message: 'description is too long (maximum is 140 characters)' },
    ])
  return given
}

/** `auto_merge`, on by default: the default branch is merged into a branch that is behind, and there is no deployment (202). */
const autoMerge = async (call: Call, ref: string, sha: string): Promise<Answer | null> => {
  const { world, repository: one } = call
  const branch = await git.readRef(one.gitDir, `refs/heads/${ref}`)
  const main = await git.readRef(one.gitDir, `refs/heads/${one.defaultBranch}`)
  if (!branch || !main || ref === one.defaultBranch || (await git.mergeBase(one.gitDir, main, sha)) === main) return null
  const tree = await git.mergeTree(one.gitDir, branch, main)
  if (!tree) throw new Refusal(409, `Conflict merging ${one.defaultBranch} into ${ref}.`)
  const account = sender(call)
  const person = { name: account.name, email: account.email, date: stamp(world) }
  const merged = await git.commitTree(one.gitDir, tree, [branch, main], `Merge ${one.defaultBranch} into ${ref}\n`, person)
  await git.git(one.gitDir, ['update-ref', `refs/heads/${ref}`, merged, branch])
  await refMoved(world, call.bus, one, { ref: `refs/heads/${ref}`, before: branch, after: merged, sender: account, byJob: byJob(call) })
  return { status: 202, body: { message: `Auto-merged ${one.defaultBranch} into ${ref} on deployment.` } }
}

const refuseByContexts = (call: Call, sha: string): void => {
  const asked = call.body['required_contexts'] as string[] | undefined
  const runs = latestOf(call.repository.checks.filter((run) => run.headSha === sha))
  const names = asked ?? runs.map((run) => run.name)
  const bad = names.filter((name) => !runs.some((run) => run.name === name && run.conclusion === 'success'))
  if (bad.length > 0) throw new Refusal(409, `Conflict: Commit status checks failed for ${sha}: ${bad.join(', ')}`)
}

const create = async (call: Call): Promise<Answer> => {
  const { world, repository: one } = call
  const ref = text(call.body['ref'])
  const sha = await git.resolve(one.gitDir, ref)
  if (!sha) throw invalid(`No ref found for: ${ref}`)
  const description = described(call.body['description'])
  if (flag(call.body['auto_merge'], true)) {
    const merged = await autoMerge(call, ref, sha)
    if (merged) return merged
  }
  refuseByContexts(call, sha)
  const environment = maybeText(call.body['environment']) ?? 'production'
  const fresh: Deployment = {
    id: world.nextId(),
    sha,
    ref,
    task: maybeText(call.body['task']) ?? 'deploy',
    environment,
    payload: call.body['payload'] ?? {},
    description: description === '' ? null : description,
    transient: flag(call.body['transient_environment'], false),
    production: flag(call.body['production_environment'], environment === 'production'),
    creator: sender(call),
    viaApp: viaApp(call.actor),
    createdAt: stamp(world),
    updatedAt: stamp(world),
    statuses: [],
  }
  one.deployments.push(fresh)
  call.bus.emit({
    event: 'deployment',
    action: 'created',
    repository: one,
    sender: sender(call),
    payload: { deployment: deploymentShape(world, one, fresh), workflow: null, workflow_run: null },
  })
  return created(deploymentShape(world, one, fresh))
}

const deploymentOf = (call: Call): Deployment => {
  const found = call.repository.deployments.find((each) => each.id === numberParam(call, 'deployment_id'))
  if (!found) throw notFound()
  return found
}

const addStatus = (call: Call): Answer => {
  const { world, repository: one } = call
  const entry = deploymentOf(call)
  const state = text(call.body['state'])
  const make = (of: Deployment, as: string, given: boolean): DeploymentStatus => ({
    id: world.nextId(),
    state: as,
    description: given ? described(call.body['description']) : '',
    environment: (given ? maybeText(call.body['environment']) : undefined) ?? of.environment,
    environmentUrl: given ? text(call.body['environment_url']) : '',
    logUrl: given ? text(call.body['log_url']) || text(call.body['target_url']) : '',
    creator: sender(call),
    viaApp: viaApp(call.actor),
    createdAt: stamp(world),
  })
  const status = make(entry, state, true)
  entry.statuses.push(status)
  entry.updatedAt = stamp(world)
  // Older, successful, neither transient nor production: these GitHub makes inactive by itself, and tells nobody.
  if (state === 'success' && flag(call.body['auto_inactive'], true))
    for (const old of one.deployments)
      if (old.id < entry.id && old.environment === entry.environment && !old.transient && !old.production && old.statuses.at(-1)?.state === 'success')
        old.statuses.push(make(old, 'inactive', false))
  if (state !== 'inactive')
    call.bus.emit({
      event: 'deployment_status',
      action: 'created',
      repository: one,
      sender: sender(call),
      payload: { deployment_status: statusShape(world, one, entry, status), deployment: deploymentShape(world, one, entry) },
    })
  return created(statusShape(world, one, entry, status))
}

export const deploymentRoutes: readonly Route[] = [
  route('POST', '/repos/{owner}/{repo}/deployments', create),
  route('GET', '/repos/{owner}/{repo}/deployments', (call) => {
    const keys = ['sha', 'ref', 'task', 'environment'] as const
    const all = call.repository.deployments
      .filter((each) => keys.every((key) => call.query[key] === undefined || each[key] === call.query[key]))
      .toReversed()
    const { items, headers } = page(call, all)
    return ok(
      items.map((each) => deploymentShape(call.world, call.repository, each)),
      headers,
    )
  }),
  route('GET', '/repos/{owner}/{repo}/deployments/{deployment_id}', (call) => ok(deploymentShape(call.world, call.repository, deploymentOf(call)))),
  route('POST', '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses', addStatus),
  route('GET', '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses', (call) => {
    const entry = deploymentOf(call)
    const { items, headers } = page(call, entry.statuses.toReversed())
    return ok(
      items.map((each) => statusShape(call.world, call.repository, entry, each)),
      headers,
    )
  }),
  route('GET', '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses/{status_id}', (call) => {
    const entry = deploymentOf(call)
    const found = entry.statuses.find((each) => each.id === numberParam(call, 'status_id'))
    if (!found) throw notFound()
    return ok(statusShape(call.world, call.repository, entry, found))
  }),
]
