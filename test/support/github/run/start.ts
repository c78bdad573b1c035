/** When a run starts, and how it is carried to its end: the double keeps the state, the runner does the work. */
import type { Bus } from '../hook/bus.ts'
import { createCheck, findCheck, suiteFor, updateCheck, ZERO } from '../hook/checks.ts'
import type { Move } from '../hook/moved.ts'
import { revoke } from '../http/tokens.ts'
import type { JobUpdate } from '../runner.ts'
import { branchOf, run as runShape, workflow as workflowShape } from '../shape/run.ts'
import type { RunState } from '../world/actions.ts'
import * as git from '../world/git.ts'
import type { Account, Json, Repository } from '../world/model.ts'
import { ACTIONS_APP_ID, appOf, nodeId, stamp, type World } from '../world/world.ts'
import { requestOf } from './request.ts'
import { readWorkflow, runsOnPush, titleOf, workflowAt, workflowPaths } from './file.ts'

const working = new WeakMap<World, Set<Promise<void>>>()

/** Runs that are being executed now. */
export const openRuns = (world: World): Set<Promise<void>> => {
  let set = working.get(world)
  if (!set) {
    set = new Set()
    working.set(world, set)
  }
  return set
}

export const emitRun = async (world: World, bus: Bus, one: Repository, run: RunState, action: string): Promise<void> => {
  const shape = await runShape(world, one, run)
  bus.emit({
    event: 'workflow_run',
    action,
    repository: one,
    sender: run.actor,
    payload: { workflow_run: shape, workflow: workflowShape(world, one, run.workflow) },
  })
}

export const createRun = async (
  world: World,
  bus: Bus,
  one: Repository,
  of: {
    readonly path: string
    readonly sha: string
    readonly ref: string
    readonly event: string
    readonly payload: Json
    readonly inputs: Readonly<Record<string, string | boolean | number>>
    readonly actor: Account
  },
): Promise<RunState> => {
  const file = await readWorkflow(one, of.sha, of.path)
  const workflow = workflowAt(world, one, of.path, file?.name ?? of.path)
  const info = await git.commitInfo(one.gitDir, of.sha)
  const fallback = of.event === 'workflow_dispatch' ? workflow.name : (info.message.split('\n')[0] ?? '')
  const github = {
    ref: of.ref,
    ref_name: branchOf(of.ref),
    sha: of.sha,
    actor: of.actor.login,
    event_name: of.event,
    repository: `${one.owner.login}/${one.name}`,
  }
  const run: RunState = {
    id: world.nextId(),
    number: one.runs.filter((each) => each.workflow.id === workflow.id).length + 1,
    workflow,
    event: of.event,
    payload: of.payload,
    inputs: of.inputs,
    sha: of.sha,
    ref: of.ref,
    suiteId: suiteFor(world, one, ACTIONS_APP_ID, of.sha, branchOf(of.ref), ZERO).id,
    actor: of.actor,
    createdAt: stamp(world),
    title: file?.runName ? titleOf(file.runName, of.inputs, github) : fallback,
    attempt: 1,
    status: 'queued',
    conclusion: null,
    startedAt: stamp(world),
    updatedAt: stamp(world),
    jobs: [],
    artifacts: [],
    abort: new AbortController(),
  }
  one.runs.push(run)
  await emitRun(world, bus, one, run, 'requested')
  execute(world, bus, one, run)
  return run
}

/** One more attempt of an ended run. */
export const rerun = async (world: World, bus: Bus, one: Repository, run: RunState): Promise<void> => {
  run.attempt++
  run.status = 'queued'
  run.conclusion = null
  run.abort = new AbortController()
  run.startedAt = stamp(world)
  run.updatedAt = stamp(world)
  await emitRun(world, bus, one, run, 'requested')
  execute(world, bus, one, run)
}

const execute = (world: World, bus: Bus, one: Repository, run: RunState): void => {
  if (!world.runner) return
  const set = openRuns(world)
  const open = carry(world, bus, one, run).finally(() => set.delete(open))
  set.add(open)
}

const carry = async (world: World, bus: Bus, one: Repository, run: RunState): Promise<void> => {
  const { runner } = world
  if (!runner) return
  await world.exclusively(async () => {
    run.status = 'in_progress'
    run.updatedAt = stamp(world)
    await emitRun(world, bus, one, run, 'in_progress')
  })
  const tokens: string[] = []
  let reports: Promise<unknown> = Promise.resolve()
  const onJob = (update: JobUpdate): void => {
    reports = reports.then(async () => await world.exclusively(async () => await jobUpdate(world, bus, one, run, update)))
  }
  let conclusion: string
  try {
    const result = await runner.run(requestOf(world, one, run, tokens, onJob))
    for (const job of result.jobs) onJob(job)
    if (result.title !== undefined) run.title = result.title
    conclusion = run.abort.signal.aborted ? 'cancelled' : result.conclusion
  } catch (error) {
    conclusion = run.abort.signal.aborted ? 'cancelled' : 'startup_failure'
    if (!run.abort.signal.aborted)
      world.violations.push({
        kind: 'runner',
        where: `${run.workflow.path} run ${run.id}`,
        problems: [error instanceof Error ? error.message : String(error)],
      })
  }
  await reports
  for (const token of tokens) revoke(world, token)
  await world.exclusively(async () => {
    run.status = 'completed'
    run.conclusion = conclusion
    run.updatedAt = stamp(world)
    await emitRun(world, bus, one, run, 'completed')
  })
}

const jobUpdate = async (world: World, bus: Bus, one: Repository, run: RunState, update: JobUpdate): Promise<void> => {
  const actions = appOf(world, ACTIONS_APP_ID)
  let job = run.jobs.find((each) => each.attempt === run.attempt && each.update.name === update.name)
  const change = { status: update.status, ...(update.status === 'completed' ? { conclusion: update.conclusion ?? 'failure' } : {}) }
  if (!job) {
    const of = { appId: actions.id, sender: actions.bot, headSha: run.sha, headBranch: branchOf(run.ref), name: update.name }
    const check = await createCheck(world, bus, one, of, change)
    job = {
      id: world.nextId(),
      checkRunId: check.id,
      attempt: run.attempt,
      createdAt: stamp(world),
      startedAt: stamp(world),
      completedAt: null,
      update,
    }
    run.jobs.push(job)
  } else if (JSON.stringify(job.update) !== JSON.stringify(update)) {
    const was = job.update
    job.update = update
    if (was.status !== update.status) await updateCheck(world, bus, one, findCheck(one, job.checkRunId), actions.bot, change)
  }
  if (update.status === 'completed') job.completedAt ??= stamp(world)
  run.updatedAt = stamp(world)
}

/** Starts every workflow of the pushed commit that runs on this push. */
export const startOnPush = async (world: World, bus: Bus, one: Repository, move: Move): Promise<void> => {
  const sha = await git.resolve(one.gitDir, move.after)
  if (!sha) return
  const info = await git.commitInfo(one.gitDir, sha)
  if (/\[(skip ci|ci skip|no ci|skip actions|actions skip)\]/.test(info.message)) return
  const from = move.before === ZERO ? info.parents[0] : move.before
  const files = from ? (await git.changes(one.gitDir, from, sha)).map((each) => each.path) : []
  for (const path of await workflowPaths(one, sha)) {
    const file = await readWorkflow(one, sha, path)
    if (!file || !('push' in file.on) || !runsOnPush(file.on['push'] ?? null, move.ref, files)) continue
    await createRun(world, bus, one, {
      path,
      sha,
      ref: move.ref,
      event: 'push',
      payload: {
        ref: move.ref,
        before: move.before,
        after: move.after,
        repository: {
          id: one.id,
          node_id: nodeId('R', one.id),
          name: one.name,
          full_name: `${one.owner.login}/${one.name}`,
          default_branch: one.defaultBranch,
          private: one.private,
          owner: { login: one.owner.login, id: one.owner.id },
        },
        sender: { login: move.sender.login, id: move.sender.id, type: move.sender.type },
        head_commit: { id: sha, message: info.message },
      },
      inputs: {},
      actor: move.sender,
    })
  }
}
