import { expect, test } from 'vitest'
import { guards, isGuarded } from '../../../app/github/protected-environment.ts'
import { APP_ID, codeOf, REPOSITORY, scripted, type Said } from './scripted.ts'

const PATH = '/repos/acme/shop/environments/eu?prod/deployment_protection_rules'

async function guarded(said: Said): Promise<boolean | string> {
  await using github = await scripted(({ path }) => (path === PATH ? said : { status: 500, body: {} }))
  const asked = isGuarded(github.client, { repository: REPOSITORY, environment: 'eu?prod' })
  return await asked.catch(() => codeOf(asked))
}

const rules = (...of: readonly (readonly [id: number, enabled: boolean])[]): Said => ({
  body: { total_count: of.length, custom_deployment_protection_rules: of.map(([id, enabled]) => ({ id: 1, enabled, app: { id, slug: 'x' } })) },
})

test('an environment is ours when our rule is on it and enabled; the rule of another App is none (T51)', async () => {
  expect(await guarded(rules([1, true], [APP_ID, true]))).toBe(true)
  expect(await guarded(rules([1, true], [APP_ID, false]))).toBe(false)
  expect(await guarded(rules([1, true]))).toBe(false)
  expect(await guarded({ body: { total_count: 0 } })).toBe(false)
})

test('where the plan knows no such rules, or there is no such environment, it is not; an outage or another shape says nothing', async () => {
  expect(await guarded({ status: 404, body: { message: 'Not Found' } })).toBe(false)
  expect(await guarded({ status: 403, body: { message: 'Upgrade to enable this feature.' } })).toBe(false)
  expect(await guarded({ status: 502, body: {} })).toBe('unavailable')
  expect(await guarded({ status: 403, headers: { 'retry-after': '60' }, body: { message: 'secondary rate limit' } })).toBe('limited')
  expect(await guarded({ body: { custom_deployment_protection_rules: [{ enabled: 'yes' }] } })).toBe('malformed')
})

test('a no is good for a minute, a yes for no time at all', async () => {
  let [now, said, times]: [number, Said, number] = [0, { status: 404, body: { message: 'Not Found' } }, 0]
  await using github = await scripted(() => {
    times += 1
    return said
  })
  const asked = guards(github.client, () => now)
  expect([await asked(REPOSITORY, 'prod'), await asked(REPOSITORY, 'prod'), await asked(REPOSITORY, 'stage')]).toEqual([false, false, false])
  expect(times).toBe(2)
  said = rules([APP_ID, true])
  now = 60_000
  expect([await asked(REPOSITORY, 'prod'), await asked(REPOSITORY, 'prod')]).toEqual([true, true])
  expect(times).toBe(4)
})
