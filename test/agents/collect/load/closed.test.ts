/** Beside the specialist: how much gets done at each number of users, as autocannon counts it and as we do. */
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import autocannon from 'autocannon'
import { expect, onTestFinished, test } from 'vitest'
import { closedLoad } from '../../../../agents/collect/load/closed.ts'
import { askedOf, targetOf } from '../../../../agents/collect/load/target.ts'

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function ours(url: string, users: number, ms = 1_200, status = 200) {
  const target = await targetOf(url)
  const step = await closedLoad({ target, asks: askedOf(target, [{ method: 'GET', path: '/', status, weight: 1 }]), users, ms, timeoutMs: 300 })
  const [answered, span] = step.slices.reduce(([sum, all], slice) => [sum + slice.answered, all + slice.ms], [0, 0])
  return { step, rate: (answered * 1000) / span }
}

test.each([1, 4, 16])('with %i users it counts as much as autocannon does', async (users) => {
  const url = await serve((_request, response) => void setTimeout(() => response.end('x'), 20))
  const { step, rate } = await ours(url, users)
  const { requests, duration } = await autocannon({ url, connections: users, duration: 1, sampleInt: 100 })
  const theirs = requests.total / duration
  expect(step).toMatchObject({ users, bad: 0 })
  expect(step.slices).toHaveLength(5)
  expect(rate / theirs).toBeGreaterThan(0.4)
  expect(rate / theirs).toBeLessThan(2.5)
})

test('what is answered otherwise, or not at all, is bad', async () => {
  const url = await serve((request, response) => (request.url === '/' ? response.writeHead(500).end() : response.end()))
  expect((await ours(url, 2)).step.slices.every(({ answered }) => answered === 0)).toBe(true)
  expect((await ours(url, 2)).step.bad).toBeGreaterThan(10)
  expect((await ours(url, 2, 600, 500)).step.bad).toBe(0)
  const silent = await serve(() => undefined)
  expect((await ours(silent, 2)).step.bad).toBeGreaterThan(0)
})

test('a service that is away is asked now and then, not as fast as it refuses', async () => {
  const { step } = await ours('http://127.0.0.1:1', 2)
  expect(step.bad).toBeGreaterThan(10)
  expect(step.bad).toBeLessThan(110)
})
