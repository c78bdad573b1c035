import { createAppAuth } from '@octokit/auth-app'
import { Octokit } from '@octokit/rest'
import { expect, test } from 'vitest'
import { openRelease, stage } from './stage.ts'

const at = { owner: 'acme', repo: 'shop' }

test('a real client goes the whole way without a word that GitHub would not know', async () => {
  await using on = await stage({
    runner: {
      run: async (of) => {
        await of.putArtifact({ name: 'rc-P0-1', dir: import.meta.dirname })
        return { conclusion: 'success', jobs: [] }
      },
    },
  })
  const { number, head } = await openRelease(on)
  const { id: appId, privateKey, installationId } = on.github.app
  const octokit = new Octokit({
    baseUrl: on.github.apiUrl,
    authStrategy: createAppAuth,
    auth: { appId, privateKey, installationId },
    userAgent: 'release-conductor',
  })
  const { rest } = octokit
  expect((await rest.apps.getAuthenticated()).data?.slug).toBe('release-conductor')
  const { data: check } = await rest.checks.create({
    ...at,
    name: 'gate (main)',
    head_sha: head,
    status: 'queued',
    external_id: 'e',
    output: { title: 't', summary: 's' },
  })
  await rest.checks.update({ ...at, check_run_id: check.id, status: 'completed', conclusion: 'success', output: { title: 't', summary: 's' } })
  expect((await octokit.paginate(rest.checks.listForRef, { ...at, ref: head, app_id: appId, per_page: 100 })).map((one) => one.id)).toContain(
    check.id,
  )
  await rest.issues.createComment({ ...at, issue_number: number, body: 'hello' })
  expect(await octokit.paginate(rest.issues.listComments, { ...at, issue_number: number, per_page: 1 })).toHaveLength(1)
  expect((await rest.repos.getContent({ ...at, path: '.github/workflows/conduct.yml', ref: 'main', mediaType: { format: 'raw' } })).data).toContain(
    'name: conduct',
  )
  expect((await rest.git.getRef({ ...at, ref: 'heads/release/v2.0.0' })).data.object.sha).toBe(head)
  expect((await rest.repos.compareCommitsWithBasehead({ ...at, basehead: 'main...release/v2.0.0' })).data.ahead_by).toBe(1)
  await rest.actions.createWorkflowDispatch({ ...at, workflow_id: 'conduct.yml', ref: 'release/v2.0.0', inputs: { phase: 'P0', key: 'k' } })
  await on.github.settled()
  const { data: runs } = await rest.actions.listWorkflowRunsForRepo({ ...at, head_sha: head })
  const { data: artifacts } = await rest.actions.listWorkflowRunArtifacts({ ...at, run_id: runs.workflow_runs[0]?.id ?? 0 })
  const { data: zip } = await rest.actions.downloadArtifact({ ...at, artifact_id: artifacts.artifacts[0]?.id ?? 0, archive_format: 'zip' })
  expect((zip as ArrayBuffer).byteLength).toBe(artifacts.artifacts[0]?.size_in_bytes)
  const { data: deployment } = await rest.repos.createDeployment({
    ...at,
    ref: head,
    auto_merge: false,
    required_contexts: [],
    environment: 'prod',
    task: 'canary',
    payload: { percent: 10 },
  })
  await rest.repos.createDeploymentStatus({ ...at, deployment_id: (deployment as { id: number }).id, state: 'in_progress', description: '10 %' })
  const { data: release } = await rest.repos.createRelease({ ...at, tag_name: 'v2.0.0', target_commitish: head, draft: true })
  await rest.repos.uploadReleaseAsset({
    ...at,
    release_id: release.id,
    url: release.upload_url,
    name: 'pack.zip',
    data: 'pack',
    headers: { 'content-type': 'application/zip' },
  })
  expect((await rest.repos.updateRelease({ ...at, release_id: release.id, draft: false })).data.assets).toHaveLength(1)
  await rest.pulls.merge({ ...at, pull_number: number, sha: head })
  await on.github.settled()
  expect((await rest.apps.listWebhookDeliveries({ per_page: 100 })).data.every((one) => one.status === 'OK')).toBe(true)
  on.github.assertClean()
})
