import { expect, test } from 'vitest'
import { cli, fakeApi, PULL } from '../harness.ts'

const check = (name: string, conclusion: string | null) => ({
  name: `release-conductor/${name} (main)`,
  status: conclusion === null ? 'queued' : 'completed',
  conclusion,
  html_url: null,
  output: { title: 'says' },
})

test.each([
  ['every gate holds', [check('policy_ci', 'success'), check('hardening', 'neutral')], 0],
  ['one fails', [check('policy_ci', 'failure'), check('hardening', null)], 1],
  ['one is not finished', [check('policy_ci', 'success'), check('hardening', null)], 3],
  ['one waits for a person', [check('policy_ci', 'action_required')], 3],
  ['one was skipped', [check('policy_ci', 'skipped')], 3],
  ['there is none', [], 3],
  ['only others made checks', [{ ...check('x', 'success'), name: 'ci' }], 3],
] as const)('%s', async (_what, runs, code) => {
  const api = await fakeApi({
    'GET /repos/acme/shop/pulls/12': { body: PULL },
    [`GET /repos/acme/shop/commits/${PULL.head.sha}/check-runs`]: { body: { check_runs: runs } },
  })
  const env = { GITHUB_TOKEN: 'x', GITHUB_API_URL: api.url, GITHUB_REPOSITORY: 'acme/shop' }
  expect((await cli(['status', '--pull=12'], { env })).exit).toBe(code)
  await api.close()
})
