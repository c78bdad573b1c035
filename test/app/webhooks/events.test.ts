import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sha256 } from '../../../evidence/core/digest.ts'
import { events } from '../../../app/webhooks/events.ts'
import {
  APP_ID,
  checkRunBody,
  checkSuiteBody,
  deploymentStatusBody,
  installationBody,
  installationRepositoriesBody,
  issueCommentBody,
  mergeGroupBody,
  protectionRuleBody,
  pullRequestBody,
  pushBody,
  REPOSITORY,
  workflowRunBody,
} from '../../support/deliveries.ts'

/** As the delivery has it. */
const written = (body: string): object => ({ comment: 55, digest: sha256(body) })

const SHOP = { id: 7, owner: 'acme', name: 'shop', installationId: 3 }
const context = { appId: APP_ID }

function triggers(event: string, body: unknown): readonly unknown[] | null {
  const reader = events.find((one) => one.event === event)
  if (reader === undefined) throw new Error(`no reader of ${event}`)
  return reader.triggers(body, context)
}

const BODIES: Readonly<Record<string, object>> = {
  check_run: checkRunBody(),
  check_suite: checkSuiteBody(),
  deployment_protection_rule: protectionRuleBody(),
  deployment_status: deploymentStatusBody(),
  installation: installationBody(),
  installation_repositories: installationRepositoriesBody(),
  issue_comment: issueCommentBody(),
  merge_group: mergeGroupBody(),
  pull_request: pullRequestBody(),
  push: pushBody(),
  workflow_run: workflowRunBody(),
}
/** Bodies of events that look much like ours. */
const NEIGHBOURS: Readonly<Record<string, object>> = {
  pull_request_review: pullRequestBody(12, { action: 'submitted', number: undefined, review: { id: 1 } }),
  pull_request_review_comment: pullRequestBody(12, { action: 'created', number: undefined, comment: { id: 1, body: '/promote', issue_url: 'u' } }),
  pull_request_review_thread: pullRequestBody(12, { action: 'resolved', number: undefined, thread: {} }),
  issues: issueCommentBody({ action: 'opened', comment: undefined }),
  commit_comment: issueCommentBody({ issue: undefined }),
  discussion_comment: issueCommentBody({ issue: undefined, discussion: { number: 12 } }),
  deployment: { ...deploymentStatusBody(), deployment_status: undefined },
  workflow_job: { ...workflowRunBody(), workflow_run: undefined, workflow_job: { id: 1 } },
  create: { ...pushBody(), commits: undefined, ref: 'release/v2.0.0', ref_type: 'branch' },
}

test('the list has every event file, and each file is named after its event', () => {
  const parts = [
    'body',
    'drain',
    'error',
    'event',
    'events',
    'files',
    'front-door',
    'headers',
    'inbox',
    'journal',
    'missed',
    'named-repository',
    'pulls',
    'record',
    'recover',
    'redelivery',
    'router',
    'signature',
  ]
  const files = readdirSync(new URL('../../../app/webhooks', import.meta.url)).map((name) => name.replace(/\.ts$/, ''))
  expect(files.filter((name) => !parts.includes(name)).sort()).toEqual(events.map((reader) => reader.event))
})

test('every event leads to a look at the right place', () => {
  expect(Object.fromEntries(Object.entries(BODIES).map(([event, body]) => [event, triggers(event, body)]))).toEqual({
    check_run: [{ repository: SHOP, pull: 12, why: 'check_run.rerequested', changed: ['pull'], rerequested: [77] }],
    check_suite: [{ repository: SHOP, pull: null, why: 'check_suite.rerequested', changed: ['pull'], rerequestedAll: ['a'.repeat(40)] }],
    deployment_protection_rule: [
      { repository: SHOP, pull: null, why: 'deployment_protection_rule.requested', waiting: [{ run: 9, environment: 'prod', deployment: 6 }] },
    ],
    deployment_status: [{ repository: SHOP, pull: null, why: 'deployment_status.success', changed: ['runs'] }],
    installation: [{ repository: SHOP, pull: null, why: 'installation.created' }],
    installation_repositories: [{ repository: { ...SHOP, id: 8, name: 'till' }, pull: null, why: 'installation_repositories.added' }],
    issue_comment: [{ repository: SHOP, pull: 12, why: 'issue_comment.created', changed: ['comments'], written: [written('/promote plan:0')] }],
    merge_group: [{ repository: SHOP, pull: null, why: 'merge_group.checks_requested', queued: [`gh-readonly-queue/main/pr-12-${'b'.repeat(40)}`] }],
    pull_request: [{ repository: SHOP, pull: 12, why: 'pull_request.synchronize', changed: ['pull'] }],
    push: [{ repository: SHOP, pull: null, why: 'push release/v2.0.0', changed: ['pull'] }],
    workflow_run: [{ repository: SHOP, pull: null, why: 'workflow_run.completed .github/workflows/deploy.yml', changed: ['runs'] }],
  })
})

describe('no body passes as another event', () => {
  const foreign = Object.entries({ ...BODIES, ...NEIGHBOURS }).flatMap(([of, body]) =>
    events.filter((reader) => reader.event !== of).map((reader) => [of, reader.event, body] as const),
  )
  test.each(foreign)('%s as %s', (_, event, body) => {
    expect(triggers(event, body)).toBeNull()
  })
})

test('no reader throws on or believes a body that is nothing, hostile or half', () => {
  const hostile = [
    null,
    undefined,
    1,
    'x',
    [],
    {},
    JSON.parse('{"__proto__":{"action":"created"}}'),
    { ...pullRequestBody(), number: 1e300 },
    { ...pullRequestBody(), number: -1 },
  ]
  for (const reader of events) for (const body of hostile) expect(reader.triggers(body, context)).toBeNull()
})

test('without an installation, or with an owner that is no name, nothing is done', () => {
  for (const event of ['pull_request', 'issue_comment', 'check_run', 'push', 'workflow_run', 'deployment_status']) {
    expect(triggers(event, { ...BODIES[event], installation: undefined })).toBeNull()
    expect(triggers(event, { ...BODIES[event], repository: { ...REPOSITORY, owner: { login: '../x' } } })).toBeNull()
    expect(triggers(event, { ...BODIES[event], repository: { ...REPOSITORY, name: 'a/b' } })).toBeNull()
  }
})

test('a job at an environment, whose run stands in the address of the answer alone', () => {
  for (const address of [
    'https://api.github.test/x',
    'https://evil.test/actions/runs/9',
    'https://a.test/actions/runs/09/deployment_protection_rule',
  ])
    expect(triggers('deployment_protection_rule', protectionRuleBody({ deployment_callback_url: address }))).toBeNull()
  expect(triggers('deployment_protection_rule', protectionRuleBody({ environment: '' }))).toBeNull()
  expect(triggers('deployment_protection_rule', protectionRuleBody({ action: 'created' }))).toBeNull()
})

test('pull requests that are no release, and a number that contradicts itself', () => {
  const feature = { number: 12, head: { ref: 'feature/x' }, base: { ref: 'main' } }
  expect(triggers('pull_request', pullRequestBody(12, { action: 'labeled', pull_request: feature }))).toEqual([])
  // Its head or base is another one: a required check awaits an answer there.
  expect(triggers('pull_request', pullRequestBody(12, { action: 'synchronize', pull_request: feature }))).toHaveLength(1)
  expect(triggers('pull_request', pullRequestBody(12, { number: 13 }))).toBeNull()
})

test('comments that are no command: on an issue, edited, deleted, our own', () => {
  expect(triggers('issue_comment', issueCommentBody({ issue: { number: 12 } }))).toEqual([])
  expect(triggers('issue_comment', issueCommentBody({ action: 'edited' }))).toEqual([])
  expect(triggers('issue_comment', issueCommentBody({ action: 'deleted' }))).toEqual([])
  const own = { id: 55, body: '/promote', issue_url: 'u', performed_via_github_app: { id: APP_ID } }
  expect(triggers('issue_comment', issueCommentBody({ comment: own }))).toEqual([])
})

test('a release can be asked for on an issue as well', () => {
  const asks = { id: 55, body: '/release v3.0.0', issue_url: 'u', performed_via_github_app: null }
  const asked = { repository: SHOP, pull: 12, why: 'issue_comment.created', changed: ['comments'], asked: [55] }
  expect(triggers('issue_comment', issueCommentBody({ issue: { number: 12 }, comment: asks }))).toEqual([asked])
  expect(triggers('issue_comment', issueCommentBody({ comment: asks }))).toEqual([{ ...asked, written: [written(asks.body)] }])
  for (const body of ['> /release v3.0.0', '/released', 'Ask for it:\n/release v3.0.0'])
    expect(triggers('issue_comment', issueCommentBody({ issue: { number: 12 }, comment: { ...asks, body } }))).toEqual([])
})

test('our own check runs and statuses are not news, nor are those of others (T5, T9, T15, T54)', () => {
  for (const action of ['created', 'completed']) expect(triggers('check_run', checkRunBody(action))).toEqual([])
  expect(triggers('check_run', checkRunBody('requested_action'))).toMatchObject([{ pull: 12, rerequested: [77] }])
  expect(triggers('check_run', checkRunBody('requested_action', APP_ID, 'approve'))).toEqual([])
  expect(triggers('check_run', checkRunBody('rerequested', 99))).toEqual([])
  expect(triggers('check_suite', checkSuiteBody('requested'))).toEqual([])
  expect(triggers('check_suite', checkSuiteBody('rerequested', 99))).toEqual([])
  expect(triggers('deployment_status', deploymentStatusBody(APP_ID))).toEqual([])
  expect(triggers('deployment_status', deploymentStatusBody(99))).toHaveLength(1)
})

test('runs and pushes that can carry nothing of ours', () => {
  expect(triggers('workflow_run', workflowRunBody({}, 'requested'))).toEqual([])
  expect(triggers('workflow_run', workflowRunBody({ event: 'pull_request' }))).toEqual([])
  expect(triggers('workflow_run', workflowRunBody({ event: 'push', head_branch: 'release/v2.0.0' }))).toHaveLength(1)
  expect(triggers('push', pushBody('refs/heads/main'))).toHaveLength(1)
  expect(triggers('push', pushBody('refs/heads/feature'))).toEqual([])
  expect(triggers('push', pushBody('refs/tags/release/v2.0.0'))).toEqual([])
})

test('a release branch that was deleted is one more reason to look: nothing is read from the event', () => {
  const gone = { ...pushBody('refs/heads/release/v2.0.0'), deleted: true, after: '0'.repeat(40), head_commit: null }
  expect(triggers('push', gone)).toEqual([{ repository: SHOP, pull: null, why: 'push release/v2.0.0', changed: ['pull'] }])
  expect(triggers('push', { ...gone, ref: 'refs/heads/feature' })).toEqual([])
})

test('an installation that is gone, or of another App', () => {
  expect(triggers('installation', installationBody('deleted'))).toEqual([])
  expect(triggers('installation', installationBody('suspend'))).toEqual([])
  expect(triggers('installation', installationBody('unsuspend'))).toHaveLength(1)
  expect(triggers('installation', installationBody('created', 99))).toEqual([])
})
