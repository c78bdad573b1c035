/** Environments, the Apps whose rule protects them, and the one answer each of those gives to a job that waits. */
import { empty, ok, page, route, type Answer, type Call, type Route } from '../http/call.ts'
import { endWaiting } from '../run/waiting.ts'
import { nodeId } from '../world/world.ts'
import { repositoryUrl, htmlUrl } from '../shape/repository.ts'
import { invalid, notFound, Refusal } from '../world/error.ts'
import type { Environment, Json, WaitingJob } from '../world/model.ts'
import { numberParam, text } from './read.ts'

const MAX_COMMENT = 1024
/** Status reports of one App on one deployment. */
const MAX_REPORTS = 10

const environmentOf = (call: Call): Environment => {
  const found = call.repository.environments.get(call.params['environment_name'] ?? '')
  if (!found) throw notFound()
  return found
}

const shape = (call: Call, entry: Environment): Json => ({
  id: entry.id,
  node_id: nodeId('EN', entry.id),
  name: entry.name,
  url: `${repositoryUrl(call.world, call.repository)}/environments/${encodeURIComponent(entry.name)}`,
  html_url: `${htmlUrl(call.world, call.repository)}/deployments/activity_log?environments_filter=${encodeURIComponent(entry.name)}`,
  created_at: entry.createdAt,
  updated_at: entry.createdAt,
  protection_rules: [],
  deployment_branch_policy: null,
})

/** Installation tokens only, of an App whose rule is there, while the job waits, and once. */
const review = async (call: Call): Promise<Answer> => {
  const { actor, repository: one, body } = call
  if (actor.kind !== 'installation') throw new Refusal(403, 'Resource not accessible by integration')
  const environment = text(body['environment_name'])
  const comment = text(body['comment'])
  const jobs = one.waiting.filter((each) => each.run === numberParam(call, 'run_id') && each.environment === environment)
  const isOpen = ({ app, state }: WaitingJob['answers'][number]): boolean => app.id === actor.app.id && state === 'pending'
  const job = jobs.find(({ answers }) => answers.some(isOpen))
  const answer = job?.answers.find(isOpen)
  if (!job || !answer) throw notFound()
  if (comment.length > MAX_COMMENT) throw invalid('comment is too long (maximum is 1024 characters)')
  const state = body['state']
  if (state === undefined && answer.comments.length >= MAX_REPORTS) throw invalid('too many status reports')
  answer.comments.push(comment)
  if (state === 'approved' || state === 'rejected') {
    answer.state = state
    await endWaiting(call.world, call.bus, one, job)
  }
  return empty()
}

export const protectionRoutes: readonly Route[] = [
  route('GET', '/repos/{owner}/{repo}/environments', (call) => {
    const all = [...call.repository.environments.values()]
    const { items, headers } = page(call, all)
    return ok({ total_count: all.length, environments: items.map((each) => shape(call, each)) }, headers)
  }),
  // The plan of a private repository may know no such rules; then there are none to see.
  route('GET', '/repos/{owner}/{repo}/environments/{environment_name}/deployment_protection_rules', (call) => {
    const { rules } = environmentOf(call)
    const at = `${repositoryUrl(call.world, call.repository)}/environments`
    return ok({
      total_count: rules.length,
      custom_deployment_protection_rules: rules.map(({ id, app }) => ({
        id,
        node_id: nodeId('GT', id),
        enabled: true,
        app: { id: app.id, node_id: nodeId('A', app.id), slug: app.slug, integration_url: `${at}/apps/${app.slug}` },
      })),
    })
  }),
  route('POST', '/repos/{owner}/{repo}/actions/runs/{run_id}/deployment_protection_rule', review),
]
