/** Process entry. PORT, HOST, DATABASE_URL and GIT_SHA come from the environment. Ends on SIGTERM once every request in flight is answered. */
import { shopServer } from './server.mjs'
import { openStore } from './store.mjs'
import { VERSION } from './version.mjs'

const { DATABASE_URL, GIT_SHA = '', HOST = '127.0.0.1', PORT = '8080' } = process.env
if (!DATABASE_URL) throw new Error('DATABASE_URL is not set: give the shop a PostgreSQL to keep its orders in.')

const store = openStore(DATABASE_URL)
const server = shopServer(store, GIT_SHA)

server.listen(Number(PORT), HOST, () => {
  console.log(JSON.stringify({ level: 'info', message: 'listening', version: VERSION, sha: GIT_SHA, port: server.address().port }))
})

process.once('SIGTERM', () => {
  server.close(() => {
    store.close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  })
  server.closeIdleConnections()
  setTimeout(() => process.exit(0), 5000).unref()
})
