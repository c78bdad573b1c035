import { expect, test } from 'vitest'
import type { z } from 'zod'
import { readSettings } from '../../../../app/cli/doctor/read-settings.ts'
import { CliError } from '../../../../app/cli/error.ts'
import type { UserApi } from '../../../../app/cli/github.ts'

const ASKED = { base: 'main', context: 'release-conductor/all_required_gates (main)', app: 1234 }
const HEAD = 'a'.repeat(40)

interface Scripted extends UserApi {
  readonly asked: string[]
  readonly sent: unknown[]
}

/** @param answers by method and beginning of the path; what is not there is 404 */
function scripted(answers: Readonly<Record<string, unknown>>): Scripted {
  const [asked, sent]: [string[], unknown[]] = [[], []]
  return {
    owner: 'acme',
    name: 'shop',
    asked,
    sent,
    login: async () => 'dev',
    async ask<Schema extends z.ZodType>(method: string, path: string, schema: Schema, body?: unknown): Promise<z.infer<Schema>> {
      const line = `${method} ${path}`
      asked.push(line)
      if (body !== undefined) sent.push(body)
      const found = Object.entries(answers).find(([start]) => (start === 'GET ' ? line === start : line.startsWith(start)))
      if (found === undefined) throw new CliError('not-found', 'GitHub refused (404)', 'Check --repo.')
      return schema.parse(found[1])
    },
  }
}

const WORLD = {
  'GET /rules/branches/main': [
    {
      type: 'required_status_checks',
      ruleset_id: 5,
      ruleset_source: 'acme',
      ruleset_source_type: 'Organization',
      parameters: { required_status_checks: [{ context: ASKED.context, integration_id: 1234 }] },
    },
    {
      type: 'merge_queue',
      ruleset_id: 5,
      ruleset_source: 'acme',
      ruleset_source_type: 'Organization',
      parameters: { merge_method: 'MERGE', grouping_strategy: 'ALLGREEN' },
    },
  ],
  'GET /rulesets/5': { name: 'guard', bypass_actors: [{ actor_id: null, actor_type: 'OrganizationAdmin', bypass_mode: 'always' }] },
  'GET /immutable-releases': { enabled: true },
  'GET /pulls': [
    { number: 9, merged_at: '2026-11-20T00:00:00Z', head: { ref: 'release/v2.0.0', sha: HEAD } },
    { number: 8, merged_at: null, head: { ref: 'release/v1.9.0', sha: HEAD } },
    { number: 7, merged_at: '2026-11-19T00:00:00Z', head: { ref: 'feature/x', sha: HEAD } },
  ],
  [`GET /commits/${HEAD}/check-runs`]: {
    check_runs: [
      { id: 1, conclusion: 'success', app: { id: 1234 } },
      { id: 2, conclusion: 'failure', app: { id: 1234 } },
      { id: 3, conclusion: 'success', app: { id: 15_368 } },
    ],
  },
  'GET /environments/prod/deployment_protection_rules': {
    custom_deployment_protection_rules: [
      { enabled: true, app: { id: 1234 } },
      { enabled: false, app: { id: 9 } },
    ],
  },
  'GET /environments': { environments: [{ name: 'prod' }, { name: 'old/stage' }] },
  'GET ': { allow_squash_merge: false, permissions: { admin: false } },
} as const

test('rules of every level, who may pass them by, and what the newest run of the App said on each merged release', async () => {
  expect(await readSettings(scripted(WORLD), ASKED)).toMatchObject({
    rules: [{ requiredChecks: [{ context: ASKED.context, app: 1234 }] }, { mergeMethods: ['merge'], grouping: 'ALLGREEN' }],
    bypasses: [{ ruleset: '"guard"', actors: [{ who: 'OrganizationAdmin', mode: 'always' }] }],
    mergeMethods: ['merge', 'rebase'],
    immutableReleases: true,
    merged: [{ number: 9, conclusion: 'failure' }],
    environments: [
      { name: 'prod', apps: [1234] },
      { name: 'old/stage', apps: [] },
    ],
  })
})

test('a list that is not shown, and a ruleset that is not there, are not empty lists', async () => {
  expect((await readSettings(scripted({ ...WORLD, 'GET /rulesets/5': { name: 'guard' } }), ASKED)).bypasses).toEqual([
    { ruleset: '"guard"', actors: null },
  ])
  const { 'GET /rulesets/5': _gone, ...rest } = WORLD
  expect((await readSettings(scripted(rest), ASKED)).bypasses).toEqual([{ ruleset: 'ruleset 5', actors: null }])
})

test('environments that may not be seen are not absent', async () => {
  const { 'GET /environments': _gone, 'GET /environments/prod/deployment_protection_rules': _too, ...rest } = WORLD
  expect((await readSettings(scripted(rest), ASKED)).environments).toBeNull()
})

test.each([
  [true, false],
  [false, null],
])('a 404 about immutable releases, when the token is an admin’s: %s', async (admin, says) => {
  const { 'GET /immutable-releases': _gone, ...rest } = WORLD
  expect((await readSettings(scripted({ ...rest, 'GET ': { permissions: { admin } } }), ASKED)).immutableReleases).toBe(says)
})

test('what else GitHub refuses is an error and no setting', async () => {
  await expect(readSettings(scripted({}), ASKED)).rejects.toMatchObject({ code: 'not-found' })
})
