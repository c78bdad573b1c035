/** JSON lines by pino. Every line passes the redaction as a whole, so no field, message or stack can carry a secret out. */
import { pino, type DestinationStream, type Logger } from 'pino'
import type { Log, ReleaseRecord } from '../release/ports.ts'
import { dataOf } from '../release/state.ts'
import { redact } from './redact.ts'

export type { Logger } from 'pino'

export interface LoggerOptions {
  readonly level?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Exact values never to print. */
  readonly secrets?: readonly string[]
  /** Where lines go; standard output when absent. */
  readonly to?: DestinationStream
}

export function createLogger({ level = 'info', secrets = [], to }: LoggerOptions = {}): Logger {
  const inJson = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
  const options = {
    level,
    base: null,
    timestamp: () => `,"at":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    messageKey: 'message',
    hooks: { streamWrite: (line: string) => redact(line, inJson) },
  }
  return to === undefined ? pino(options) : pino(options, to)
}

/** The five words every line about a release carries. Absent ones are written as null, so that a query never has to guess. */
export interface ReleaseFields {
  readonly release: string
  readonly env: string | null
  readonly tenant: string | null
  readonly trace_id: string
  readonly sha: string
}

export function forRelease(log: Logger, fields: ReleaseFields): Log {
  return log.child(fields)
}

/** The same for a release of the store. @param defaults of the operator, where the release is in no environment */
export function logOf(log: Logger, record: ReleaseRecord, defaults: { readonly env: string | null; readonly tenant: string | null }): Log {
  const env = dataOf(record).rollout?.environment ?? defaults.env
  return forRelease(log, { release: record.version, env, tenant: defaults.tenant, trace_id: record.traceId, sha: record.head })
}
