import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { listenAt, runRouter } from '../../../../app/rollout/routers/main.ts'
import { weightedProxy } from '../../../../app/rollout/routers/weighted-proxy.ts'
import { stateFile, testArm } from './arms.ts'

interface Started {
  readonly child: ChildProcess
  readonly url: string
  readonly admin: string
  readonly percent: number
}

async function start(state: string, stable: string, canary: string): Promise<Started> {
  const at = '127.0.0.1:0'
  const args = ['app/rollout/routers/main.ts', '--listen', at, '--admin', at, '--stable', stable, '--canary', canary, '--state', state]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { child, ...(JSON.parse(line) as Omit<Started, 'child'>) }
}

test('the weight survives kill -9', async () => {
  const [state, stable, canary] = [await stateFile(), await testArm(), await testArm()]
  for (const percent of [10, 50, 0]) {
    const { child, admin } = await start(state, stable.url, canary.url)
    await weightedProxy({ admin }).set(percent)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const again = await start(state, stable.url, canary.url)
    expect(again.percent).toBe(percent)
    const before = canary.seen.length
    await Promise.all(Array.from({ length: 100 }, async () => (await fetch(again.url)).text()))
    expect(canary.seen.length - before).toBe(percent)
    again.child.kill('SIGTERM')
    expect((await once(again.child, 'exit'))[0]).toBe(0)
  }
})

test('every missing option is named', async () => {
  await expect(runRouter(['--listen', '127.0.0.1:0'], {}, () => undefined)).rejects.toThrow('--admin, --stable, --canary, --state')
})

test('addresses are read strictly', () => {
  expect(listenAt('127.0.0.1:8080')).toEqual({ host: '127.0.0.1', port: 8080 })
  expect(listenAt('[::1]:0')).toEqual({ host: '::1', port: 0 })
  for (const wrong of ['8080', '127.0.0.1', '127.0.0.1:65536', '::1:80', 'a:b', '']) {
    expect(() => listenAt(wrong)).toThrow(expect.objectContaining({ code: 'invalid' }))
  }
})
