/** What may go wrong with the program itself, by programs that stand for it. The real one: test/interop/policies.test.ts */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { findOpa, judgeByOpa } from '../../../../agents/collect/policies/opa.ts'

const DOCUMENT = { place: 0, value: { kind: 'Pod' }, file: { name: 'a.yaml', dir: '.' }, bytes: 14 }
const SOURCES = [{ path: 'policy/main.rego', within: 'main.rego', bytes: Buffer.from('package main\n') }]
const DEPS = '{"virtual":[[{"value":"data"},{"value":"main"},{"value":"deny"}]]}'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'opa-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  vi.unstubAllEnvs()
})

/** @param cases lines of a shell `case` on the first word */
function judged(cases: string, timeoutMs?: number) {
  const program = join(folder, 'opa')
  const usual = `capabilities) echo '{"builtins":[{"name":"http.send"}]}';;\ncheck) exit 0;;\ntest) echo '[]';;\ndeps) echo '${DEPS}';;`
  writeFileSync(program, `#!/bin/sh\ncase $1 in\n${cases}\n${usual}\n*) exit 9;;\nesac\n`)
  chmodSync(program, 0o755)
  return judgeByOpa({ program, version: '1' }, SOURCES, new Map([['main', [DOCUMENT]]]), timeoutMs)
}

const seen = (answer: string) => `eval) echo '${answer}';;`

test('it is looked for on the PATH of the job', async () => {
  vi.stubEnv('PATH', '/nonexistent')
  expect(await findOpa()).toBeNull()
  await judged('version) printf "Version: 7.8.9\\nBuild: x\\n";;')
  vi.stubEnv('PATH', `/nonexistent:${folder}`)
  expect(await findOpa()).toEqual({ program: join(folder, 'opa'), version: '7.8.9' })
})

test('an answer is believed when it saw the document', async () => {
  expect(await judged(seen('[{"seen":[true],"values":{"deny":[["no"]]}}]'))).toEqual({
    faults: [],
    tests: [],
    rules: [{ package: 'main', rule: 'deny' }],
    answers: [{ document: 0, package: 'main', results: [{ rule: 'deny', message: 'no' }], more: 0, excepted: [], problem: null }],
  })
})

test.each<[string, string]>([
  ['saw another document', '[{"seen":[],"values":{"deny":[[]]}}]'],
  ['answers less than was asked', '[]'],
  ['answers no JSON', 'hello'],
  ['answers several values of one rule', '[{"seen":[true],"values":{"deny":[[],[]]}}]'],
])('what %s is no answer', async (_name, text) => {
  expect((await judged(seen(text))).answers).toMatchObject([{ results: [], problem: 'opa answered something else than was asked' }])
})

test.each<[string, string, RegExp]>([
  ['fails', 'eval) echo "eval_conflict_error" >&2; exit 2;;', /^eval_conflict_error/],
  ['does not end', 'eval) while :; do :; done;;', /did not end within/],
  ['writes without end', 'eval) while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done;;', /more than|did not end/],
])('one that %s gives none', async (_name, cases, why) => {
  expect((await judged(cases, 1500)).answers).toMatchObject([{ problem: expect.stringMatching(why) }])
})

test('what it says against the policy is told with its place', async () => {
  const errors = '{"errors":[{"message":"var x is unsafe","location":{"file":"policy/main.rego","row":2}}]}'
  expect(await judged(`check) echo '${errors}' >&2; exit 1;;`)).toMatchObject({
    faults: [{ path: 'policy/main.rego', line: 2, message: 'var x is unsafe' }],
    answers: [{ problem: 'the policy cannot be asked at all' }],
  })
  expect((await judged('check) exit 1;;')).faults).toMatchObject([{ line: null, message: 'opa check refuses it' }])
  expect((await judged('capabilities) echo no;;')).faults).toMatchObject([{ message: expect.stringContaining('no capabilities') }])
})

test('tests that cannot be read are none that passed', async () => {
  const tests =
    '[{"package":"data.main","name":"test_a"},{"package":"data.main","name":"test_b","fail":true},{"package":"data.main","name":"todo_test_c","skip":true}]'
  const eval_ = seen('[{"seen":[true],"values":{"deny":[[]]}}]')
  expect((await judged(`${eval_}\ntest) echo '${tests}'; exit 2;;`)).tests.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    'test_a pass',
    'test_b fail',
    'todo_test_c skip',
  ])
  expect((await judged(`${eval_}\ntest) echo boom >&2; exit 1;;`)).tests).toMatchObject([{ outcome: 'error', why: 'boom' }])
  expect((await judged(`${eval_}\ntest) exit 0;;`)).tests).toEqual([])
})
