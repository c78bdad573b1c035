import { expect, test } from 'vitest'
import { run, type PromoteInputs } from '../../../actions/promote/main.ts'
import { loopback } from '../../support/loopback.ts'

const PLAN = '0123456789abcdef0123456789abcdef'

async function said(over: Partial<PromoteInputs> = {}): Promise<string> {
  await using api = await loopback(() => ({ status: 201, headers: { 'content-type': 'application/json' }, body: { id: 5, html_url: 'https://x/5' } }))
  const facts = { apiUrl: api.url, repository: 'acme/shop' }
  await run({ token: 't', pull: '7', wait: '0', plan: PLAN, step: null, facts, sleep: async () => {}, ...over })
  return `${api.asked[0]?.path} ${String(JSON.parse(api.asked[0]?.body.toString() ?? '{}').body)}`
}

test('the line that the status comment shows, as far as the plan goes or up to a step', async () => {
  expect(await said()).toBe(`/repos/acme/shop/issues/7/comments /promote plan:${PLAN}`)
  expect(await said({ step: '50' })).toBe(`/repos/acme/shop/issues/7/comments /promote 50 plan:${PLAN}`)
})

test.each([{ plan: PLAN.toUpperCase() }, { plan: '' }, { plan: `${PLAN}\n/rollback x` }, { step: '0' }, { step: '101' }, { step: '10 plan:x' }])(
  '%j: nothing is said',
  async (over) => {
    await expect(said(over)).rejects.toMatchObject({ code: 'bad-input' })
  },
)
