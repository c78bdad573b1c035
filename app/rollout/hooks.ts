/**
 * The adopter's own checks around a step: `pre` before it begins, `post` before the rollout goes on from it. A hook that says no, fails or does not
 * answer holds; the step's deadline then takes everything back. The way back asks no hook. Pure.
 */
import type { Draft } from '../release/draft.ts'
import type { Facts } from '../release/facts.ts'
import type { Effect, OutboxRow } from '../release/ports.ts'
import type { Hook, Rollout } from '../release/state.ts'
import { stepKey } from './steps.ts'

type When = 'pre' | 'post'

/** Asks every hook of this step, once, and answers why it holds; null: each of them said yes. */
export function hookHold(draft: Draft, facts: Facts, rollout: Rollout, when: When): string | null {
  const asked = hooksOf(draft, rollout, when).map(({ key, hook }) => {
    draft.ensure(effectOf(draft, rollout, { key, hook, when }))
    return said(draft, facts, rollout, { key, hook })
  })
  return asked.find((why) => why !== null) ?? null
}

/** Between two looks in full: is one still awaited that was asked? */
export function awaitsHook(draft: Draft, rollout: Rollout, when: When): boolean {
  return hooksOf(draft, rollout, when).some(({ key }) => draft.row(key) !== undefined && !passed(draft, rollout, key))
}

/** An intent that asks a hook: of no use any more once everything goes home. */
export function isHook(effect: Effect): boolean {
  return effect.kind === 'hook.call' || (effect.kind === 'workflow.dispatch' && effect.inputs['hook'] !== undefined)
}

/** The golden paths of the way home are asked like hooks, and by it alone. */
export function isGolden(effect: Effect): boolean {
  return effect.kind === 'workflow.dispatch' && effect.inputs['hook'] === 'golden'
}

/** Runs of hooks that were started and have not passed yet: each is read at a look in full. */
export function hookRuns(rows: readonly OutboxRow[], rollout: Rollout | null): readonly number[] {
  const open = rows.filter(({ effect, key }) => effect.kind === 'workflow.dispatch' && isHook(effect) && rollout?.passed.includes(key) !== true)
  return open.flatMap(({ outcome }) => (outcome?.id == null ? [] : [outcome.id])).slice(-MOST_RUNS)
}

const MOST_RUNS = 20

interface Asked {
  readonly key: string
  readonly hook: Hook
}

function hooksOf(draft: Draft, rollout: Rollout, when: When): Asked[] {
  return rollout.policy.hooks[when].flatMap((hook, at) =>
    hook.steps === undefined || hook.steps.includes(rollout.step) ? [{ key: stepKey(draft, rollout, `hook/${when}/${at}`), hook }] : [],
  )
}

function effectOf(draft: Draft, rollout: Rollout, { key, hook, when }: Asked & { readonly when: When }): Effect {
  const { version, traceId } = draft.before
  const { environment, step, plan } = rollout
  const about = { hook: when, version, sha: draft.head, environment, step: String(step), plan, key }
  return 'webhook' in hook
    ? { kind: 'hook.call', key, webhook: hook.webhook, body: { ...about, step, trace_id: traceId } }
    : { kind: 'workflow.dispatch', key, workflow: hook.workflow, ref: rollout.policy.ref, inputs: { ...hook.inputs, ...about } }
}

function passed(draft: Draft, rollout: Rollout, key: string): boolean {
  return rollout.passed.includes(key) || draft.outcome(key)?.data?.['result'] === 'ok'
}

/** null: yes. */
function said(draft: Draft, facts: Facts, rollout: Rollout, { key, hook }: Asked): string | null {
  if (passed(draft, rollout, key)) return null
  const name = 'webhook' in hook ? hook.webhook : hook.workflow
  const row = draft.row(key)
  if (row?.state === 'failed') return `the hook ${name} gave no answer: ${row.error ?? 'no reason'}`
  const outcome = row?.outcome ?? null
  if (outcome?.data?.['result'] === 'fail') return `the hook ${name} says no: ${outcome.data['reason'] ?? 'it gave no reason'}`
  const run = outcome?.id == null ? undefined : facts.full?.runs.get(outcome.id)
  if (run?.status !== 'completed') return `the hook ${name} has not answered yet${row?.error == null ? '' : ` (${row.error})`}`
  if (run.conclusion !== 'success') return `the hook ${name} ended with ${run.conclusion ?? 'nothing'}; re-run it, or /rollback`
  rollout.passed.push(key)
  draft.note('hook', { environment: rollout.environment, step: rollout.step, key, run: run.id, attempt: run.attempt })
  return null
}
