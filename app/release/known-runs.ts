/**
 * Runs as this process last saw them, for looks that nothing about a run brought. They are good while nobody else has changed the release: whoever learns
 * something of a run records it, and the revision moves.
 */
import type { ReleaseRecord, RunFacts } from './ports.ts'

const MOST_RELEASES = 500

type Named = Pick<ReleaseRecord, 'key' | 'revision'>

export interface KnownRuns {
  /** Undefined when nothing is known, or another process went on. */
  of(release: Named): ReadonlyMap<number, RunFacts> | undefined
  keep(release: Named, runs: ReadonlyMap<number, RunFacts>): void
  /** This process wrote the next revision. */
  moved(from: Named): void
}

export function knownRuns(): KnownRuns {
  const kept = new Map<string, { readonly revision: number; readonly runs: ReadonlyMap<number, RunFacts> }>()
  return {
    of({ key, revision }) {
      const found = kept.get(key)
      return found?.revision === revision ? found.runs : undefined
    },
    keep({ key, revision }, runs) {
      kept.delete(key)
      kept.set(key, { revision, runs: new Map(runs) })
      for (const oldest of kept.keys()) {
        if (kept.size <= MOST_RELEASES) break
        kept.delete(oldest)
      }
    },
    moved({ key, revision }) {
      const found = kept.get(key)
      if (found?.revision === revision) kept.set(key, { ...found, revision: revision + 1 })
      else kept.delete(key)
    },
  }
}
