import { expect, test } from 'vitest'
import { GATES } from '../../../../gates/index.ts'
import { cli } from '../harness.ts'

test('list tells what there is and what is not built', async () => {
  const { out } = await cli(['gates', 'list', '--json'])
  const data: { gates: { id: string }[]; not_built: string[] } = JSON.parse(out)
  expect(data.gates.map((gate) => gate.id)).toEqual(GATES.map((gate) => gate.id))
  expect(data.not_built).toContain('dr')
})

test('explain tells a gate; one that is not built, and one that is misspelt', async () => {
  expect((await cli(['gates', 'explain', 'policy_ci'])).out).toContain('policy_ci.findings')
  expect((await cli(['gates', 'explain', 'dr'])).err).toContain('not built yet')
  expect((await cli(['gates', 'explain', 'polici_ci'])).err).toContain('`policy_ci`')
  expect((await cli(['gates', 'explain'])).exit).toBe(2)
  expect((await cli(['gates', 'open'])).exit).toBe(2)
})

test('self-test runs every planted input', async () => {
  const { exit, out } = await cli(['gates', 'self-test', '--json'])
  const data: { ok: boolean; results: { gate: string; cases: { expected: string; got: string }[] }[] } = JSON.parse(out)
  expect([exit, data.ok]).toEqual([0, true])
  expect(data.results.map((result) => result.gate)).toEqual(GATES.map((gate) => gate.id))
  for (const { cases } of data.results) expect(new Set(cases.map((each) => each.got))).toEqual(new Set(['red', 'green']))
  expect((await cli(['gates', 'self-test', 'hardening'])).out).not.toContain('policy_ci')
})
