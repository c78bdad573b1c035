import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { streamProgram } from '../../../agents/collect/program.ts'
import { workspace } from './workspace.ts'

async function stream(script: string, { timeoutMs = 10_000, most = 1 << 20 }: { timeoutMs?: number; most?: number } = {}) {
  let out = ''
  const of = { cwd: tmpdir(), more: { GIVEN: 'this' }, memoryKb: 1 << 20, timeoutMs }
  const ended = await streamProgram('/bin/sh', ['-c', script], {
    ...of,
    take: (chunk) => {
      out += chunk.toString('utf8')
      return out.length > most ? 'it told too much' : null
    },
  })
  return { ...ended, out }
}

test('what it tells is handed on, how it ended is told, and its environment is what it was given', async () => {
  const environment = await stream('/usr/bin/env; echo sorry >&2; exit 99')
  expect(environment).toMatchObject({ code: 99, said: 'sorry\n', why: null })
  const names = environment.out
    .trim()
    .split('\n')
    .map((line) => line.replace(/=.*/, ''))
  expect(names.filter((name) => !['_', 'PWD', 'SHLVL', 'OLDPWD'].includes(name)).toSorted()).toEqual(['GIVEN', 'HOME', 'LC_ALL', 'PATH'])
})

test('it is stopped when its time is over or when it told enough, with all that it started', async () => {
  using folder = workspace()
  const trace = join(folder.path, 'trace')
  writeFileSync(trace, '')
  const late = await stream(`(while true; do echo x >> ${trace}; /bin/sleep 0.05; done) & /bin/sleep 60`, { timeoutMs: 300 })
  expect(late).toMatchObject({ code: null, why: 'it did not end within 0.3 seconds' })
  const size = () => folder.git('hash-object', trace)
  const before = size()
  await pause(300)
  expect(size()).toBe(before)
  expect(await stream('while true; do echo much; done', { most: 1000 })).toMatchObject({ code: null, why: 'it told too much' })
})

test('what it left running does not hold the end up', async () => {
  expect(await stream('/bin/sleep 60 & echo done')).toMatchObject({ code: 0, out: 'done\n' })
})

test('of many words the last are kept', async () => {
  const { said } = await stream('i=0; while [ $i -lt 3000 ]; do echo line $i >&2; i=$((i+1)); done')
  expect(said.length).toBeLessThanOrEqual(4000)
  expect(said.endsWith('line 2999\n')).toBe(true)
})

test('what is no program is told', async () => {
  const of = { cwd: tmpdir(), more: {}, memoryKb: 1 << 20, timeoutMs: 1000, take: () => null }
  expect(await streamProgram('/nowhere/k6', [], of)).toMatchObject({ code: 127, said: expect.stringContaining('/nowhere/k6') })
  expect(await streamProgram('/bin/sh', [], { ...of, cwd: '/nowhere' })).toMatchObject({
    code: null,
    why: expect.stringContaining('could not be started'),
  })
})
