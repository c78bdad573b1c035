/** How GitHub writes workflows, runs, jobs and artifacts. */
import * as git from '../world/git.ts'
import type { ArtifactState, JobState, RunState, WorkflowState } from '../world/actions.ts'
import type { Json, Repository } from '../world/model.ts'
import { nodeId, type World } from '../world/world.ts'
import { simpleCommit } from './commit.ts'
import { user } from './people.ts'
import { minimalPulls } from './pull.ts'
import { htmlUrl, minimalRepository, repositoryUrl } from './repository.ts'

export const workflow = (world: World, one: Repository, entry: WorkflowState): Json => {
  const file = entry.path.split('/').pop() ?? ''
  return {
    id: entry.id,
    node_id: nodeId('W', entry.id),
    name: entry.name,
    path: entry.path,
    state: 'active',
    created_at: entry.createdAt,
    updated_at: entry.createdAt,
    url: `${repositoryUrl(world, one)}/actions/workflows/${entry.id}`,
    html_url: `${htmlUrl(world, one)}/blob/${one.defaultBranch}/${entry.path}`,
    badge_url: `${htmlUrl(world, one)}/workflows/${encodeURIComponent(file)}/badge.svg`,
  }
}

export const branchOf = (ref: string): string => ref.replace(/^refs\/(heads|tags)\//, '')

/** `hook`: as in the `workflow_run` webhook, which knows no more and no less than the REST shape except for the repository's. */
export const run = async (world: World, one: Repository, entry: RunState): Promise<Json> => {
  const at = `${repositoryUrl(world, one)}/actions/runs/${entry.id}`
  return {
    id: entry.id,
    name: entry.workflow.name,
    node_id: nodeId('WFR', entry.id),
    head_branch: branchOf(entry.ref),
    head_sha: entry.sha,
    path: entry.workflow.path,
    display_title: entry.title,
    run_number: entry.number,
    event: entry.event,
    status: entry.status,
    conclusion: entry.conclusion,
    workflow_id: entry.workflow.id,
    check_suite_id: entry.suiteId,
    check_suite_node_id: nodeId('CS', entry.suiteId),
    url: at,
    html_url: `${htmlUrl(world, one)}/actions/runs/${entry.id}`,
    pull_requests: minimalPulls(world, one, entry.sha),
    created_at: entry.createdAt,
    updated_at: entry.updatedAt,
    actor: user(world, entry.actor),
    run_attempt: entry.attempt,
    referenced_workflows: [],
    run_started_at: entry.startedAt,
    triggering_actor: user(world, entry.actor),
    jobs_url: `${at}/jobs`,
    logs_url: `${at}/logs`,
    check_suite_url: `${repositoryUrl(world, one)}/check-suites/${entry.suiteId}`,
    artifacts_url: `${at}/artifacts`,
    cancel_url: `${at}/cancel`,
    rerun_url: `${at}/rerun`,
    previous_attempt_url: entry.attempt > 1 ? `${at}/attempts/${entry.attempt - 1}` : null,
    workflow_url: `${repositoryUrl(world, one)}/actions/workflows/${entry.workflow.id}`,
    head_commit: simpleCommit(await git.commitInfo(one.gitDir, entry.sha)),
    repository: minimalRepository(world, one),
    head_repository: minimalRepository(world, one),
  }
}

export const job = (world: World, one: Repository, parent: RunState, entry: JobState): Json => {
  const { update } = entry
  return {
    id: entry.id,
    run_id: parent.id,
    workflow_name: parent.workflow.name,
    head_branch: branchOf(parent.ref),
    run_url: `${repositoryUrl(world, one)}/actions/runs/${parent.id}`,
    run_attempt: entry.attempt,
    node_id: nodeId('J', entry.id),
    head_sha: parent.sha,
    url: `${repositoryUrl(world, one)}/actions/jobs/${entry.id}`,
    html_url: `${htmlUrl(world, one)}/actions/runs/${parent.id}/job/${entry.id}`,
    status: update.status,
    conclusion: update.conclusion ?? null,
    created_at: entry.createdAt,
    started_at: entry.startedAt,
    completed_at: entry.completedAt,
    name: update.name,
    steps: (update.steps ?? []).map((step) => ({
      name: step.name,
      number: step.number,
      status: step.status,
      conclusion: step.conclusion ?? null,
      started_at: entry.startedAt,
      completed_at: step.status === 'completed' ? (entry.completedAt ?? entry.startedAt) : null,
    })),
    check_run_url: `${repositoryUrl(world, one)}/check-runs/${entry.checkRunId}`,
    labels: ['ubuntu-latest'],
    runner_id: 1,
    runner_name: 'GitHub Actions 1',
    runner_group_id: 0,
    runner_group_name: 'GitHub Actions',
  }
}

export const artifact = (world: World, one: Repository, parent: RunState, entry: ArtifactState): Json => {
  const at = `${repositoryUrl(world, one)}/actions/artifacts/${entry.id}`
  return {
    id: entry.id,
    node_id: nodeId('MDg6QXJ0', entry.id),
    name: entry.name,
    size_in_bytes: entry.size,
    url: at,
    archive_download_url: `${at}/zip`,
    expired: entry.expired,
    digest: entry.digest,
    created_at: entry.createdAt,
    updated_at: entry.createdAt,
    expires_at: new Date(Date.parse(entry.createdAt) + 90 * 86_400_000).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    workflow_run: { id: parent.id, repository_id: one.id, head_repository_id: one.id, head_branch: branchOf(parent.ref), head_sha: parent.sha },
  }
}
