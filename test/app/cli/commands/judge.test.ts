import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Judgement } from '../../../../gates/judge/judge.ts'
import type { Arm, Tick } from '../../../../gates/judge/tick.ts'
import { canary, history, type World } from '../../../bench/judge/world.ts'
import { cli, emptyFolder } from '../harness.ts'

const WORLD: World = { seed: 4, kind: 'iid', traffic: 600, ratio: 9, latency: { factor: 1, slowShare: 0 } }
const T = 1_700_000_000

function armOf(arm: Arm | null): object | null {
  if (arm === null) return null
  let sum = 0
  const { latency } = arm
  return {
    requests: arm.requests,
    errors: arm.errors,
    latency_ms: latency === null ? null : { le: latency.le, count: latency.buckets.slice(0, -1).map((value) => (sum += value)) },
  }
}

function lineOf({ t, canary: one, baseline }: Tick): string {
  return `${JSON.stringify({ t: T + t, canary: armOf(one), baseline: armOf(baseline) })}\n`
}
const before = [...history(WORLD, 1)].map(lineOf).join('')
const bad = [...canary({ ...WORLD, errors: [0.001, 0.05], minutes: 5 })].map(lineOf)
const good = [...canary({ ...WORLD, traffic: 6000, minutes: 15 })].map(lineOf)

function folder(files: Readonly<Record<string, string>> = {}): string {
  const cwd = emptyFolder()
  for (const [name, text] of Object.entries({ 'before.ndjson': before, ...files })) writeFileSync(join(cwd, name), text)
  return cwd
}
const read = (out: string): Judgement[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Judgement)

describe('judge, as a filter', () => {
  test('answers each line with one, at once, before the next comes', async () => {
    let [out, lines] = ['', 0]
    const answered: number[] = []
    async function* input(): AsyncGenerator<string> {
      for (const line of bad.slice(0, 5)) {
        yield line
        answered.push(out.trim().split('\n').length)
      }
    }
    const pieces: string[] = []
    for await (const piece of input()) pieces.push(piece)
    const { exit } = await cli(['judge', '--history=before.ndjson'], { cwd: folder(), input: pieces, seen: (text) => ((out += text), (lines += 1)) })
    expect([exit, lines, read(out).map(({ t }) => t - T)]).toEqual([0, 5, [10, 20, 30, 40, 50]])
  })

  test('whatever the pieces: lines are put together again, and the last needs no end', async () => {
    const whole = bad.slice(0, 6).join('').trimEnd()
    const pieces = Array.from({ length: Math.ceil(whole.length / 50) }, (_, at) => whole.slice(at * 50, at * 50 + 50))
    const { out } = await cli(['judge'], { cwd: folder(), input: pieces })
    expect(read(out)).toEqual(read((await cli(['judge'], { cwd: folder(), input: [whole] })).out))
    expect(read(out).length).toBe(6)
  })

  test('rolls back and stays so; advances and says what was certified', async () => {
    const worse = read((await cli(['judge', '--history=before.ndjson'], { cwd: folder(), input: bad })).out)
    const at = worse.findIndex(({ decision }) => decision === 'roll_back')
    expect(at).toBeGreaterThan(0)
    expect(worse.slice(at).every(({ decision }) => decision === 'roll_back')).toBe(true)
    const fine = read((await cli(['judge', '--history=before.ndjson'], { cwd: folder(), input: good })).out)
    expect(fine.find(({ decision }) => decision === 'advance')?.reason).toContain('are excluded')
    expect(fine.some(({ decision }) => decision === 'roll_back')).toBe(false)
  })

  test('follows the policy that it is given', async () => {
    const cwd = folder({ 'policy.yml': 'bake: { 10: 2m, 100: 5m }\ndeadline: 30m\njudge: { certify: { errors: 4x } }\n' })
    const advanced = async (...args: readonly string[]): Promise<number> =>
      (read((await cli(['judge', '--history=before.ndjson', ...args], { cwd, input: good })).out).find(({ decision }) => decision === 'advance')?.t ??
        0) - T
    expect(await advanced('--policy=policy.yml')).toBeLessThan(200)
    expect(await advanced('--policy=policy.yml', '--step=100')).toBeGreaterThanOrEqual(300)
    expect(await advanced()).toBeGreaterThanOrEqual(600)
  })

  test.each<[string, string, string]>([
    ['no JSON', 'what?\n', 'Line 3 of standard input'],
    ['NaN', '{"t": 1700000030, "canary": {"requests": NaN}}\n', 'Line 3'],
    ['a doubled key', '{"t": 1700000030, "t": 1700000040}\n', 'Line 3'],
    ['time that stands', bad[1] ?? '', 'it must rise'],
    ['more errors than requests', '{"t": 1700000030, "canary": {"requests": 1, "errors": 2}}\n', 'canary.errors: at most as many as requests'],
    ['a line without end', `{"t": 1700000030, "x": "${'x'.repeat(70_000)}"}`, 'more than 65536 bytes'],
  ])('%s is an error with its line: exit 2, nothing after it', async (_what, line, words) => {
    const { exit, out, err } = await cli(['judge'], { cwd: folder(), input: [...bad.slice(0, 2), line, ...bad.slice(3)] })
    expect([exit, read(out).length]).toEqual([2, 2])
    expect(err).toContain(words)
  })

  test('nothing in, nothing out', async () => {
    expect(await cli(['judge'], { cwd: folder() })).toMatchObject({ exit: 0, out: '' })
  })
})

test('an objective of an OpenSLO file rolls back when its budget burns', async () => {
  const slo = readFileSync('test/shop/v1/slo/availability.yaml', 'utf8').replace('targetPercent: 99', 'target: 0.999')
  const cwd = folder({ 'policy.yml': 'slos: [slo.yaml]\njudge: { false_alarm: 0 }\n', 'slo.yaml': slo })
  const long = [...canary({ ...WORLD, errors: [0.001, 0.05], minutes: 7 })].map(lineOf)
  const all = read((await cli(['judge', '--policy=policy.yml'], { cwd, input: long })).out)
  expect(all.find(({ decision }) => decision === 'roll_back')).toMatchObject({ code: 'burn', t: T + 310 })
})

test('backtest tells what a policy would have done', async () => {
  const cwd = folder({ 'bad.ndjson': bad.join(''), 'good.ndjson': good.join(''), 'none.ndjson': '' })
  const { exit, out } = await cli(['judge', 'backtest', 'bad.ndjson', 'good.ndjson', 'none.ndjson', '--json'], { cwd })
  expect(exit).toBe(0)
  const { releases } = JSON.parse(out) as { releases: { file: string; end: Judgement | null }[] }
  expect(releases.map(({ file, end }) => [file, end?.decision ?? null])).toEqual([
    ['bad.ndjson', 'roll_back'],
    ['good.ndjson', 'advance'],
    ['none.ndjson', null],
  ])
  expect((await cli(['judge', 'backtest', 'bad.ndjson'], { cwd })).out).toMatch(/bad\.ndjson +roll_back +\d\.\d min +Roll back/)
})

test('forecast tells what a step can see', async () => {
  const cwd = folder()
  const { exit, out } = await cli(['judge', 'forecast', '--history=before.ndjson', '--share=10'], { cwd })
  expect(exit).toBe(0)
  expect(out).toMatch(/smallest rise that it sees by the end of the bake +\d\.\d\d times/)
  expect(out).toContain('This step')
})

test.each<[readonly string[], string]>([
  [['judge', 'forecast'], '--history=FILE'],
  [['judge', 'forecast', '--history=before.ndjson', '--share=0'], 'no percent'],
  [['judge', 'backtest'], 'Name the files'],
  [['judge', 'guess'], 'does not know what to do'],
  [['judge', '--policy=nowhere.yml'], 'There is no policy'],
  [['judge', '--policy=wrong.yml'], 'wrong.yml:1:1: judges'],
  [['judge', '--policy=steps.yml', '--step=50'], 'for step 50'],
  [['judge', '--policy=slo.yml'], 'no file is slo/*.yaml'],
  [['judge', '--history=broken.ndjson'], 'Line 1 of broken.ndjson'],
])('%j is told: %s', async (args, words) => {
  const cwd = folder({ 'wrong.yml': 'judges: {}\n', 'steps.yml': 'bake: { 10: 1m }\n', 'slo.yml': 'slos: [slo/*.yaml]\n', 'broken.ndjson': '[]\n' })
  const { exit, err } = await cli(args, { cwd })
  expect([exit, err.includes(words) ? words : err]).toEqual([2, words])
})
