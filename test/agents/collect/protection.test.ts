import { expect, test } from 'vitest'
import { collect } from '../../../agents/collect/index.ts'
import { protectedAnswer } from '../supplies.ts'
import { api, contextOf, json, type ApiAnswer } from './workspace.ts'

const missing: ApiAnswer = { status: 404, body: '{}' }

async function collected(answer: (path: string) => ApiAnswer) {
  await using server = await api(answer)
  return [await collect('protection', contextOf({ apiUrl: server.url })), server.asked.map(({ path }) => path)] as const
}

const answered = (path: string, actors: readonly object[] | null = []): ApiAnswer => {
  const body = protectedAnswer(path, actors)
  return body === undefined ? missing : json(body)
}

test('rules, who passes by, merge methods; every ruleset is asked for once', async () => {
  const [found, asked] = await collected((path) => answered(path, [{ actor_id: 5, actor_type: 'RepositoryRole', bypass_mode: 'always' }]))
  expect(found).toMatchObject({
    value: {
      base: 'main',
      rules: [{ type: 'pull_request', mergeMethods: ['merge'] }, { requiredChecks: [{ app: 1234 }] }],
      bypasses: [{ ruleset: '"release-conductor (main)"', actors: [{ who: 'RepositoryRole 5', mode: 'always' }] }],
      mergeMethods: ['merge'],
      classic: null,
    },
  })
  expect(asked.filter((path) => path.includes('/rulesets/'))).toHaveLength(1)
})

test('a bypass list that is not shown, and a ruleset that is not, are not "nobody"', async () => {
  const [hidden] = await collected((path) => answered(path, null))
  expect(hidden).toMatchObject({ value: { bypasses: [{ ruleset: '"release-conductor (main)"', actors: null }] } })
  for (const status of [403, 404]) {
    const [closed] = await collected((path) => (path.includes('/rulesets/') ? { status, body: '{}' } : answered(path)))
    expect(closed).toMatchObject({ value: { bypasses: [{ ruleset: 'ruleset 7', actors: null }] } })
  }
})

test('branch protection of the older kind; every page of rules', async () => {
  const classic = {
    protection: {
      enabled: true,
      required_status_checks: { enforcement_level: 'non_admins', checks: [{ context: 'a', app_id: 3 }, { context: 'b' }] },
    },
  }
  const [found] = await collected((path) => (path.includes('/branches/main') && !path.includes('/rules/') ? json(classic) : answered(path)))
  expect(found).toMatchObject({
    value: {
      classic: {
        enforcement: 'non_admins',
        checks: [
          { context: 'a', app: 3 },
          { context: 'b', app: null },
        ],
      },
    },
  })
  const rule = { type: 'deletion', ruleset_id: 7, ruleset_source: 'acme/shop', ruleset_source_type: 'Repository' }
  const pages = (path: string): ApiAnswer =>
    path.includes('/rules/branches') ? json(Array.from({ length: path.endsWith('page=2') ? 3 : 100 }, () => rule)) : answered(path)
  const [many] = await collected(pages)
  expect('value' in many && many.value.rules.length).toBe(103)
  const [endless] = await collected((path) => (path.includes('/rules/branches') ? json(Array.from({ length: 100 }, () => rule)) : answered(path)))
  expect(endless).toMatchObject({ blocked: { why: expect.stringContaining('more than 1000 rules') as string } })
})

test('without a token, without the right, or of a branch that nobody knows, it says that nothing was seen', async () => {
  const nothing = { rules: [], bypasses: [], mergeMethods: [], classic: null }
  const mute = await collect('protection', contextOf({ apiUrl: 'http://127.0.0.1:1', token: null }))
  expect(mute).toMatchObject({ value: { ...nothing, unseen: expect.stringContaining('no token') as string } })
  for (const answer of [missing, { status: 403, body: '{}' }])
    expect((await collected(() => answer))[0]).toMatchObject({ value: { ...nothing, unseen: expect.stringContaining('contents: read') as string } })
})

test('a server in trouble and a wrong shape block, and say what to do', async () => {
  expect((await collected((path) => (path.includes('/rulesets/') ? { status: 500, body: '' } : answered(path))))[0]).toHaveProperty('blocked')
  expect((await collected(() => json([])))[0]).toHaveProperty('blocked')
})
