/** Check runs and suites. */
import { created, ok, page, route, type Answer, type Call, type Route } from '../http/call.ts'
import { createCheck, emitSuite, findCheck, rerequestRun, updateCheck, type CheckChange } from '../hook/checks.ts'
import { checkRun as runShape, checkSuite as suiteShape, latestOf } from '../shape/check.ts'
import { htmlUrl } from '../shape/repository.ts'
import { invalid, notFound, Refusal } from '../world/error.ts'
import * as git from '../world/git.ts'
import type { App, CheckRun, CheckSuite, Json } from '../world/model.ts'
import { numberParam, sender, text } from './read.ts'

const appOfCall = (call: Call): App => {
  if (call.actor.kind !== 'installation' && call.actor.kind !== 'job') throw new Refusal(403, 'You must authenticate via a GitHub App.')
  return call.actor.app
}

const MAX_MESSAGE = 65_536

/** What the published schema does not say. */
const refuse = (body: Json): void => {
  const { status, conclusion } = body
  if (status === 'completed' && conclusion === undefined)
    throw invalid('Invalid request.\n\nNo subschema in "anyOf" matched.\n"conclusion" wasn\'t supplied.')
  if (conclusion === 'stale') throw invalid('Invalid request.\n\nstale is set by GitHub only.')
  const output = body['output'] as Json | undefined
  for (const each of (output?.['annotations'] ?? []) as Json[]) {
    if (text(each['message']).length > MAX_MESSAGE || text(each['raw_details']).length > MAX_MESSAGE || text(each['title']).length > 255)
      throw invalid('Invalid request.\n\nAn annotation is too long.')
    if (each['start_line'] !== each['end_line'] && (each['start_column'] !== undefined || each['end_column'] !== undefined))
      throw invalid('Invalid request.\n\nstart_column and end_column only on a single line.')
  }
}

const changeOf = (body: Json): CheckChange => {
  refuse(body)
  const out: Record<string, unknown> = {}
  const names: readonly [keyof CheckChange, string][] = [
    ['name', 'name'],
    ['status', 'status'],
    ['conclusion', 'conclusion'],
    ['externalId', 'external_id'],
    ['detailsUrl', 'details_url'],
    ['startedAt', 'started_at'],
    ['completedAt', 'completed_at'],
    ['output', 'output'],
    ['actions', 'actions'],
  ]
  for (const [mine, theirs] of names) if (body[theirs] !== undefined) out[mine] = body[theirs]
  return out
}

const create = async (call: Call): Promise<Answer> => {
  const { world, bus, repository: one } = call
  const app = appOfCall(call)
  const headSha = text(call.body['head_sha'])
  if (!/^[0-9a-f]{40}$/.test(headSha) || (await git.objectType(one.gitDir, headSha)) !== 'commit')
    throw invalid(`No commit found for SHA: ${headSha}`)
  const branch = (await git.listRefs(one.gitDir, 'refs/heads/')).find((each) => each.sha === headSha)?.ref.slice('refs/heads/'.length) ?? null
  const of = { appId: app.id, sender: sender(call), headSha, headBranch: branch, name: text(call.body['name']) }
  const run = await createCheck(world, bus, one, of, { status: 'queued', ...changeOf(call.body) })
  return created(runShape(world, one, run))
}

const update = async (call: Call): Promise<Answer> => {
  const { world, bus, repository: one } = call
  const app = appOfCall(call)
  const run = findCheck(one, numberParam(call, 'check_run_id'))
  if (run.appId !== app.id) throw new Refusal(403, `Invalid app_id \`${app.id}\` - check run can only be modified by the GitHub App that created it.`)
  await updateCheck(world, bus, one, run, sender(call), changeOf(call.body))
  return ok(runShape(world, one, run))
}

const filtered = (call: Call, runs: readonly CheckRun[]): Answer => {
  const { check_name: name, status, app_id: appId, filter = 'latest' } = call.query
  const chosen = (filter === 'all' ? [...runs].sort((a, b) => b.id - a.id) : latestOf(runs)).filter(
    (run) =>
      (name === undefined || run.name === name) && (status === undefined || run.status === status) && (appId === undefined || run.appId === appId),
  )
  const { items, headers } = page(call, chosen)
  return ok({ total_count: chosen.length, check_runs: items.map((run) => runShape(call.world, call.repository, run)) }, headers)
}

const shaOf = async (call: Call): Promise<string> => {
  const sha = await git.resolve(call.repository.gitDir, call.params['ref'] ?? '')
  if (!sha) throw invalid(`No commit found for SHA: ${call.params['ref'] ?? ''}`)
  return sha
}

const suiteOf = (call: Call): CheckSuite => {
  const found = call.repository.suites.find((each) => each.id === numberParam(call, 'check_suite_id'))
  if (!found) throw notFound()
  return found
}

export const checkRoutes: readonly Route[] = [
  route('POST', '/repos/{owner}/{repo}/check-runs', create),
  route('PATCH', '/repos/{owner}/{repo}/check-runs/{check_run_id}', update),
  route('GET', '/repos/{owner}/{repo}/check-runs/{check_run_id}', (call) =>
    ok(runShape(call.world, call.repository, findCheck(call.repository, numberParam(call, 'check_run_id')))),
  ),
  route('GET', '/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations', (call) => {
    const run = findCheck(call.repository, numberParam(call, 'check_run_id'))
    const { items, headers } = page(call, run.annotations)
    return ok(
      items.map((each) => ({
        title: null,
        raw_details: null,
        start_column: null,
        end_column: null,
        ...each,
        blob_href: `${htmlUrl(call.world, call.repository)}/blob/${run.headSha}/${text(each['path'])}`,
      })),
      headers,
    )
  }),
  route('POST', '/repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest', (call) => {
    const run = findCheck(call.repository, numberParam(call, 'check_run_id'))
    if (run.status !== 'completed') throw invalid('This check run is not rerequestable')
    rerequestRun(call.world, call.bus, call.repository, run, sender(call))
    return created({})
  }),
  route('GET', '/repos/{owner}/{repo}/commits/{ref}/check-runs', async (call) => {
    const sha = await shaOf(call)
    return filtered(
      call,
      call.repository.checks.filter((run) => run.headSha === sha),
    )
  }),
  route('GET', '/repos/{owner}/{repo}/commits/{ref}/check-suites', async (call) => {
    const sha = await shaOf(call)
    const { app_id: appId, check_name: name } = call.query
    const all = call.repository.suites.filter(
      (suite) =>
        suite.headSha === sha &&
        (appId === undefined || suite.appId === appId) &&
        (name === undefined || call.repository.checks.some((run) => run.suite.id === suite.id && run.name === name)),
    )
    const { items, headers } = page(call, all)
    return ok(
      { total_count: all.length, check_suites: await Promise.all(items.map(async (suite) => await suiteShape(call.world, call.repository, suite))) },
      headers,
    )
  }),
  route('GET', '/repos/{owner}/{repo}/check-suites/{check_suite_id}', async (call) =>
    ok(await suiteShape(call.world, call.repository, suiteOf(call))),
  ),
  route('GET', '/repos/{owner}/{repo}/check-suites/{check_suite_id}/check-runs', (call) => {
    const suite = suiteOf(call)
    return filtered(
      call,
      call.repository.checks.filter((run) => run.suite.id === suite.id),
    )
  }),
  route('POST', '/repos/{owner}/{repo}/check-suites/{check_suite_id}/rerequest', async (call) => {
    const suite = suiteOf(call)
    suite.requeued = true
    await emitSuite(call.world, call.bus, call.repository, suite, 'rerequested', sender(call))
    return created({})
  }),
]
