/** Which later release brings the proof that this one owes? Asked only while it owes some. */
import { HOLDS, openHotfixes } from './debt.ts'
import type { FullFacts } from './facts.ts'
import { openGlass } from './glass.ts'
import type { Ports, ReleaseRecord } from './ports.ts'
import { dataOf } from './state.ts'

/** Asked for a release that owes its proof: of the newest later one. */
export async function provenIn({ read }: Pick<Ports, 'read'>, record: ReleaseRecord, others: readonly ReleaseRecord[]): Promise<string | null> {
  if (openGlass(dataOf(record)).length === 0) return null
  const later = others.filter(({ state, pull }) => state === 'ga' && pull > record.pull).toSorted((a, b) => b.pull - a.pull)[0]
  return later !== undefined && (await read.contains(record.repository, record.head, later.head)) ? later.version : null
}

/** A later release is asked about only when it could pay: no more than these at one look. */
const MOST_LATER = 3

/** For what a hotfix owes: the newest later release in which its gates hold, and which contains it. */
export async function laterOf(
  { read, store }: Pick<Ports, 'read' | 'store'>,
  record: ReleaseRecord,
  others: readonly ReleaseRecord[],
): Promise<Pick<FullFacts, 'later'>> {
  const open = openHotfixes(dataOf(record).waivers)
  if (open.length === 0 || record.state !== 'ga') return {}
  const later = others.filter(({ state, pull }) => state === 'ga' && pull > record.pull).toSorted((a, b) => b.pull - a.pull)
  let asked = 0
  for (const one of later) {
    const decided = await store.verdicts(one.key, one.head)
    const holds = decided.flatMap(({ gate, verdict }) => (HOLDS.has(verdict.verdict) ? [gate] : []))
    if (!open.some(({ lane }) => lane?.covers.every((gate) => holds.includes(gate)) === true)) continue
    if (await read.contains(record.repository, record.head, one.head)) return { later: { version: one.version, holds } }
    asked += 1
    if (asked === MOST_LATER) return {}
  }
  return {}
}
