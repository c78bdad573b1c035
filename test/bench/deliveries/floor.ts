/** What no server in Node can do with less: reads the body, checks its signature, answers, keeps nothing. `node floor.js FOLDER SECRET APP_ID`. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tell } from './told.ts'

const [, secret = ''] = process.argv.slice(2)
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.once('end', () => {
    const given = Buffer.from(String(request.headers['x-hub-signature-256']).slice('sha256='.length), 'hex')
    const isTheirs = timingSafeEqual(createHmac('sha256', secret).update(Buffer.concat(chunks)).digest(), given)
    response.writeHead(isTheirs ? 202 : 400, { 'content-type': 'text/plain', 'content-length': 3 })
    response.end('ok\n')
  })
})
server.listen(0, '127.0.0.1', () => tell(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/github/webhooks`))
