/**
 * Of all believed evidence, what counts now: the newest statement of each agent, gate and step, about this very commit. A re-run replaces what came
 * before it. Gates, plans and packs all read this one choice, so that a pack holds exactly what its verdicts rest on. Pure.
 */
import type { Evidence, EvidenceRow } from './ports.ts'

export function currentEvidence(rows: readonly EvidenceRow[], head: string): readonly EvidenceRow[] {
  const newest = new Map<string, EvidenceRow>()
  for (const row of rows) {
    if (commitOf(row.evidence) !== head) continue
    const about = aboutOf(row.evidence)
    const known = newest.get(about)
    if (known === undefined || later(row.evidence, known.evidence)) newest.set(about, row)
  }
  return [...newest.values()]
}

function aboutOf(evidence: Evidence): string {
  switch (evidence.kind) {
    case 'agent-response':
      return `response ${evidence.predicate.topic} ${evidence.predicate.agent.name}`
    case 'self-test':
      return `self-test ${evidence.predicate.gate}`
    case 'rollout-event':
      return `rollout ${evidence.predicate.environment} ${evidence.predicate.step}`
  }
}

function later(a: Evidence, b: Evidence): boolean {
  const [one, other] = [a.predicate.origin, b.predicate.origin]
  return one.run_id === other.run_id ? one.run_attempt > other.run_attempt : one.run_id > other.run_id
}

function commitOf(evidence: Evidence): string {
  return evidence.kind === 'rollout-event' ? evidence.predicate.sha : evidence.predicate.origin.sha
}
