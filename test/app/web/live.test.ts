import { once } from 'node:events'
import { createServer, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { openLive, type Live } from '../../../app/web/live.ts'

const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined }
const LOOK_MS = 5

let looks = 0
const closing: (() => unknown)[] = []

afterEach(() => {
  for (const close of closing.splice(0)) close()
})

function open(): Live {
  looks = 0
  const release = async (): Promise<null> => {
    looks += 1
    return null
  }
  const live = openLive({ release, position: async () => null }, LOG, LOOK_MS)
  closing.push(() => {
    live.close()
  })
  return live
}

/** A response whose browser has left, and whose `close` was told already. */
async function gone(): Promise<ServerResponse> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => server.close())
  const asking = request({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  asking.on('error', () => undefined)
  asking.end()
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse]
  const closed = once(response, 'close')
  asking.destroy()
  await closed
  return response
}

test('whoever left before it was added takes no place, and its release is not looked at', async () => {
  const live = open()
  const response = await gone()
  for (let time = 0; time < 60; time++) expect(live.add('7#3', '1.1', response)).toBe(true)
  await sleep(10 * LOOK_MS)
  expect(looks).toBe(0)
})

test('whoever is found to be gone at a look is dropped, though nothing told of it', async () => {
  const live = open()
  const silent = { destroyed: false, closed: false, once: () => undefined, writeHead: () => undefined, write: () => true, end: () => undefined }
  expect(live.add('7#3', '1.1', silent as unknown as ServerResponse)).toBe(true)
  await expect.poll(() => looks).toBeGreaterThan(0)
  silent.destroyed = true
  await sleep(10 * LOOK_MS)
  const before = looks
  await sleep(10 * LOOK_MS)
  expect(looks).toBe(before)
})
