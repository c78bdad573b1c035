/** How GitHub writes check runs and suites. */
import * as git from '../world/git.ts'
import type { CheckRun, CheckSuite, Json, Repository } from '../world/model.ts'
import { appOf, nodeId, type World } from '../world/world.ts'
import { simpleCommit } from './commit.ts'
import { integration } from './people.ts'
import { minimalPulls } from './pull.ts'
import { htmlUrl, minimalRepository, repository, repositoryUrl } from './repository.ts'

export const checkRun = (world: World, one: Repository, run: CheckRun): Json => {
  const at = `${repositoryUrl(world, one)}/check-runs/${run.id}`
  const html = `${htmlUrl(world, one)}/runs/${run.id}`
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('CR', run.id),
    head_sha: run.headSha,
    external_id: run.externalId,
    url: at,
    html_url: html,
    details_url: run.detailsUrl ?? html,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: { ...run.output, annotations_count: run.annotations.length, annotations_url: `${at}/annotations` },
    check_suite: { id: run.suite.id },
    app: integration(world, appOf(world, run.appId)),
    pull_requests: minimalPulls(world, one, run.headSha),
  }
}

const RANK = ['failure', 'timed_out', 'cancelled', 'action_required', 'neutral', 'skipped', 'success']

/** Newest run of each name in a suite. */
export const latestOf = (runs: readonly CheckRun[]): CheckRun[] => {
  const newest = new Map<string, CheckRun>()
  for (const run of runs) {
    const key = `${run.appId} ${run.name}`
    if ((newest.get(key)?.id ?? 0) < run.id) newest.set(key, run)
  }
  return [...newest.values()].sort((a, b) => b.id - a.id)
}

export const suiteState = (one: Repository, suite: CheckSuite): { status: string; conclusion: string | null; count: number } => {
  const runs = latestOf(one.checks.filter((run) => run.suite.id === suite.id))
  const done = runs.length > 0 && runs.every((run) => run.status === 'completed') && !suite.requeued
  if (done)
    return { status: 'completed', conclusion: RANK.find((name) => runs.some((run) => run.conclusion === name)) ?? 'success', count: runs.length }
  return { status: !suite.requeued && runs.some((run) => run.status !== 'queued') ? 'in_progress' : 'queued', conclusion: null, count: runs.length }
}

export const checkSuite = async (world: World, one: Repository, suite: CheckSuite): Promise<Json> => {
  const at = `${repositoryUrl(world, one)}/check-suites/${suite.id}`
  const { status, conclusion, count } = suiteState(one, suite)
  return {
    id: suite.id,
    node_id: nodeId('CS', suite.id),
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    status,
    conclusion,
    url: at,
    before: suite.before,
    after: suite.headSha,
    pull_requests: minimalPulls(world, one, suite.headSha),
    app: integration(world, appOf(world, suite.appId)),
    created_at: suite.createdAt,
    updated_at: suite.updatedAt,
    rerequestable: true,
    runs_rerequestable: true,
    latest_check_runs_count: count,
    check_runs_url: `${at}/check-runs`,
    head_commit: simpleCommit(await git.commitInfo(one.gitDir, suite.headSha)),
    repository: minimalRepository(world, one),
  }
}

/** The suite inside a `check_run` webhook. */
export const hookCheckRun = (world: World, one: Repository, run: CheckRun): Json => {
  const { suite } = run
  const { status, conclusion } = suiteState(one, suite)
  return {
    ...checkRun(world, one, run),
    check_suite: {
      id: suite.id,
      node_id: nodeId('CS', suite.id),
      head_branch: suite.headBranch,
      head_sha: suite.headSha,
      status,
      conclusion,
      url: `${repositoryUrl(world, one)}/check-suites/${suite.id}`,
      before: suite.before,
      after: suite.headSha,
      pull_requests: minimalPulls(world, one, suite.headSha),
      app: integration(world, appOf(world, suite.appId)),
      created_at: suite.createdAt,
      updated_at: suite.updatedAt,
      repository: repository(world, one),
    },
  }
}
