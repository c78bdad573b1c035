/** Check suites and runs: made and changed in one place, so that every change is an event. */
import type { Bus } from './bus.ts'
import { checkSuite, hookCheckRun, latestOf } from '../shape/check.ts'
import type { Account, CheckRun, CheckSuite, Json, Repository } from '../world/model.ts'
import { notFound } from '../world/error.ts'
import { stamp, type World } from '../world/world.ts'

export const ZERO = '0'.repeat(40)
const MAX_SAME_NAME = 1000

/** The suite of an App on a commit; made when absent. */
export const suiteFor = (world: World, one: Repository, appId: number, headSha: string, headBranch: string | null, before = ZERO): CheckSuite => {
  const found = one.suites.find((suite) => suite.appId === appId && suite.headSha === headSha)
  if (found) return found
  const suite: CheckSuite = {
    id: world.nextId(),
    appId,
    headSha,
    headBranch,
    before,
    createdAt: stamp(world),
    updatedAt: stamp(world),
    requeued: false,
  }
  one.suites.push(suite)
  return suite
}

const emitRun = (world: World, bus: Bus, one: Repository, run: CheckRun, action: string, sender: Account, only?: number): void => {
  bus.emit({
    event: 'check_run',
    action,
    repository: one,
    sender,
    payload: { check_run: hookCheckRun(world, one, run) },
    ...(only === undefined ? {} : { only }),
  })
}

export const emitSuite = async (world: World, bus: Bus, one: Repository, suite: CheckSuite, action: string, sender: Account): Promise<void> => {
  const shape = await checkSuite(world, one, suite)
  const { repository: _repository, ...payload } = shape
  bus.emit({ event: 'check_suite', action, repository: one, sender, payload: { check_suite: payload }, only: suite.appId })
}

export interface CheckChange {
  readonly name?: string
  readonly status?: string
  readonly conclusion?: string | null
  readonly externalId?: string
  readonly detailsUrl?: string
  readonly startedAt?: string
  readonly completedAt?: string
  readonly output?: { readonly title: string; readonly summary: string; readonly text?: string; readonly annotations?: readonly Json[] }
  readonly actions?: readonly Json[]
}

/** Applies a change; a conclusion means completed. Annotations are added, never replaced. */
const apply = (world: World, run: CheckRun, change: CheckChange): void => {
  if (change.name !== undefined) run.name = change.name
  if (change.externalId !== undefined) run.externalId = change.externalId
  if (change.detailsUrl !== undefined) run.detailsUrl = change.detailsUrl
  if (change.startedAt !== undefined) run.startedAt = change.startedAt
  if (change.output) {
    run.output = { title: change.output.title, summary: change.output.summary, text: change.output.text ?? null }
    run.annotations.push(...(change.output.annotations ?? []))
  }
  if (change.actions) run.actions = [...change.actions]
  if (change.conclusion) {
    run.status = 'completed'
    run.conclusion = change.conclusion
    run.completedAt = change.completedAt ?? stamp(world)
  } else if (change.status) {
    run.status = change.status
    run.conclusion = null
    run.completedAt = null
  }
  run.suite.requeued = false
  run.suite.updatedAt = stamp(world)
}

const completed = async (world: World, bus: Bus, one: Repository, run: CheckRun, sender: Account): Promise<void> => {
  emitRun(world, bus, one, run, 'completed', sender)
  const runs = latestOf(one.checks.filter((each) => each.suite.id === run.suite.id))
  if (runs.every((each) => each.status === 'completed')) await emitSuite(world, bus, one, run.suite, 'completed', sender)
}

export const createCheck = async (
  world: World,
  bus: Bus,
  one: Repository,
  of: { readonly appId: number; readonly sender: Account; readonly headSha: string; readonly headBranch: string | null; readonly name: string },
  change: CheckChange,
): Promise<CheckRun> => {
  const suite = suiteFor(world, one, of.appId, of.headSha, of.headBranch)
  const run: CheckRun = {
    id: world.nextId(),
    suite,
    appId: of.appId,
    headSha: of.headSha,
    name: of.name,
    status: 'queued',
    conclusion: null,
    externalId: '',
    detailsUrl: null,
    startedAt: stamp(world),
    completedAt: null,
    output: { title: null, summary: null, text: null },
    annotations: [],
    actions: [],
  }
  apply(world, run, change)
  one.checks.push(run)
  const same = one.checks.filter((each) => each.suite.id === suite.id && each.name === run.name)
  if (same.length > MAX_SAME_NAME) one.checks.splice(one.checks.indexOf(same[0] as CheckRun), 1)
  emitRun(world, bus, one, run, 'created', of.sender)
  if (run.status === 'completed') await completed(world, bus, one, run, of.sender)
  return run
}

export const updateCheck = async (world: World, bus: Bus, one: Repository, run: CheckRun, sender: Account, change: CheckChange): Promise<void> => {
  const was = run.status
  apply(world, run, change)
  if (run.status === 'completed' && (was !== 'completed' || change.conclusion)) await completed(world, bus, one, run, sender)
}

export const rerequestRun = (world: World, bus: Bus, one: Repository, run: CheckRun, sender: Account): void => {
  run.suite.requeued = true
  run.suite.updatedAt = stamp(world)
  emitRun(world, bus, one, run, 'rerequested', sender, run.appId)
}

export const findCheck = (one: Repository, id: number): CheckRun => {
  const run = one.checks.find((each) => each.id === id)
  if (!run) throw notFound()
  return run
}
