/** Child process: one PGlite in memory, served to both slots as PostgreSQL. Tells its parent the port once. */
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

const db = await PGlite.create()
const port = Number(process.env.DATABASE_PORT)
const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port, maxConnections: 16 })
await server.start()
process.send?.({ port })
