import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cli, emptyFolder } from '../harness.ts'

test('the proxy runs until it is asked to end, with all traffic on stable', async () => {
  const stable = createServer((_request, response) => response.end('stable'))
  await new Promise<void>((resolve) => stable.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(stable.address() as AddressInfo).port}`
  const { promise: ended, resolve: end } = Promise.withResolvers<string>()
  const { promise: listening, resolve: listens } = Promise.withResolvers<string>()
  const seen = (text: string): void => {
    const line: { event?: string; url?: string } = text.startsWith('{') ? JSON.parse(text) : {}
    if (line.event === 'listening' && line.url !== undefined) listens(line.url)
  }
  const cwd = emptyFolder()
  const args = ['router', '--listen=127.0.0.1:0', '--admin=127.0.0.1:0', `--stable=${url}`, `--canary=${url}`, `--state=${join(cwd, 'weight.json')}`]
  const running = cli(args, { cwd, ended, seen })
  const answer = await fetch(await listening)
  expect(await answer.text()).toBe('stable')
  end('SIGTERM')
  const { exit, out } = await running
  expect([exit, out.includes('Ended by SIGTERM')]).toEqual([0, true])
  await new Promise((resolve) => stable.close(resolve))
})

test('what is missing and what is wrong is told', async () => {
  expect((await cli(['router', '--listen=127.0.0.1:0'])).err).toContain('--admin, --stable, --canary, --state')
  const wrong = await cli([
    'router',
    '--listen=everywhere',
    '--admin=127.0.0.1:0',
    '--stable=http://127.0.0.1:1',
    '--canary=http://127.0.0.1:1',
    '--state=w.json',
  ])
  expect(wrong.exit).toBe(2)
})
