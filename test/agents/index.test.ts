import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AgentResponsePredicate } from '../../evidence/model/statement.ts'
import { INPUTS } from '../../agents/collect/inputs.ts'
import { agentByName, AGENTS, sees } from '../../agents/index.ts'

test('the list is what lies on the disk, by name', () => {
  const root = join(import.meta.dirname, '../../agents')
  const files = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'collect' && entry.name !== 'apply')
    .flatMap((entry) => readdirSync(join(root, entry.name)))
    .filter((name) => /^[a-z-]+\.ts$/.test(name))
  expect(files.map((name) => name.slice(0, -3)).toSorted()).toEqual(AGENTS.map((agent) => agent.name).toSorted())
})

test('names, ids, topics and written paths are nobody else’s, and all fit the contracts', () => {
  for (const key of ['id', 'name', 'topic'] as const) expect(new Set(AGENTS.map((agent) => agent[key])).size).toBe(AGENTS.length)
  const writes = AGENTS.flatMap((agent) => agent.writes)
  expect(new Set(writes).size).toBe(writes.length)
  for (const agent of AGENTS) {
    expect(AgentResponsePredicate.shape.topic.parse(agent.topic)).toBe(agent.topic)
    expect(agent.needs.filter((kind) => !(kind in INPUTS))).toEqual([])
    expect(agent.policy.safeParse({}).success).toBe(true)
  }
})

test('found by name or id, and sees only what it needs', () => {
  expect(agentByName('infrasec')).toBe(agentByName('A8'))
  expect(agentByName('nobody')).toBeUndefined()
  const [agent] = AGENTS.filter((one) => one.name === 'infrasec')
  if (agent === undefined) throw new Error('no infrasec')
  expect(Object.keys(sees(agent, { policy: { base: 'a', path: 'p', text: 't' } }))).toEqual(['dockerfiles', 'registryImages'])
})
