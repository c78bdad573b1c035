/**
 * Deliveries as GitHub sends them, at one server, from a process of its own: `node load.js URL COUNT BYTES SECRET APP_ID`, answers with a line of JSON.
 * One body and its signature; each delivery has its own id.
 */
import { createHmac, randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { performance } from 'node:perf_hooks'

const AT_ONCE = 32
const [url = '', count = '0', bytes = '0', secret = '', appId = ''] = process.argv.slice(2)

const filler = 'x'.repeat(Math.max(0, Number(bytes) - 400))
const body = Buffer.from(
  JSON.stringify({
    action: 'synchronize',
    number: 12,
    pull_request: {
      id: 100,
      number: 12,
      head: { ref: 'release/v2.0.0', sha: 'a'.repeat(40) },
      base: { ref: 'main', sha: 'b'.repeat(40) },
      body: filler,
    },
    repository: { id: 7, name: 'shop', full_name: 'acme/shop', owner: { login: 'acme', id: 9 } },
    installation: { id: 3 },
    sender: { login: 'dev-1', id: 21 },
  }),
)
const headers = {
  'content-type': 'application/json',
  'content-length': body.length,
  'user-agent': 'GitHub-Hookshot/044aadd',
  'x-github-event': 'pull_request',
  'x-github-hook-id': '1',
  'x-github-hook-installation-target-id': appId,
  'x-github-hook-installation-target-type': 'integration',
  'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
}
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })

async function one(): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers: { ...headers, 'x-github-delivery': randomUUID() } }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0))
    })
    sent.once('error', reject).end(body)
  })
}

let [left, accepted] = [Number(count), 0]
async function sender(): Promise<void> {
  while (left > 0) {
    left -= 1
    const status = await one()
    if (status >= 200 && status < 300) accepted += 1
  }
}

const begun = performance.now()
await Promise.all(Array.from({ length: AT_ONCE }, sender))
process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - begun) / 1000, accepted })}\n`)
agent.destroy()
