import { expect, test } from 'vitest'
import { collectWorkflows } from '../../../agents/collect/workflows.ts'
import { contextOf, release } from './workspace.ts'

test('workflows and actions of the commit, none of vendored code, and each that cannot be read says why', async () => {
  using repo = release({
    '.github/workflows/ci.yml': 'on: push\n',
    '.github/workflows/CI.yaml': 'on: pull_request\n',
    '.github/workflows/link.yml': '->ci.yml',
    '.github/workflows/loop.yml': '->loop.yml',
    '.github/workflows/binary.yml': Buffer.from([0xff, 0xfe]),
    '.github/workflows/null.yml': 'a\0b',
    '.github/workflows/large.yml': '#'.repeat(600_000),
    '.github/workflows/notes.md': 'no workflow\n',
    '.github/workflows/below/deep.yml': 'no workflow\n',
    'actions/own/action.yml': 'runs: {}\n',
    'node_modules/their/action.yml': 'runs: {}\n',
    'vendor/their/action.yml': 'runs: {}\n',
    'action.yml\n': 'a name with a line break\n',
  })
  const collected = await collectWorkflows(contextOf({ workspace: repo.path, sha: repo.head }))
  if ('blocked' in collected) throw new Error(collected.blocked.why)
  expect(collected.value.files.map(({ path, text, why }) => [path, text, why?.split(',')[0] ?? null])).toEqual([
    ['.github/workflows/CI.yaml', 'on: pull_request\n', null],
    ['.github/workflows/binary.yml', null, 'it is not UTF-8 text'],
    ['.github/workflows/ci.yml', 'on: push\n', null],
    ['.github/workflows/large.yml', null, 'it has 600000 bytes'],
    ['.github/workflows/link.yml', null, 'it is a symbolic link'],
    ['.github/workflows/loop.yml', null, 'it is a symbolic link'],
    ['.github/workflows/null.yml', null, 'it is not UTF-8 text'],
    ['actions/own/action.yml', 'runs: {}\n', null],
  ])
})
