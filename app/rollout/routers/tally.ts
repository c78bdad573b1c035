/** What the proxy counted, as OpenMetrics text. */
import type { ArmName } from './weight.ts'

export interface Tally {
  add(arm: ArmName, code: number): void
  /** @param percent the weight in force */
  text(percent: number): string
}

export function tally(): Tally {
  const counts: Record<ArmName, Map<number, number>> = { canary: new Map(), stable: new Map() }
  return {
    add(arm, code) {
      counts[arm].set(code, (counts[arm].get(code) ?? 0) + 1)
    },
    text(percent) {
      const lines = ['# TYPE proxy_requests counter', '# HELP proxy_requests Answers sent to clients, by arm and status code.']
      for (const arm of ['canary', 'stable'] as const) {
        for (const [code, count] of counts[arm]) lines.push(`proxy_requests_total{arm="${arm}",code="${code}"} ${count}`)
      }
      lines.push('# TYPE proxy_weight_percent gauge', `proxy_weight_percent ${percent}`, '# EOF', '')
      return lines.join('\n')
    },
  }
}
