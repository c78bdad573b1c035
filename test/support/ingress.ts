/**
 * The way in as a process of its own, for tests that kill it: `node test/support/ingress.ts OPERATOR_FILE`. Prints one JSON line when it listens and one
 * per trigger; ends on SIGTERM after draining; exits with 2 when the operator's file or secrets do not allow a start.
 */
import { loadOperator, OperatorError, secretsOf } from '../../app/operator.ts'
import { startIngress } from '../../app/server.ts'
import { openPglite } from '../../app/store/pglite.ts'
import { openStore } from '../../app/store/store.ts'
import { createLogger } from '../../app/telemetry/logger.ts'
import { createMetrics } from '../../app/telemetry/metrics.ts'

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

try {
  const operator = loadOperator(process.argv[2] ?? '', process.env)
  const clock = { now: () => Date.now() }
  const sql = await openPglite(operator.dataDir)
  await openStore(sql, clock)
  const log = createLogger({ secrets: secretsOf(operator), level: 'error' })
  const ingress = await startIngress({
    operator,
    sql,
    log,
    clock,
    metrics: createMetrics(),
    onTrigger: async (trigger) => say({ trigger: trigger.why, pull: trigger.pull }),
  })
  process.once('SIGTERM', () => {
    void ingress
      .close()
      .then(() => sql.close())
      .then(() => say({ closed: true }))
  })
  say({ url: ingress.url })
} catch (error) {
  if (!(error instanceof OperatorError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error.exitCode
}
