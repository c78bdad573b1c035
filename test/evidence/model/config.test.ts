import { expect, test } from 'vitest'
import { Config } from '../../../evidence/model/config.ts'
import { PeopleConfig } from '../../../evidence/model/config/people.ts'

const LEAST = { version: 1, release: { base: ['main'] } }

test('only version and release.base are required', () => {
  expect(Config.safeParse(LEAST).success).toBe(true)
  for (const key of ['version', 'release'] as const) {
    const { [key]: _left, ...rest } = LEAST
    expect(Config.safeParse(rest).success).toBe(false)
  }
})

test('a rollback cannot be made to wait for a second proof', () => {
  const [problem] = PeopleConfig.safeParse({ step_up: { for: ['promote', 'rollback'] } }).error?.issues ?? []
  expect(problem).toMatchObject({ path: ['step_up', 'for', 1], message: expect.stringContaining('it never needs a second proof') })
})

test('nobody is an approver by default, and two agree to a waiver', () => {
  const { approvers } = Config.parse(LEAST).people
  expect([approvers.promote.teams, approvers.promote.users]).toEqual([[], []])
  expect([approvers.waive.count, approvers.break_glass.count]).toEqual([2, 2])
})

test('what is parsed parses again to the same', () => {
  const config = Config.parse({ ...LEAST, environments: { prod: {} } })
  expect(Config.parse(config)).toEqual(config)
})
