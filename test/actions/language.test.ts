/** Our workflow and action files, read by GitHub's own language service. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { actionNames } from '../../actions/build.ts'
import { languageProblems } from '../support/actions/language-service.ts'

const ROOT = join(import.meta.dirname, '../..')
const actions = (await actionNames()).map((name) => `actions/${name}/action.yml`)
const FILES = ['.github/workflows/conduct.yml', '.github/workflows/report.yml', ...actions]

test('every action is looked at', () => {
  expect(actions).toStrictEqual(['actions/agents/action.yml', 'actions/attest/action.yml', 'actions/report/action.yml'])
})

test.each(FILES)('%s has no problem', async (path) => {
  expect(await languageProblems(path, await readFile(join(ROOT, path), 'utf8'))).toStrictEqual([])
})

test.each([
  ['an input that does not exist', '.github/workflows/conduct.yml', 'inputs.phase }}-', 'inputs.nope }}-', 'nope'],
  ['a job that does not exist', '.github/workflows/conduct.yml', 'needs: agents', 'needs: agent', 'agent'],
  ['a permission that does not exist', '.github/workflows/report.yml', '      id-token: write', '      identity: write', 'identity'],
  ['an unknown key of an action', 'actions/attest/action.yml', 'runs:', 'flavour: sweet\nruns:', 'flavour'],
  ['a runtime that is gone', 'actions/attest/action.yml', 'node24', 'node16x', 'node16x'],
])('the check sees %s (T67)', async (_, path, from, to, named) => {
  const text = await readFile(join(ROOT, path), 'utf8')
  expect(text).toContain(from)
  expect((await languageProblems(path, text.replace(from, to))).join('\n')).toContain(named)
})
