/** Our workflow and action files, read by GitHub's own language service. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { actionNames, WORKFLOWS } from '../../actions/build.ts'
import { languageProblems } from '../support/actions/language-service.ts'

const ROOT = join(import.meta.dirname, '../..')
const actions = (await actionNames()).map((name) => `actions/${name}/action.yml`)
const FILES = [...WORKFLOWS.map((file) => `.github/workflows/${file}`), '.github/workflows/ci.yml', ...actions]

test('every action and every workflow is looked at', async () => {
  const folders = await readdir(join(ROOT, 'actions'), { withFileTypes: true })
  const entries = folders.filter((entry) => entry.isDirectory() && entry.name !== 'lib').map((entry) => `actions/${entry.name}/action.yml`)
  expect(actions).toEqual(entries.toSorted())
  const there = (await readdir(join(ROOT, '.github/workflows'))).map((file) => `.github/workflows/${file}`)
  expect(FILES).toEqual(expect.arrayContaining(there))
})

test.each(FILES)('%s has no problem', async (path) => {
  expect(await languageProblems(path, await readFile(join(ROOT, path), 'utf8'))).toStrictEqual([])
})

test.each([
  ['an input that does not exist', '.github/workflows/phase.yml', 'inputs.phase }}-', 'inputs.nope }}-', 'nope'],
  ['a job that does not exist', '.github/workflows/phase.yml', 'needs: agents', 'needs: agent', 'agent'],
  ['a permission that does not exist', '.github/workflows/report.yml', '      id-token: write', '      identity: write', 'identity'],
  ['an unknown key of an action', 'actions/attest/action.yml', 'runs:', 'flavour: sweet\nruns:', 'flavour'],
  ['a runtime that is gone', 'actions/attest/action.yml', 'node24', 'node16x', 'node16x'],
])('the check sees %s (T67)', async (_, path, from, to, named) => {
  const text = await readFile(join(ROOT, path), 'utf8')
  expect(text).toContain(from)
  expect((await languageProblems(path, text.replace(from, to))).join('\n')).toContain(named)
})

test.each([
  ['an input that the called workflow does not have', 'phase: P0', 'phsae: P0', 'phsae'],
  ['an output that it does not have', 'outputs.verdict ', 'outputs.verdcit ', 'verdcit'],
])('in the documents the check sees %s', async (_, from, to, named) => {
  const blocks = [...(await readFile(join(ROOT, 'docs/actions.md'), 'utf8')).matchAll(/^```yaml test\n([\s\S]*?)^```$/gm)].map(
    (match) => match[1] ?? '',
  )
  const block = blocks.find((text) => text.includes(from)) ?? ''
  expect(await languageProblems('.github/workflows/x.yml', block)).toEqual([])
  expect((await languageProblems('.github/workflows/x.yml', block.replace(from, to))).join('\n')).toContain(named)
})
