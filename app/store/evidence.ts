/** What was believed, what was not and why, the bytes behind it and the verdicts. */
import { sha256 } from '../../evidence/core/digest.ts'
import { GateId } from '../../evidence/model/phases.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import type { VerdictContext } from '../../evidence/model/verdict-context.ts'
import type { Clock, Decided, EvidenceRow, Rejection, StorePort } from '../release/ports.ts'
import { appendEntries } from './ledger.ts'
import type { Query, Sql } from './sql.ts'

/** One source once: the source's own row decides, so a second call, even at the same time, changes nothing. */
export async function keepEvidence(sql: Sql, clock: Clock, of: Parameters<StorePort['keepEvidence']>[0]): Promise<void> {
  await sql.transaction(async (query) => {
    const fresh = await query.rows('insert into conductor.sources (release_key, source) values ($1, $2) on conflict do nothing returning source', [
      of.releaseKey,
      of.source,
    ])
    if (fresh.length === 0) return
    for (const row of of.rows)
      await query.rows('insert into conductor.evidence (release_key, sha, source, row) values ($1, $2, $3, $4)', [
        of.releaseKey,
        of.sha,
        of.source,
        JSON.stringify(row),
      ])
    for (const rejection of of.rejections)
      await query.rows('insert into conductor.rejections (release_key, row) values ($1, $2)', [of.releaseKey, JSON.stringify(rejection)])
    await appendEntries(query, clock, of.releaseKey, of.events)
  })
}

export async function readEvidence(query: Query, releaseKey: string, sha: string): Promise<readonly EvidenceRow[]> {
  const rows = await query.rows<{ row: string }>('select row from conductor.evidence where release_key = $1 and sha = $2 order by position', [
    releaseKey,
    sha,
  ])
  return rows.map(({ row }) => JSON.parse(row) as EvidenceRow)
}

export async function readRejections(query: Query, releaseKey: string): Promise<readonly Rejection[]> {
  const rows = await query.rows<{ row: string }>('select row from conductor.rejections where release_key = $1 order by position', [releaseKey])
  return rows.map(({ row }) => JSON.parse(row) as Rejection)
}

export async function readSources(query: Query, releaseKey: string): Promise<ReadonlySet<string>> {
  const rows = await query.rows<{ source: string }>('select source from conductor.sources where release_key = $1', [releaseKey])
  return new Set(rows.map((row) => row.source))
}

export async function putBlob(query: Query, bytes: Uint8Array): Promise<string> {
  const digest = sha256(bytes)
  await query.rows('insert into conductor.blobs (sha256, bytes) values ($1, $2) on conflict do nothing', [digest, bytes])
  return digest
}

export async function readBlob(query: Query, digest: string): Promise<Uint8Array | null> {
  const [row] = await query.rows<{ bytes: Uint8Array }>('select bytes from conductor.blobs where sha256 = $1', [digest])
  return row === undefined ? null : Uint8Array.from(row.bytes)
}

/** The newest verdict of each gate and environment; the ledger has the older ones. */
export async function readVerdicts(query: Query, releaseKey: string, sha: string): Promise<readonly Decided[]> {
  const rows = await query.rows<{ gate: string; verdict: string; context: string | null }>(
    'select gate, verdict, context from conductor.verdicts where release_key = $1 and sha = $2 order by gate, env',
    [releaseKey, sha],
  )
  return rows.map(({ gate, verdict, context }) => ({
    gate: GateId.parse(gate),
    verdict: JSON.parse(verdict) as Verdict,
    context: context === null ? null : (JSON.parse(context) as VerdictContext),
  }))
}
