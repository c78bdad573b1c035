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
    'GET /repos/acme/shop/issues/12/comments': { body: [] },
  })
  const env = { GITHUB_TOKEN: 'x', GITHUB_API_URL: api.url, GITHUB_REPOSITORY: 'acme/shop' }
  expect((await cli(['status', '--pull=12'], { env })).exit).toBe(code)
  await api.close()
})

const COMMENT = `<!-- release-conductor:status:12 -->
## Release v3.0.0: merged, waiting for an approver

> Waits: environment prod is locked by v2.9.0 \\(canary 10 %\\), since 2026\\-11\\-26T08:00:00.000Z.\u001b[31m

> \`\`\`
> /promote 100 plan:0123456789abcdef0123456789abcdef
> \`\`\`
`

test.each([
  [
    'Bot',
    ['v3.0.0: merged, waiting for an approver', 'Waits: environment prod is locked by v2.9.0 (canary 10 %), since 2026-11-26T08:00:00.000Z.[31m'],
  ],
  ['User', []],
])('what the comment of a %s says keeps it', async (type, said) => {
  const api = await fakeApi({
    'GET /repos/acme/shop/pulls/12': { body: PULL },
    [`GET /repos/acme/shop/commits/${PULL.head.sha}/check-runs`]: { body: { check_runs: [check('policy_ci', 'success')] } },
    'GET /repos/acme/shop/issues/12/comments': {
      body: [
        { body: 'hello', user: null },
        { body: COMMENT, user: { type } },
      ],
    },
  })
  const env = { GITHUB_TOKEN: 'x', GITHUB_API_URL: api.url, GITHUB_REPOSITORY: 'acme/shop' }
  const { out } = await cli(['status', '--pull=12', '--json'], { env })
  expect(JSON.parse(out)).toMatchObject({ said })
  await api.close()
})
