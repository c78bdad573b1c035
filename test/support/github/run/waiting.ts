/** A job that reaches an environment waits for every App whose rule protects it; one no ends the run, the last yes lets it go on. */
import type { Bus } from '../hook/bus.ts'
import { deployment as deploymentShape } from '../shape/deployment.ts'
import { fullPull } from '../shape/pull.ts'
import { htmlUrl, repositoryUrl } from '../shape/repository.ts'
import { DoubleError } from '../world/error.ts'
import type { RunState } from '../world/actions.ts'
import type { App, Deployment, Environment, Repository, WaitingJob } from '../world/model.ts'
import { ACTIONS_APP_ID, appOf, stamp, type World } from '../world/world.ts'
import { emitRun } from './start.ts'
import { branchOf } from '../shape/run.ts'

export const protectEnvironment = (world: World, one: Repository, name: string, app: App | null): Environment => {
  const known = one.environments.get(name)
  const entry: Environment = known ?? { id: world.nextId(), name, createdAt: stamp(world), rules: [] }
  if (app && !entry.rules.some((rule) => rule.app.id === app.id)) entry.rules.push({ id: world.nextId(), app })
  one.environments.set(name, entry)
  return entry
}

const runOf = (one: Repository, id: number): RunState => {
  const run = one.runs.find((each) => each.id === id)
  if (!run) throw new DoubleError('refused', `there is no run ${id}`)
  return run
}

/** GitHub makes a deployment of its own for the job, and asks each App. */
export const reachEnvironment = async (world: World, bus: Bus, one: Repository, id: number, name: string): Promise<WaitingJob> => {
  const run = runOf(one, id)
  const environment = one.environments.get(name) ?? protectEnvironment(world, one, name, null)
  const actions = appOf(world, ACTIONS_APP_ID)
  const deployment: Deployment = {
    id: world.nextId(),
    sha: run.sha,
    ref: branchOf(run.ref),
    task: 'deploy',
    environment: name,
    payload: {},
    description: null,
    transient: false,
    production: false,
    creator: run.actor,
    viaApp: actions,
    createdAt: stamp(world),
    updatedAt: stamp(world),
    statuses: [],
  }
  one.deployments.push(deployment)
  const answers = environment.rules.map(({ app }) => ({ app, state: 'pending' as const, comments: [] }))
  const job: WaitingJob = { run: id, environment: name, deployment, answers }
  one.waiting.push(job)
  if (job.answers.length === 0) return job
  const mine = [...one.issues.values()].filter((entry) => entry.pull?.headSha === run.sha)
  const pulls = await Promise.all(mine.map(async (entry) => await fullPull(world, one, entry)))
  run.status = 'waiting'
  run.updatedAt = stamp(world)
  for (const { app } of job.answers)
    bus.emit({
      event: 'deployment_protection_rule',
      action: 'requested',
      repository: one,
      sender: run.actor,
      only: app.id,
      payload: {
        environment: name,
        event: run.event,
        deployment_callback_url: `${repositoryUrl(world, one)}/actions/runs/${id}/deployment_protection_rule`,
        deployment: deploymentShape(world, one, deployment),
        pull_requests: pulls,
      },
    })
  return job
}

/** What GitHub writes on the deployment it made, with a link to the run. */
const say = (world: World, one: Repository, { run, environment, deployment }: WaitingJob, state: string): void => {
  deployment.statuses.push({
    id: world.nextId(),
    state,
    description: '',
    environment,
    environmentUrl: '',
    logUrl: `${htmlUrl(world, one)}/actions/runs/${run}/job/1`,
    creator: deployment.creator,
    viaApp: deployment.viaApp,
    createdAt: stamp(world),
  })
}

/** Called after each answer. */
export const endWaiting = async (world: World, bus: Bus, one: Repository, job: WaitingJob): Promise<void> => {
  const run = runOf(one, job.run)
  if (job.answers.some(({ state }) => state === 'rejected')) {
    run.status = 'completed'
    run.conclusion = 'failure'
    say(world, one, job, 'failure')
  } else if (job.answers.every(({ state }) => state === 'approved')) {
    run.status = 'in_progress'
    say(world, one, job, 'in_progress')
  } else return
  run.updatedAt = stamp(world)
  await emitRun(world, bus, one, run, run.status)
}
