/**
 * Deliveries as GitHub sends them, at one server, from a process of its own: `node load.js URL COUNT PAYLOAD SECRET APP_ID`, answers with a line of JSON.
 * One body and its signature; each delivery has its own id. Over bare sockets: Node's own client costs 130 us of processor time a request, more than
 * some of the servers, and would be what is measured.
 */
import { createHmac, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'

const AT_ONCE = 32
const [url = '', count = '0', payload = '', secret = '', appId = ''] = process.argv.slice(2)
const { hostname, port, pathname } = new URL(url)
const body = readFileSync(payload)

const head = [
  `POST ${pathname} HTTP/1.1`,
  `host: ${hostname}:${port}`,
  'connection: keep-alive',
  'content-type: application/json',
  `content-length: ${body.length}`,
  'user-agent: GitHub-Hookshot/044aadd',
  'x-github-event: pull_request',
  'x-github-hook-id: 1',
  `x-github-hook-installation-target-id: ${appId}`,
  'x-github-hook-installation-target-type: integration',
  `x-hub-signature-256: sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
].join('\r\n')

let [left, accepted] = [Number(count), 0]

/** One connection, one delivery at a time on it. */
async function sender(): Promise<void> {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  socket.setEncoding('latin1')
  let answer = ''
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const send = (): void => {
    if (left === 0) {
      socket.end()
      resolve()
      return
    }
    left -= 1
    socket.cork()
    socket.write(`${head}\r\nx-github-delivery: ${randomUUID()}\r\n\r\n`, 'latin1')
    socket.write(body)
    socket.uncork()
  }
  socket.on('data', (text: string) => {
    answer += text
    if (!isWhole(answer)) return
    if (answer.startsWith('HTTP/1.1 2')) accepted += 1
    answer = ''
    send()
  })
  socket.once('connect', send).once('error', reject)
  socket.once('close', () => reject(new Error('a server closed a connection')))
  await promise
}

/** Of the answers that these servers give: a length, or chunks. */
function isWhole(answer: string): boolean {
  const end = answer.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /^content-length: (\d+)/im.exec(answer)?.[1]
  return length === undefined ? answer.endsWith('\r\n0\r\n\r\n') : answer.length >= end + 4 + Number(length)
}

const begun = performance.now()
await Promise.all(Array.from({ length: AT_ONCE }, sender))
process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - begun) / 1000, accepted })}\n`)
