/** What the proxy counted, as OpenMetrics text, and that text read again. */
import type { Routed } from '../../release/ports.ts'
import { parseOpenMetrics } from '../../../agents/collect/metrics/openmetrics.ts'
import { RouterError } from './router.ts'
import type { ArmName } from './weight.ts'

export interface Tally {
  add(arm: ArmName, code: number): void
  /** @param percent the weight in force @param open requests of each arm that are open now */
  text(percent: number, open?: Readonly<Record<ArmName, number>>): string
}

/** @param sticky clients stay with their version, so the share of the requests is that of nobody's choosing */
export function tally(sticky = false): Tally {
  const counts: Record<ArmName, Map<number, number>> = { canary: new Map(), stable: new Map() }
  return {
    add(arm, code) {
      counts[arm].set(code, (counts[arm].get(code) ?? 0) + 1)
    },
    text(percent, open) {
      const lines = ['# TYPE proxy_requests counter', '# HELP proxy_requests Answers sent to clients, by arm and status code.']
      for (const arm of ['canary', 'stable'] as const) {
        for (const [code, count] of counts[arm]) lines.push(`proxy_requests_total{arm="${arm}",code="${code}"} ${count}`)
      }
      if (open !== undefined) {
        lines.push('# TYPE proxy_open_requests gauge', '# HELP proxy_open_requests Requests that are open now.')
        for (const arm of ['canary', 'stable'] as const) lines.push(`proxy_open_requests{arm="${arm}"} ${open[arm]}`)
      }
      lines.push('# TYPE proxy_sticky gauge', `proxy_sticky ${sticky ? 1 : 0}`)
      lines.push('# TYPE proxy_weight_percent gauge', `proxy_weight_percent ${percent}`, '# EOF', '')
      return lines.join('\n')
    },
  }
}

function wrong(cause?: unknown): RouterError {
  return new RouterError('malformed', "The router's /metrics is not what this router writes. Is the admin address right?", { cause })
}

/** null: clients stay with their version there. @throws RouterError `malformed` unless it is the whole text of a proxy of ours */
export function routedIn(text: string): Routed | null {
  try {
    const { series, ended } = parseOpenMetrics(text)
    if (!ended || !series.some(({ name }) => name === 'proxy_weight_percent')) throw wrong()
    if (series.some(({ name, value }) => name === 'proxy_sticky' && value === 1)) return null
    const of = (arm: ArmName): number =>
      series.reduce((sum, { name, labels, value }) => (name === 'proxy_requests_total' && labels.get('arm') === arm ? sum + value : sum), 0)
    return { canary: of('canary'), stable: of('stable') }
  } catch (error) {
    throw error instanceof RouterError ? error : wrong(error)
  }
}
