/** What the store takes, as metrics: rollbacks, verdicts that changed, the canary's weight, whether it is taken back, and which commit and trace a release is. */
import type { Change, ReleaseRecord } from '../release/ports.ts'
import { dataOf } from '../release/state.ts'
import { weightNow } from '../rollout/alone.ts'
import type { Metrics, ReleaseLabel } from './metrics.ts'

export interface Counting {
  seen(record: ReleaseRecord): void
  committed(change: Change): void
  /** The canary has no traffic, though the store could not be told yet. */
  home(record: ReleaseRecord): void
}

/** Verdicts and labels kept to tell what changed; the oldest go first. */
const MAX_KEPT = 2_000

/** @param env of releases that are in no environment yet */
export function counting(metrics: Metrics, { env, tenant }: { readonly env: string | null; readonly tenant: string | null }): Counting {
  const shown = new Map<string, { readonly revision: number; readonly info: Record<ReleaseLabel | 'trace_id' | 'sha', string> }>()
  const decided = new Map<string, string>()
  const labelsOf = (record: ReleaseRecord): Record<ReleaseLabel, string> => ({
    repository: `${record.repository.owner}/${record.repository.name}`,
    release: record.version,
    env: dataOf(record).rollout?.environment ?? env ?? '',
    tenant: tenant ?? '',
  })

  function seen(record: ReleaseRecord): void {
    const before = shown.get(record.key)
    if (before !== undefined && before.revision >= record.revision) return
    const { rollout } = dataOf(record)
    const labels = labelsOf(record)
    const info = { ...labels, trace_id: record.traceId, sha: record.head }
    if (before !== undefined && JSON.stringify(before.info) !== JSON.stringify(info)) metrics.releaseInfo.remove(before.info)
    metrics.releaseInfo.set(info, 1)
    if (rollout !== null) {
      metrics.weight.set(labels, weightNow(rollout))
      metrics.rollingBack.set(labels, record.state === 'rolling_back' ? 1 : 0)
    }
    keep(shown, record.key, { revision: record.revision, info })
  }

  return {
    seen,
    committed({ release, events, verdicts }) {
      for (const { type, data } of events)
        if (type === 'rollback')
          metrics.rollbacks.inc({
            env: labelsOf(release).env,
            tenant: tenant ?? '',
            reason: typeof data['code'] === 'string' ? data['code'] : 'unknown',
          })
      for (const { gate, verdict } of verdicts) {
        const place = `${release.key} ${verdict.sha} ${gate}`
        if (decided.get(place) === verdict.verdict) continue
        keep(decided, place, verdict.verdict)
        metrics.verdicts.inc({ gate, verdict: verdict.verdict })
      }
    },
    home: (record) => metrics.weight.set(labelsOf(record), 0),
  }
}

function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= MAX_KEPT) break
    map.delete(oldest)
  }
}
