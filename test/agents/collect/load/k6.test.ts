/** A program that answers as k6 does, and says what it was given. The real one is asked in test/interop/k6.test.ts. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ScriptRun } from '../../../../agents/collect/inputs.load.ts'
import { loadByK6 } from '../../../../agents/collect/load/k6.ts'

const FIXTURES = join(import.meta.dirname, '../../../fixtures/k6')
const TARGET = { secure: false, address: '10.0.0.7', port: 80, host: 'stage.shop.example', servername: 'stage.shop.example', prefix: '' }
const SCRIPT = { path: 'load/release.js', sha256: 'f'.repeat(64), files: [{ path: 'load/release.js', bytes: Buffer.from('x') }] }
const NO_STEPS = { users: [], ms: 1000 }

/** @param run what it does when it is to run, in shell */
function k6(run = `/bin/cat ${FIXTURES}/samples.jsonl`, inspect = `/bin/cat ${FIXTURES}/inspect.json`) {
  const folder = mkdtempSync(join(tmpdir(), 'k6-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const program = join(folder, 'k6')
  const told = join(folder, 'told')
  const tell = `{ echo "$@"; /usr/bin/env; /bin/cat ../k6.json; echo; } >> ${told}`
  writeFileSync(program, `#!/bin/sh\n${tell}\nif [ "$1" = inspect ]; then ${inspect}; else ${run}; fi\n`)
  chmodSync(program, 0o755)
  return { k6: { program, version: '1.8.1' }, told: () => readFileSync(told, 'utf8') }
}

const load = (of: ReturnType<typeof k6>, steps: { users: number[]; ms: number } = NO_STEPS) =>
  loadByK6(of.k6, SCRIPT, { target: TARGET, url: 'http://stage.shop.example/' }, steps)

test('a script is inspected and run, with an address and nothing of the job', async () => {
  const fake = k6()
  const { runs, failure, script } = await load(fake)
  expect(failure).toBeNull()
  expect(runs.map(({ kind, due }) => [kind, due])).toEqual([
    ['load', 18],
    ['spike', 5],
  ])
  expect(ScriptRun.parse(script)).toEqual(script)
  expect(script).toMatchObject({ version: '1.8.1', path: 'load/release.js', exit: 0, elsewhere: ['127.0.0.2:9'] })
  const told = fake.told()
  expect(told).toContain('--env=RC_TARGET=http://stage.shop.example --no-color load/release.js')
  for (const flag of [
    '--no-usage-report',
    '--address= ',
    '--insecure-skip-tls-verify=false',
    '--rps=0',
    '--include-system-env-vars=false',
    '10.0.0.6/32',
  ])
    expect(told).toContain(flag)
  expect(told).not.toContain('10.0.0.7/32')
  expect(told).toContain('{"hosts":{"stage.shop.example":"10.0.0.7"}}')
  const names = new Set([...told.matchAll(/^([A-Z_0-9]+)=/gm)].map(([, name]) => name))
  const known = ['K6_AUTO_EXTENSION_RESOLUTION', 'K6_BINARY_PROVISIONING', 'K6_NO_USAGE_REPORT', 'HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY']
  const shell = ['PATH', 'HOME', 'LC_ALL', 'PWD', 'OLDPWD', '_', 'SHLVL', 'SSL_CERT_FILE', 'SSL_CERT_DIR']
  expect([...names].filter((name) => ![...known, ...shell].includes(name ?? ''))).toEqual([])
  for (const name of known) expect(names).toContain(name)
})

test('thresholds that were crossed are told, and what was measured stays', async () => {
  const { runs, script } = await load(k6(`/bin/cat ${FIXTURES}/samples.jsonl; exit 99`))
  expect(script.exit).toBe(99)
  expect(runs).toHaveLength(2)
})

test('a closed model is not run at all', async () => {
  const inspected = JSON.stringify({ scenarios: { default: { executor: 'constant-vus' } }, totalDuration: '1s', maxVUs: 1 })
  const fake = k6(undefined, `echo '${inspected}'`)
  const { runs, script, failure } = await load(fake)
  expect(runs).toEqual([])
  expect(failure).toBe('default is constant-vus: it was not run')
  expect(script.scenarios).toEqual([{ name: 'default', executor: 'constant-vus', open: false, part: 'load' }])
  expect(fake.told()).not.toContain('--out=json')
})

const LONG = JSON.stringify({ scenarios: {}, totalDuration: '31m', maxVUs: 1 })

test.each([
  ['an exception', k6Of('echo oops >&2; exit 107'), 'k6 ended with exit code 107: oops'],
  ['samples that break off', k6Of(`/usr/bin/head -c 9000 ${FIXTURES}/samples.jsonl`), 'cannot be read'],
  ['a signal', k6Of('kill -9 $$'), 'SIGKILL'],
  ['a script it cannot use', k6Of(':', 'echo no such module >&2; exit 107'), 'k6 inspect cannot use load/release.js: no such module'],
  ['an answer that is none', k6Of(':', 'echo hello'), 'cannot be read'],
  ['an answer without end', k6Of(':', 'while true; do echo much much more; done'), 'bytes of the script'],
  ['a quarter of an hour', k6Of(':', `echo '${LONG}'`), 'would take 1860 seconds'],
])('what is not whole is no measurement: %s', async (_what, of, names) => {
  const { runs, failure, steps } = await load(of())
  expect(runs).toEqual([])
  expect(steps).toEqual([])
  expect(failure).toContain(names)
})

function k6Of(...given: Parameters<typeof k6>): () => ReturnType<typeof k6> {
  return () => k6(...given)
}

const at = (ms: number) => new Date(Date.UTC(2026, 0, 15) + ms).toISOString()

test('steps are asked by a second script beside the first, whose samples are put into spans', async () => {
  const tags = { scenario: 'users_4', status: '200', rc_start: String(Date.UTC(2026, 0, 15)) }
  const one = (ms: number, over: object = {}) =>
    JSON.stringify({ metric: 'http_req_duration', type: 'Point', data: { time: at(ms), value: 5, tags: { ...tags, ...over } } })
  // The first span is for the users to come in; what ends after the last one is not counted.
  const lines = [one(100), one(1000), one(1999), one(2000), one(5999), one(6000), one(3000, { status: '500' }), one(3000, { status: '0' })]
  const samples = `case "$*" in *steps.js) /bin/cat load/release-conductor-steps.js >&2; printf '%s\\n' '${lines.join("' '")}';; *) /bin/cat ${FIXTURES}/samples.jsonl;; esac`
  const { steps } = await load(k6(samples), { users: [4, 8], ms: 6000 })
  expect(steps).toMatchObject([
    { users: 4, slices: [{ ms: 1000, answered: 2 }, { answered: 1 }, { answered: 0 }, { answered: 0 }, { answered: 1 }], bad: 2 },
    { users: 8, bad: 0 },
  ])
  expect((await load(k6(`case "$*" in *steps.js) exit 107;; *) /bin/cat ${FIXTURES}/samples.jsonl;; esac`), { users: [4], ms: 6000 })).steps).toEqual(
    [],
  )
})
