/**
 * Process entry: `node test/support/platform/main.ts [--port 0] [--folder DIR] [--replicas N]`. Prints one JSON line when ready:
 * `{event, url, database, stable, canary, stage}`. Ends, with everything it started, on SIGTERM or SIGINT or when its parent is gone.
 */
import { parseArgs } from 'node:util'
import { startPlatform } from './platform.ts'

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, folder: { type: 'string' }, replicas: { type: 'string', default: '1' } },
})
const parent = process.ppid
const platform = await startPlatform({
  port: Number(values.port),
  replicas: Number(values.replicas),
  ...(values.folder === undefined ? {} : { folder: values.folder }),
})

let ending = false
function end(): void {
  if (ending) return
  ending = true
  platform.close().then(
    () => process.exit(0),
    () => process.exit(1),
  )
}

process.once('SIGTERM', end)
process.once('SIGINT', end)
process.once('disconnect', end)
setInterval(() => {
  if (process.ppid !== parent) end()
}, 250).unref()

const { slots } = platform.state()
process.stdout.write(
  `${JSON.stringify({ event: 'listening', url: platform.url, database: platform.databaseUrl, stable: slots.stable.url, canary: slots.canary.url, stage: slots.stage.url })}\n`,
)
