import { expect, test } from 'vitest'
import { AGENTS } from '../../../../agents/index.ts'
import { cli } from '../harness.ts'

test('list shows what exists and nothing else', async () => {
  const { exit, out } = await cli(['agents', 'list', '--json'])
  const data: { agents: { name: string }[] } = JSON.parse(out)
  expect([exit, data.agents.map((agent) => agent.name)]).toEqual([0, AGENTS.map((agent) => agent.name)])
})

test('describe tells one, by name or id; a misspelt one is named', async () => {
  expect((await cli(['agents', 'describe', 'infrasec'])).out).toContain('image.user-root')
  expect((await cli(['agents', 'describe', 'A52'])).out).toContain('lint-marshal')
  expect((await cli(['agents', 'describe', 'infrasex'])).err).toContain('`infrasec`')
  expect((await cli(['agents', 'describe'])).exit).toBe(2)
  expect((await cli(['agents', 'fire'])).exit).toBe(2)
})
