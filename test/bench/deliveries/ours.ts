/** Our front door with its journal on disk: `node ours.js FOLDER SECRET APP_ID`. */
import { openFrontDoor, WEBHOOK_PATH } from '../../../app/webhooks/front-door.ts'
import { openJournal } from '../../../app/webhooks/journal.ts'
import { createMetrics } from '../../../app/telemetry/metrics.ts'
import { tell } from './told.ts'

const [folder = '', secret = '', appId = ''] = process.argv.slice(2)
const log = { info() {}, warn() {}, error() {} }
const metrics = createMetrics()
const door = await openFrontDoor({
  host: '127.0.0.1',
  port: 0,
  appId: Number(appId),
  secrets: { current: secret, previous: null },
  journal: await openJournal({ folder, log, onSync: () => metrics.journalSyncs.inc() }),
  metrics,
  clock: { now: () => Date.now() },
  log,
  onKept: () => undefined,
  unready: async () => [],
})
tell(`${door.url}${WEBHOOK_PATH}`)
