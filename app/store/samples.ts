/**
 * What was seen of the traffic. A series is read at every look, so this process remembers it: what is remembered is good as long as the table holds the
 * same instants, whoever wrote them, and asking that moves no row.
 */
import type { ReleaseRecord, Sample } from '../release/ports.ts'
import { integer, type Query, type Sql } from './sql.ts'

interface Series {
  readonly samples: readonly Sample[]
  readonly mark: string
}

export interface Samples {
  /** A second sample of the same step and instant is the same sample. */
  keep(releaseKey: string, step: string, sample: Sample): Promise<void>
  read(releaseKey: string, step: string): Promise<readonly Sample[]>
  /** Nothing goes when the release moved on since `revision`: it may be what that was decided from. */
  drop(release: Pick<ReleaseRecord, 'key' | 'revision'>, step: string, at: readonly number[]): Promise<void>
}

const PRIME = 1_000_000_007

/** @param most of all series together in memory */
export function samplesIn(sql: Sql, most = 200_000): Samples {
  const remembered = new Map<string, Series>()

  function keepInMind(name: string, samples: readonly Sample[]): void {
    remembered.delete(name)
    remembered.set(name, { samples, mark: markOf(samples) })
    let total = 0
    for (const [one, series] of [...remembered].toReversed()) {
      total += series.samples.length
      if (total > most && one !== name) remembered.delete(one)
    }
  }

  return {
    async keep(releaseKey, step, sample) {
      const text = JSON.stringify(sample)
      const fresh = await sql.rows(
        'insert into conductor.samples (release_key, step, at, sample) values ($1, $2, $3, $4) on conflict do nothing returning at',
        [releaseKey, step, sample.at, text],
      )
      const name = `${releaseKey} ${step}`
      const known = remembered.get(name)
      if (fresh.length === 1 && known !== undefined && (known.samples.at(-1)?.at ?? -Infinity) < sample.at)
        keepInMind(name, [...known.samples, JSON.parse(text) as Sample])
    },
    async read(releaseKey, step) {
      const name = `${releaseKey} ${step}`
      const known = remembered.get(name)
      if (known !== undefined && known.mark === (await markIn(sql, releaseKey, step))) return known.samples
      const rows = await sql.rows<{ sample: string }>('select sample from conductor.samples where release_key = $1 and step = $2 order by at', [
        releaseKey,
        step,
      ])
      const samples = rows.map(({ sample }) => JSON.parse(sample) as Sample)
      keepInMind(name, samples)
      return samples
    },
    async drop({ key, revision }, step, at) {
      const dropped = await sql.transaction(async (query) => {
        if ((await query.rows('select 1 as here from conductor.releases where key = $1 and revision = $2 for share', [key, revision])).length === 0)
          return false
        await query.rows('delete from conductor.samples where release_key = $1 and step = $2 and at = any($3::bigint[])', [key, step, at])
        return true
      })
      const name = `${key} ${step}`
      const known = remembered.get(name)
      if (!dropped || known === undefined) return
      const gone = new Set(at)
      keepInMind(
        name,
        known.samples.filter((sample) => !gone.has(sample.at)),
      )
    },
  }
}

function markOf(samples: readonly Sample[]): string {
  return `${samples.length}/${samples.reduce((sum, { at }) => sum + (at % PRIME), 0)}`
}

async function markIn(query: Query, releaseKey: string, step: string): Promise<string> {
  const [row] = await query.rows<{ count: unknown; sum: unknown }>(
    `select count(*) as count, coalesce(sum(at % ${PRIME}), 0)::bigint as sum from conductor.samples where release_key = $1 and step = $2`,
    [releaseKey, step],
  )
  return `${integer(row?.count ?? 0)}/${integer(row?.sum ?? 0)}`
}
