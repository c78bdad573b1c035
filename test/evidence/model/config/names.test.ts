import { expect, test } from 'vitest'
import { BranchPattern, Login, Ratio, RepositoryGlob, RepositoryPath, Team } from '../../../../evidence/model/config/names.ts'
import { OwnAgent } from '../../../../evidence/model/config/services.ts'
import { PeopleConfig } from '../../../../evidence/model/config/people.ts'
import { ReleaseConfig } from '../../../../evidence/model/config/release.ts'

test.each([
  [Team, '@acme/leads', 'acme/leads'],
  [Login, '@octo-cat', 'octo cat'],
  [RepositoryPath, 'db/migrations', '../db'],
  [RepositoryPath, 'a.b/c', '/etc/passwd'],
  [RepositoryGlob, 'slo/*.yaml', 'slo/../../*.yaml'],
  [BranchPattern, 'release-lines/*', '--upload-pack=x'],
  [BranchPattern, 'main', 'a..b'],
  [Ratio, '1.25x', '1,25x'],
] as const)('%#: right and wrong', (schema, right, wrong) => {
  expect(schema.safeParse(right).success).toBe(true)
  expect(schema.safeParse(wrong).success).toBe(false)
})

test('an agent of the adopter is a command or an address, not both and not neither', () => {
  const agent = { name: 'a', phase: 'P0', topic: 't' }
  expect(OwnAgent.safeParse({ ...agent, command: ['x'] }).success).toBe(true)
  expect(OwnAgent.safeParse({ ...agent, url: 'https://x.example/agent' }).success).toBe(true)
  expect(OwnAgent.safeParse({ ...agent, command: ['x'], url: 'https://x.example/agent' }).success).toBe(false)
  expect(OwnAgent.safeParse(agent).success).toBe(false)
})

test('commands that need a second proof are named as they are typed', () => {
  expect(PeopleConfig.safeParse({ step_up: { for: ['promote:100', 'waive'] } }).success).toBe(true)
  expect(PeopleConfig.safeParse({ step_up: { for: ['promote:101'] } }).success).toBe(false)
})

function isWindow(window: unknown): boolean {
  return ReleaseConfig.safeParse({ base: ['main'], window }).success
}

test('a window has days, hours and a time zone that exists', () => {
  expect(isWindow({ timezone: 'Europe/Berlin', allow: ['Mon-Thu 08:00-16:00', 'Fri 08:00-24:00'] })).toBe(true)
  expect(isWindow({ allow: ['Mon-Thu 8-16'] })).toBe(false)
  expect(isWindow({ allow: ['Mon 25:00-26:00'] })).toBe(false)
  expect(isWindow({ timezone: 'Mars/Base' })).toBe(false)
})
