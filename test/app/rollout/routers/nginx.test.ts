/** The adapter against a stand-in whose reload is `cp`: what was copied last is what its workers say. test/interop/nginx.test.ts asks a real one. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { nginx, type NginxOptions } from '../../../../app/rollout/routers/nginx.ts'
import { fileOf } from '../../../../app/rollout/routers/nginx-file.ts'
import type { Router } from '../../../../app/rollout/routers/router.ts'

const SPLIT = { variable: 'shop', key: '$request_id' }
const START = fileOf(SPLIT, { percent: 0, mark: 'start' })
const failing = (words: string) => ['/bin/sh', '-c', `echo "nginx: ${words}" >&2; exit 1`]

interface Stage {
  readonly router: Router
  readonly file: string
  text(): Promise<string>
  /** Answers that still come from a worker that is about to go. */
  old: number
  asked: number
}

async function stage(over: Partial<NginxOptions> = {}): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'))
  const [file, loaded] = [join(folder, 'shop.conf'), join(folder, 'loaded')]
  await Promise.all([writeFile(file, START), writeFile(loaded, START)])
  const server = createServer((_, response) => {
    one.asked += 1
    const answer = async (): Promise<void> => {
      const text = await readFile(loaded, 'utf8')
      const now = /default '(.*)';/.exec(text)?.[1] ?? ''
      const late = now !== last && one.old > 0
      if (late) one.old -= 1
      else last = now
      response.end(late ? '{"percent":0,"mark":"start"}' : now)
    }
    void answer()
  })
  let last = '{"percent":0,"mark":"start"}'
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close()
    server.closeAllConnections()
    await rm(folder, { recursive: true, force: true })
  })
  const status = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const router = nginx({ ...SPLIT, file, status, test: ['/bin/true'], reload: ['/bin/cp', file, loaded], timeoutMs: 1_500, ...over })
  const one: Stage = { router, file, text: () => readFile(file, 'utf8'), old: 0, asked: 0 }
  return one
}

test('a weight is written, tested, loaded and served; what it replaced is kept', async () => {
  const one = await stage()
  expect(await one.router.read()).toBe(0)
  await one.router.set(10)
  expect(await one.router.read()).toBe(10)
  expect(await one.text()).toContain('10% canary;')
  expect(await readFile(`${one.file}.before`, 'utf8')).toBe(START)
})

test('what stands already is not written again', async () => {
  const one = await stage()
  await one.router.set(10)
  const text = await one.text()
  await one.router.set(10)
  expect(await one.text()).toBe(text)
})

test('a file without its reload is loaded again', async () => {
  const one = await stage()
  await writeFile(one.file, fileOf(SPLIT, { percent: 10, mark: 'killed' }))
  expect(await one.router.read()).toBe(0)
  await one.router.set(10)
  expect(await one.router.read()).toBe(10)
})

test('a worker that still serves the old file is waited for', async () => {
  const one = await stage()
  one.old = 12
  await one.router.set(50)
  expect(one.old).toBe(0)
  expect(one.asked).toBeGreaterThanOrEqual(1 + 12 + 10)
})

test('a configuration that does not hold is refused in its words, and the file of before stands', async () => {
  const one = await stage({ test: failing('[emerg] unknown directive lsten in /etc/nginx/nginx.conf:3') })
  await expect(one.router.set(10)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('[emerg] unknown directive lsten') as string,
  })
  expect(await one.text()).toBe(START)
  expect(await one.router.read()).toBe(0)
})

test('a reload that fails, or that nothing comes of, leaves the file of before', async () => {
  const refused = await stage({ reload: failing('[error] invalid PID number ""') })
  await expect(refused.router.set(10)).rejects.toMatchObject({ code: 'refused' })
  expect(await refused.text()).toBe(START)
  const idle = await stage({ reload: ['/bin/true'] })
  await expect(idle.router.set(10)).rejects.toMatchObject({ code: 'mismatch', message: expect.stringContaining('0 % of an earlier file') as string })
  expect(await idle.text()).toBe(START)
})

test('a step down that cannot be loaded leaves its file for the next start, and says that it is not served', async () => {
  const one = await stage()
  await one.router.set(50)
  const broken = nginx({
    ...SPLIT,
    file: one.file,
    status: 'http://127.0.0.1:9/',
    test: failing('[emerg] no'),
    reload: ['/bin/true'],
    timeoutMs: 500,
  })
  await expect(broken.set(0)).rejects.toMatchObject({ code: 'refused' })
  expect(await one.text()).not.toContain('canary')
  expect(await one.router.read()).toBe(50)
  await one.router.set(0)
  expect(await one.router.read()).toBe(0)
})

test('a step up asks first whether somebody is there, a step down does not', async () => {
  const one = await stage()
  const away = nginx({ ...SPLIT, file: one.file, status: 'http://127.0.0.1:9/', test: ['/bin/true'], reload: ['/bin/true'], timeoutMs: 500 })
  await expect(away.set(10)).rejects.toMatchObject({ code: 'unreachable' })
  await expect(away.read()).rejects.toMatchObject({ code: 'unreachable' })
  expect(await one.text()).toBe(START)
  await expect(away.set(0)).rejects.toMatchObject({ code: 'mismatch' })
})

test('a file that somebody changed is not believed, and is ours again at the next weight', async () => {
  const one = await stage()
  await one.router.set(10)
  await writeFile(one.file, (await one.text()).replace('10% canary', '60% canary'))
  await expect(one.router.read()).rejects.toMatchObject({ code: 'mismatch' })
  await one.router.set(10)
  expect(await one.router.read()).toBe(10)
  expect(await one.text()).toContain('10% canary')
})

test('the newest weight wins', async () => {
  const one = await stage()
  const ended = await Promise.allSettled([one.router.set(10), one.router.set(50), one.router.set(0)])
  expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
  await vi.waitFor(async () => expect(await one.router.read()).toBe(0))
})

test.each([
  ['a folder it may not write', { file: '/etc/hostname/shop.conf' }, 'refused'],
  ['a percentage that is none', {}, 'invalid'],
])('%s', async (_, over, code) => {
  const one = await stage(over)
  await expect(one.router.set(code === 'invalid' ? 10.5 : 10)).rejects.toMatchObject({ code })
})

test('what the operator wrote is checked', () => {
  expect(() => nginx({ ...SPLIT, file: 'x', status: 'unix:/x', test: ['nginx'], reload: [] })).toThrow(expect.objectContaining({ code: 'invalid' }))
})
