import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run } from '../../../actions/gather/main.ts'
import { readFolder, writeFolder } from '../../../actions/lib/folder.ts'
import { checkHandover } from '../../../actions/lib/handover.ts'
import { AGENTS } from '../../../agents/index.ts'
import { conduct } from '../../../agents/run.ts'
import { contextOf, release } from '../../agents/collect/workspace.ts'

const NOW = 1_768_478_400_000
const temporary = (): string => mkdtempSync(join(tmpdir(), 'gather-'))

test('two jobs that looked at one commit make the hand-over that the signing job takes', async () => {
  using repo = release({ Dockerfile: 'FROM scratch\nUSER 1000\n' })
  const [path, out] = [temporary(), join(temporary(), 'out')]
  const context = contextOf({ workspace: repo.path, sha: repo.head, token: null, now: NOW })
  const rest = AGENTS.filter(({ name, phase }) => phase.includes('P0') && name !== 'infrasec').map(({ name }) => name)
  for (const [name, agents] of [
    ['rc-part-P0-0-1', rest],
    ['rc-part-P0-1-1', ['infrasec']],
  ] as const)
    await conduct({ phase: 'P0', agents, context, policy: {}, out: join(path, name), traceId: '0'.repeat(32), now: NOW })
  const handover = await run({ phase: 'P0', path, out, now: NOW })
  expect(checkHandover(await readFolder(out)).handover).toStrictEqual(handover)
  expect(handover.self_tests.map(({ gate }) => gate)).toContain('hardening')
})

test.each([
  ['no phase', { phase: 'P0; x' }, 'bad-input'],
  ['no folder', { path: '/nowhere' }, 'no-handover'],
  ['an empty folder', {}, 'no-handover'],
])('%s is refused', async (_, over, code) => {
  await expect(run({ phase: 'P0', path: temporary(), out: temporary(), now: NOW, ...over })).rejects.toMatchObject({ code })
})

test('a part that is no hand-over is refused', async () => {
  const path = temporary()
  await writeFolder(join(path, 'one'), new Map([['a.json', Buffer.from('{}')]]))
  await expect(run({ phase: 'P0', path, out: temporary(), now: NOW })).rejects.toMatchObject({ code: 'no-handover' })
})
