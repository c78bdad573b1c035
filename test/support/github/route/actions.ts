/** Workflows, runs, jobs, artifacts. */
import { created, ok, page, route, type Answer, type Call, type Route } from '../http/call.ts'
import { signedUrl } from '../http/blobs.ts'
import { createRun, rerun } from '../run/start.ts'
import { readWorkflow, resolveInputs, workflowAt, workflowPaths } from '../run/file.ts'
import { artifact as artifactShape, branchOf, job as jobShape, run as runShape, workflow as workflowShape } from '../shape/run.ts'
import { repositoryUrl, htmlUrl } from '../shape/repository.ts'
import { invalid, notFound, Refusal } from '../world/error.ts'
import * as git from '../world/git.ts'
import type { ArtifactState, RunState, WorkflowState } from '../world/actions.ts'
import type { Json } from '../world/model.ts'
import { stamp } from '../world/world.ts'
import { flag, numberParam, sender, text } from './read.ts'

/** Workflows on the default branch. */
const workflows = async (call: Call): Promise<WorkflowState[]> => {
  const one = call.repository
  const sha = await git.resolve(one.gitDir, one.defaultBranch)
  if (!sha) return []
  const found: WorkflowState[] = []
  for (const path of await workflowPaths(one, sha)) {
    const file = await readWorkflow(one, sha, path)
    if (file) found.push(workflowAt(call.world, one, path, file.name))
  }
  return found
}

const workflowOf = async (call: Call): Promise<WorkflowState> => {
  const id = call.params['workflow_id'] ?? ''
  const found = (await workflows(call)).find((each) => String(each.id) === id || each.path.split('/').pop() === id)
  if (!found) throw notFound()
  return found
}

const MAX_INPUTS = 65_535

const dispatch = async (call: Call): Promise<Answer> => {
  const { world, bus, repository: one } = call
  const workflow = await workflowOf(call)
  const given = text(call.body['ref'])
  const short = branchOf(given)
  const ref = given.startsWith('refs/tags/') || !(await git.readRef(one.gitDir, `refs/heads/${short}`)) ? `refs/tags/${short}` : `refs/heads/${short}`
  if (!(await git.readRef(one.gitDir, ref))) throw invalid(`No ref found for: ${given}`)
  const sha = await git.resolve(one.gitDir, ref)
  const file = sha ? await readWorkflow(one, sha, workflow.path) : null
  if (!sha || !file) throw invalid(`Workflow does not exist on ref: ${given}`)
  if (!('workflow_dispatch' in file.on)) throw invalid("Workflow does not have 'workflow_dispatch' trigger")
  const inputs = (call.body['inputs'] ?? {}) as Json
  if (JSON.stringify(inputs).length > MAX_INPUTS) throw invalid('inputs are too large')
  const resolved = resolveInputs(file.on['workflow_dispatch'] ?? null, inputs)
  const account = sender(call)
  const run = await createRun(world, bus, one, {
    path: workflow.path,
    sha,
    ref,
    event: 'workflow_dispatch',
    payload: {
      inputs: Object.fromEntries(Object.entries(resolved).map(([name, value]) => [name, String(value)])),
      ref,
      workflow: workflow.path,
      repository: {
        id: one.id,
        name: one.name,
        full_name: `${one.owner.login}/${one.name}`,
        default_branch: one.defaultBranch,
        private: one.private,
        owner: { login: one.owner.login, id: one.owner.id },
      },
      sender: { login: account.login, id: account.id, type: account.type },
    },
    inputs: resolved,
    actor: account,
  })
  if (!flag(call.body['return_run_details'], false)) return { status: 204 }
  return ok({
    workflow_run_id: run.id,
    run_url: `${repositoryUrl(world, one)}/actions/runs/${run.id}`,
    html_url: `${htmlUrl(world, one)}/actions/runs/${run.id}`,
  })
}

const runOf = (call: Call): RunState => {
  const found = call.repository.runs.find((each) => each.id === numberParam(call, 'run_id'))
  if (!found) throw notFound()
  return found
}

const listRuns = async (call: Call, all: readonly RunState[]): Promise<Answer> => {
  const { actor, branch, event, status, head_sha: headSha, check_suite_id: suite, created: window } = call.query
  if (window !== undefined) throw new Refusal(501, 'the double of GitHub does not filter runs by created')
  const chosen = all
    .filter(
      (run) =>
        (actor === undefined || run.actor.login === actor) &&
        (branch === undefined || branchOf(run.ref) === branch) &&
        (event === undefined || run.event === event) &&
        (status === undefined || run.status === status || run.conclusion === status) &&
        (headSha === undefined || run.sha === headSha) &&
        (suite === undefined || run.suiteId === suite),
    )
    .toReversed()
  const { items, headers } = page(call, chosen)
  return ok(
    { total_count: chosen.length, workflow_runs: await Promise.all(items.map(async (run) => await runShape(call.world, call.repository, run))) },
    headers,
  )
}

const listArtifacts = (call: Call, pairs: readonly (readonly [RunState, ArtifactState])[]): Answer => {
  const { name } = call.query
  const chosen = pairs.filter(([, each]) => name === undefined || each.name === name).toReversed()
  const { items, headers } = page(call, chosen)
  return ok({ total_count: chosen.length, artifacts: items.map(([run, each]) => artifactShape(call.world, call.repository, run, each)) }, headers)
}

const artifacts = (call: Call): (readonly [RunState, ArtifactState])[] =>
  call.repository.runs.flatMap((run) => run.artifacts.map((each) => [run, each] as const))

const artifactOf = (call: Call): readonly [RunState, ArtifactState] => {
  const found = artifacts(call).find(([, each]) => each.id === numberParam(call, 'artifact_id'))
  if (!found) throw notFound()
  return found
}

export const actionRoutes: readonly Route[] = [
  route('GET', '/repos/{owner}/{repo}/actions/workflows', async (call) => {
    const all = await workflows(call)
    const { items, headers } = page(call, all)
    return ok({ total_count: all.length, workflows: items.map((each) => workflowShape(call.world, call.repository, each)) }, headers)
  }),
  route('GET', '/repos/{owner}/{repo}/actions/workflows/{workflow_id}', async (call) =>
    ok(workflowShape(call.world, call.repository, await workflowOf(call))),
  ),
  route('POST', '/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches', dispatch),
  route('GET', '/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs', async (call) => {
    const workflow = await workflowOf(call)
    return await listRuns(
      call,
      call.repository.runs.filter((run) => run.workflow.id === workflow.id),
    )
  }),
  route('GET', '/repos/{owner}/{repo}/actions/runs', async (call) => await listRuns(call, call.repository.runs)),
  route('GET', '/repos/{owner}/{repo}/actions/runs/{run_id}', async (call) => ok(await runShape(call.world, call.repository, runOf(call)))),
  route('POST', '/repos/{owner}/{repo}/actions/runs/{run_id}/cancel', (call) => {
    const run = runOf(call)
    if (run.status === 'completed') throw new Refusal(409, 'Cannot cancel a workflow run that is completed.')
    run.abort.abort()
    return { status: 202, body: {} }
  }),
  route('POST', '/repos/{owner}/{repo}/actions/runs/{run_id}/rerun', async (call) => {
    const run = runOf(call)
    if (run.status !== 'completed') throw new Refusal(403, 'This workflow is already running')
    if (run.attempt > 50) throw new Refusal(403, 'The maximum number of re-runs was reached')
    run.updatedAt = stamp(call.world)
    await rerun(call.world, call.bus, call.repository, run)
    return created({})
  }),
  route('GET', '/repos/{owner}/{repo}/actions/runs/{run_id}/jobs', (call) => {
    const run = runOf(call)
    const all = run.jobs.filter((each) => call.query['filter'] === 'all' || each.attempt === run.attempt)
    const { items, headers } = page(call, all)
    return ok({ total_count: all.length, jobs: items.map((each) => jobShape(call.world, call.repository, run, each)) }, headers)
  }),
  route('GET', '/repos/{owner}/{repo}/actions/runs/{run_id}/artifacts', (call) => {
    const run = runOf(call)
    return listArtifacts(
      call,
      run.artifacts.map((each) => [run, each] as const),
    )
  }),
  route('GET', '/repos/{owner}/{repo}/actions/artifacts', (call) => listArtifacts(call, artifacts(call))),
  route('GET', '/repos/{owner}/{repo}/actions/artifacts/{artifact_id}', (call) => {
    const [run, each] = artifactOf(call)
    return ok(artifactShape(call.world, call.repository, run, each))
  }),
  route('GET', '/repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}', (call) => {
    const [, each] = artifactOf(call)
    if (call.params['archive_format'] !== 'zip') throw notFound()
    if (each.expired) throw new Refusal(410, 'Artifact has expired')
    return { status: 302, headers: { location: signedUrl(call.world, 'artifacts', each.id, `${each.name}.zip`) } }
  }),
]
