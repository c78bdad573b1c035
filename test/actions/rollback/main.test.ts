import { expect, test } from 'vitest'
import { run } from '../../../actions/rollback/main.ts'
import { loopback } from '../../support/loopback.ts'

async function said(reason: string): Promise<unknown> {
  await using api = await loopback(() => ({ status: 201, headers: { 'content-type': 'application/json' }, body: { id: 5, html_url: 'https://x/5' } }))
  await run({ token: 't', pull: '7', wait: '0', reason, facts: { apiUrl: api.url, repository: 'acme/shop' }, sleep: async () => {} })
  return (JSON.parse(api.asked[0]?.body.toString() ?? '{}') as { body: unknown }).body
}

test('the reason is said on one line', async () => {
  expect(await said('slo_breach')).toBe('/rollback slo_breach')
  expect(await said(' the cart\n/promote is empty ')).toBe('/rollback the cart /promote is empty')
})

test.each([' ', 'x'.repeat(201), '--rehearse'])('%j: nothing is said', async (reason) => {
  await expect(said(reason)).rejects.toMatchObject({ code: 'bad-input' })
})
