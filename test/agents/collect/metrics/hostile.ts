/** A metrics endpoint that does as it is told, for tests. */
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** @returns its address */
export async function endpoint(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
}

export const GOOD = 'r_total{code="200"} 90\nr_total{code="500"} 10\n# EOF\n'
const LINE = '# HELP r_total again and again\n'.repeat(1000)

/** Name, the code expected, and the endpoint. */
export const HOSTILE: readonly (readonly [string, string, RequestListener])[] = [
  ['gone', 'refused', (_, response) => response.writeHead(404).end(GOOD)],
  ['broken', 'refused', (_, response) => response.writeHead(503).end(GOOD)],
  ['a redirect', 'refused', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(GOOD)],
  ['part of a page', 'refused', (_, response) => response.writeHead(206).end(GOOD)],
  ['compressed', 'refused', (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(GOOD)],
  ['silent', 'slow', () => undefined],
  ['slow', 'slow', (_, response) => void setTimeout(() => response.end(GOOD), 400).unref()],
  [
    'dripping',
    'slow',
    (_, response) => {
      const timer = setInterval(() => response.write('# HELP r_total x\n'), 20)
      response.on('close', () => clearInterval(timer))
    },
  ],
  ['huge', 'too-large', (_, response) => response.end(LINE.repeat(10))],
  [
    'endless',
    'too-large',
    (_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(LINE));
      }
      response.on('drain', more)
      more()
    },
  ],
  ['cut off', 'unreachable', (_, response) => void response.writeHead(200, { 'content-length': 5000 }).write(GOOD, () => response.destroy())],
  ['hung up', 'unreachable', (_, response) => response.destroy()],
]
