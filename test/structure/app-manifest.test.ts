import { parse } from 'yaml'
import { expect, test } from 'vitest'
import { text } from './tree.ts'

/** What the App may do at most, each with what it is for (the comments of app.yml). */
const PERMISSIONS = {
  metadata: 'read',
  checks: 'write',
  contents: 'write',
  pull_requests: 'write',
  issues: 'write',
  deployments: 'write',
  actions: 'write',
  merge_queues: 'read',
  statuses: 'write',
  members: 'read',
}

/** Event -> the permission without which GitHub does not deliver it. */
const NEEDS: Readonly<Record<string, keyof typeof PERMISSIONS>> = {
  check_run: 'checks',
  check_suite: 'checks',
  deployment: 'deployments',
  deployment_protection_rule: 'deployments',
  deployment_review: 'deployments',
  deployment_status: 'deployments',
  issue_comment: 'issues',
  merge_group: 'merge_queues',
  pull_request: 'pull_requests',
  pull_request_review: 'pull_requests',
  push: 'contents',
  workflow_run: 'actions',
}

const MANIFEST: { public: boolean; hook_attributes: { url: string }; default_permissions: Record<string, string>; default_events: string[] } = parse(
  text('app.yml'),
)

test('the App asks for exactly the permissions it has a reason for', () => {
  expect(MANIFEST.default_permissions).toEqual(PERMISSIONS)
  const explained = Object.keys(PERMISSIONS).filter((name) => new RegExp(`^ {2}${name}: (?:read|write) +# \\S`, 'm').test(text('app.yml')))
  expect(explained).toEqual(Object.keys(PERMISSIONS))
})

test('each event it listens to comes with a permission it has', () => {
  expect(MANIFEST.default_events.toSorted()).toEqual(Object.keys(NEEDS).toSorted())
  for (const event of MANIFEST.default_events) expect(Object.keys(MANIFEST.default_permissions)).toContain(NEEDS[event])
})

test('it is private, and its webhook address is said, not guessed', () => {
  expect(MANIFEST.public).toBe(false)
  expect(MANIFEST.hook_attributes.url).toMatch(/^https:\/\/.+\/api\/github\/webhooks$/)
})
