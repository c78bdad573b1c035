import { z } from 'zod'
import { expect, test } from 'vitest'
import { AGENTS } from '../../agents/index.ts'
import { settingsOf } from '../../agents/settings.ts'
import { GATES } from '../../gates/index.ts'

test('every key of a gate’s policy steers an agent that feeds the gate, or one that is named with it', () => {
  const told = new Set(AGENTS.flatMap(settingsOf).map(({ key }) => key))
  const keys = GATES.filter(({ id }) => AGENTS.some(({ gate }) => gate.includes(id))).flatMap(({ id, policy }) =>
    Object.keys(z.toJSONSchema(policy, { io: 'input' }).properties ?? {}).map((key) => `gates.${id}.${key}`),
  )
  expect(keys.filter((key) => !told.has(key))).toEqual([])
})

test('every key that is told is one of the config, and has a meaning', () => {
  expect(AGENTS.flatMap(settingsOf).filter(({ meaning }) => meaning === '')).toEqual([])
})

test('an agent’s own keys come first, each once, with what holds where nothing is said', () => {
  expect(settingsOf({ name: 'capacity-oracle', gate: ['perf'] }).map(({ key }) => key)).toEqual([
    'gates.perf.users',
    'gates.perf.step',
    'gates.perf.peak',
    'gates.perf.replicas',
    'targets.headroom',
    'gates.perf.exceptions',
    'gates.perf.max_age',
  ])
  expect(settingsOf({ name: 'capacity-oracle', gate: ['perf'] }).find(({ key }) => key === 'gates.perf.step')).toMatchObject({ default: '5s' })
  expect(settingsOf({ name: 'adr-arbiter', gate: [] })).toEqual([])
})
