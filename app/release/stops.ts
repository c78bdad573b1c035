/** Which step did a pasted line mean? One that is no step of the words of a command is known by its plan id alone. */
import { planId } from '../../evidence/pack/evidence-root.ts'
import { Draft } from './draft.ts'
import type { Facts, PlanFacts } from './facts.ts'
import type { ReleaseRecord } from './ports.ts'
import { currentPlan, type Target } from './promotion.ts'

/** The step below the highest that this plan id names; null: none does. A command has no word for a step other than 10, 50 and 100. */
export function stopOf(draft: Draft, full: PlanFacts, to: Pick<Target, 'environment' | 'steps'>, id: string | null): number | null {
  const last = Math.max(...to.steps)
  return to.steps.find((step) => step < last && id !== null && planId(currentPlan(draft, full, to.environment, step)) === id) ?? null
}

/** {@link stopOf} as things stand at a look, before anything is decided. */
export function stopsOf(
  record: ReleaseRecord,
  outbox: Facts['outbox'],
  facts: PlanFacts,
): (environment: string | null, id: string | null) => number | null {
  return (environment, id) => {
    const steps = facts.config.ok && environment !== null ? facts.config.config.environments[environment]?.steps : undefined
    return environment === null || steps === undefined ? null : stopOf(new Draft(record, outbox), facts, { environment, steps }, id)
  }
}
