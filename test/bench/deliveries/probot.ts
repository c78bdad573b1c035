/** Probot's own server with one handler that does nothing, and its log at /dev/null: `node probot.js FOLDER SECRET APP_ID`. */
import { generateKeyPairSync } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { pino } from 'pino'
import { Probot, Server } from 'probot'
import { tell } from './told.ts'

const [, secret = '', appId = ''] = process.argv.slice(2)
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const log = pino({ level: 'info' }, createWriteStream('/dev/null'))
const server = new Server({ Probot: Probot.defaults({ appId: Number(appId), privateKey, secret, log }), host: '127.0.0.1', port: 0, log })
await server.load((app) => {
  app.on('pull_request', async () => undefined)
})
await server.start()
tell(`http://127.0.0.1:${server.port}/api/github/webhooks`)
