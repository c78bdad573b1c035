import { expect, test } from 'vitest'
import { sha256 } from '../../../evidence/core/digest.ts'
import { ChangeSet, changeSetId, PlannedAction } from '../../../evidence/model/action-plan.ts'

const action = { kind: 'file.write', path: 'a.txt', text: 'x', sha256: sha256('x'), why: 'so' }
const set = {
  schema_version: 1,
  repository: 'acme/shop',
  sha: 'a'.repeat(40),
  base: 'main',
  pull: 7,
  plans: [{ schema_version: 1, agent: 'one', actions: [action] }],
}

test('a text that is not the one its digest names is no action', () => {
  expect(PlannedAction.safeParse(action).success).toBe(true)
  expect(PlannedAction.safeParse({ ...action, text: 'y' }).success).toBe(false)
})

test.each(['/etc/passwd', '../x', 'a/../b'])('no file is written at %s', (path) => {
  expect(PlannedAction.safeParse({ ...action, path }).success).toBe(false)
})

test('the id is of everything that a person says yes to, and of nothing else', () => {
  const id = changeSetId(ChangeSet.parse(set))
  expect(id).toMatch(/^[0-9a-f]{32}$/)
  expect(changeSetId(ChangeSet.parse(JSON.parse(JSON.stringify(set))))).toBe(id)
  for (const other of [{ pull: 8 }, { sha: 'b'.repeat(40) }, { repository: 'acme/other' }, { plans: [] }])
    expect(changeSetId(ChangeSet.parse({ ...set, ...other }))).not.toBe(id)
})
