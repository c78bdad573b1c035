/** The adapter against the evaluator of the flagd project behind OFREP on loopback. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { flagd, type FlagdOptions } from '../../../../app/rollout/routers/flagd.ts'
import { definitionOf } from '../../../../app/rollout/routers/flagd-file.ts'
import type { Router } from '../../../../app/rollout/routers/router.ts'
import { flagdServer, type Flagd } from '../../../support/flagd.ts'

const FLAG = { flag: 'shop-release', key: 'targetingKey', values: { canary: true, stable: false } }
const START = definitionOf(FLAG, { percent: 0, mark: 'first' })

interface Stage {
  readonly router: Router
  readonly file: string
  readonly servers: readonly Flagd[]
  /** The same, with something changed. */
  again(over: Partial<FlagdOptions>): Router
  text(): Promise<string>
}

async function stage(count = 1): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'flagd-'))
  const file = join(folder, 'flags.json')
  await writeFile(file, START)
  const servers = await Promise.all(Array.from({ length: count }, () => flagdServer(file)))
  onTestFinished(async () => {
    await Promise.all(servers.map((server) => server.close()))
    await rm(folder, { recursive: true, force: true })
  })
  const source = { ...FLAG, file, ofrep: servers.map(({ url }) => url), timeoutMs: 3_000 }
  return { router: flagd(source), file, servers, again: (over) => flagd({ ...source, ...over }), text: () => readFile(file, 'utf8') }
}

test('a weight is written, served and drawn, up to everyone and home, by a file that holds by the schema', async () => {
  const one = await stage(2)
  expect(await one.router.read()).toBe(0)
  for (const percent of [1, 10, 50, 100, 0]) {
    await one.router.set(percent)
    expect(await one.router.read()).toBe(percent)
  }
  expect(one.servers.flatMap(({ violations }) => violations)).toEqual([])
})

test('what stands already is not written again; what it replaced is kept', async () => {
  const one = await stage()
  await one.router.set(10)
  const text = await one.text()
  await one.router.set(10)
  expect(await one.text()).toBe(text)
  expect(await readFile(`${one.file}.before`, 'utf8')).toBe(START)
})

test('the first step makes the flag', async () => {
  const one = await stage()
  await writeFile(one.file, '{"flags":{}}')
  await expect(one.router.read()).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('FLAG_NOT_FOUND') as string })
  await one.router.set(10)
  expect(await one.router.read()).toBe(10)
})

test('a flagd that does not see the file is no success, and the file of before stands', async () => {
  const one = await stage(2)
  for (const server of one.servers) server.stuck = START
  const router = one.again({ timeoutMs: 600 })
  await expect(router.set(10)).rejects.toMatchObject({ code: 'mismatch', message: expect.stringContaining('0 % of an earlier file') as string })
  expect(await one.text()).toBe(START)
})

test('two that differ are no success and are told, and a weight brings them together', async () => {
  const one = await stage(2)
  await one.router.set(10)
  const [first] = one.servers
  if (first === undefined) throw new Error('there are two')
  first.stuck = START
  await expect(one.router.read()).rejects.toMatchObject({ code: 'mismatch', message: expect.stringMatching(/serves 0 %, and at .* 10 %/) as string })
  await expect(one.again({ timeoutMs: 600 }).set(50)).rejects.toMatchObject({ code: 'mismatch' })
  first.stuck = null
  await one.router.set(50)
  expect(await one.router.read()).toBe(50)
})

test.each([
  [false, 'gives it to 0 of 400 keys'],
  [true, 'gives it to 400 of 400 keys'],
  ['v3', 'the value "v3", which is none of its two'],
])('a flag of that name with %s from another source is found out by what is drawn', async (value, words) => {
  const one = await stage()
  const [server] = one.servers
  if (server === undefined) throw new Error('there is one')
  server.other = { key: 'shop-release', value }
  await expect(one.router.set(50)).rejects.toMatchObject({ code: 'mismatch', message: expect.stringContaining(words) as string })
  expect(await one.text()).toBe(START)
})

test('a file that somebody changed is not believed, and is ours again at the next weight', async () => {
  const one = await stage()
  await one.router.set(10)
  await writeFile(one.file, (await one.text()).replace('"canary",\n            10', '"canary",\n            60'))
  await expect(one.router.read()).rejects.toMatchObject({ code: 'mismatch' })
  await one.router.set(10)
  expect(await one.router.read()).toBe(10)
})

test('a step up asks first whether somebody is there; a step down leaves its file for whoever comes back', async () => {
  const one = await stage()
  await one.router.set(50)
  const [server] = one.servers
  if (server === undefined) throw new Error('there is one')
  server.fault = { status: 503, body: '' }
  const router = one.again({ timeoutMs: 500 })
  await expect(router.set(100)).rejects.toMatchObject({ code: 'unreachable' })
  expect(await one.text()).toContain('"percent": 50')
  await expect(router.set(0)).rejects.toMatchObject({ code: 'mismatch' })
  server.fault = null
  expect(await one.router.read()).toBe(0)
})

test('what the operator wrote is checked, and a folder that may not be written is told', async () => {
  expect(() => flagd({ ...FLAG, file: 'x', ofrep: ['ftp://x'] })).toThrow(expect.objectContaining({ code: 'invalid' }))
  const one = await stage()
  await expect(one.again({ file: '/etc/hostname/flags.json' }).set(10)).rejects.toMatchObject({ code: 'refused' })
})
