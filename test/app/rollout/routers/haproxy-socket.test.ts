import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { ask, socketAddress, type SocketAddress } from '../../../../app/rollout/routers/haproxy-socket.ts'
import { scriptedHaproxy, type Script } from './scripted-haproxy.ts'

test.each([
  ['/run/haproxy/admin.sock', { path: '/run/haproxy/admin.sock' }],
  ['tcp://127.0.0.1:9999', { host: '127.0.0.1', port: 9999 }],
  ['tcp://[::1]:9999', { host: '::1', port: 9999 }],
  ['tcp://edge-1.example:9999', { host: 'edge-1.example', port: 9999 }],
])('%s', (text, address) => {
  expect(socketAddress(text)).toEqual(address)
})

test.each([
  '',
  'admin.sock',
  'http://127.0.0.1:9999',
  'tcp://127.0.0.1',
  'tcp://127.0.0.1:0',
  'tcp://127.0.0.1:70000',
  '/a\0b',
  `/${'x'.repeat(108)}`,
])('%j is no socket', (text) => {
  expect(() => socketAddress(text)).toThrow(expect.objectContaining({ code: 'invalid' }))
})

async function overTcp(answer: (socket: Socket, command: string) => void): Promise<SocketAddress> {
  const server = createServer((socket) => socket.once('data', (line) => answer(socket, line.toString())))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return socketAddress(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

test('an answer in pieces is one answer, over TCP too', async () => {
  const address = await overTcp((socket, command) => socket.write(`${command}one,`, () => socket.end('two\n\n')))
  expect(await ask(address, 'show info', 2000)).toBe('show info\none,two\n\n')
})

test('a connection that is reset in the middle of an answer is unreachable', async () => {
  const address = await overTcp((socket) => socket.write('half', () => socket.resetAndDestroy()))
  await expect(ask(address, 'show info', 2000)).rejects.toMatchObject({ code: 'unreachable' })
})

const TOO_LONG = 'x'.repeat(2 * 1024 * 1024)

test.each([
  ['silence', 'unreachable', () => null],
  ['a broken line', 'unreachable', (_, __, socket) => (socket.destroy(), null)],
  ['an end without an answer', 'unreachable', () => ''],
  ['an answer without end', 'malformed', (_, __, socket) => (socket.write(TOO_LONG), null)],
  ['an answer too long', 'malformed', () => TOO_LONG],
] satisfies [string, string, Script][])('%s is %s', async (_, code, script) => {
  const { socket } = await scriptedHaproxy({}, script)
  await expect(ask(socketAddress(socket), 'show info', 200)).rejects.toMatchObject({ name: 'RouterError', code })
})

test('an answer that drips is over in time all the same', async () => {
  const { socket } = await scriptedHaproxy({}, (_, __, to) => {
    const timer = setInterval(() => to.write('x'), 20)
    to.on('close', () => clearInterval(timer))
    return null
  })
  const before = performance.now()
  await expect(ask(socketAddress(socket), 'show info', 200)).rejects.toMatchObject({ code: 'unreachable' })
  expect(performance.now() - before).toBeLessThan(5000)
})

test('nobody there is unreachable', async () => {
  await expect(ask({ path: '/nowhere/admin.sock' }, 'show info', 2000)).rejects.toThrow(/\/nowhere\/admin\.sock cannot be asked \(ENOENT\)/)
})
