/**
 * What a release adds to the known vulnerabilities of the one before, and what it mends. Two reports speak of one vulnerability when they share any name of
 * the advisory, the package and its version. Pure.
 */
import type { Vulnerability, VulnerabilitySeverity } from './supply-chain-lead.reports.ts'

export interface Known {
  /** The name that most people know: CVE, then GHSA, then any. */
  readonly id: string
  readonly ids: readonly string[]
  readonly name: string
  readonly version: string
  readonly severity: VulnerabilitySeverity
}

export interface Difference {
  readonly added: readonly Known[]
  readonly fixed: readonly Known[]
  readonly same: readonly Known[]
}

/** All lists sorted; every vulnerability once. */
export function difference(here: readonly Vulnerability[], before: readonly Vulnerability[]): Difference {
  const [now, then] = [known(here), known(before)]
  const [index, earlier] = [byPlace(now), byPlace(then)]
  return {
    added: now.filter((one) => !isIn(earlier, one)),
    fixed: then.filter((one) => !isIn(index, one)),
    same: now.filter((one) => isIn(earlier, one)),
  }
}

function isIn(list: ReadonlyMap<string, readonly Known[]>, one: Known): boolean {
  return (list.get(place(one)) ?? []).some((other) => other.ids.some((id) => one.ids.includes(id)))
}

const RANK: Readonly<Record<VulnerabilitySeverity, number>> = { unknown: 0, low: 1, medium: 2, high: 3, critical: 4 }

/** Of several opinions the worst that is known; `unknown` only when nobody knows. */
export function worse(a: VulnerabilitySeverity, b: VulnerabilitySeverity): VulnerabilitySeverity {
  return RANK[a] >= RANK[b] ? a : b
}

/** Several reports, several names: each vulnerability once. */
export function known(list: readonly Vulnerability[]): readonly Known[] {
  const places = new Map<string, Known[]>()
  for (const { ids, name, version, severity } of list) {
    let one: Known = { id: '', ids: [...ids], name, version: version ?? '', severity }
    const others: Known[] = []
    for (const other of places.get(place(one)) ?? []) {
      if (!other.ids.some((id) => one.ids.includes(id))) others.push(other)
      else one = { ...one, ids: [...new Set([...one.ids, ...other.ids])], severity: worse(one.severity, other.severity) }
    }
    places.set(place(one), [...others, one])
  }
  return [...places.values()]
    .flat()
    .map((one) => ({ ...one, id: wellKnown(one.ids), ids: one.ids.toSorted() }))
    .toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
}

function place(one: Pick<Known, 'name' | 'version'>): string {
  return `${one.name} ${one.version}`
}

function order(one: Known): string {
  return `${one.id} ${place(one)}`
}

function byPlace(list: readonly Known[]): ReadonlyMap<string, readonly Known[]> {
  return Map.groupBy(list, place)
}

function wellKnown(ids: readonly string[]): string {
  const sorted = ids.toSorted()
  return sorted.find((id) => id.startsWith('CVE-')) ?? sorted.find((id) => id.startsWith('GHSA-')) ?? sorted[0] ?? 'unnamed'
}
