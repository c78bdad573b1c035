/**
 * Start, breach and general availability, each told once to the channels of its audience. What the machine did not do it does not say. Pure.
 *
 * A message whose sending was interrupted is sent again with the same id: better twice than never.
 */
import { timestamp } from '../../evidence/model/primitives.ts'
import type { Draft } from './draft.ts'
import type { Facts } from './facts.ts'
import type { Rollout } from './state.ts'
import { isLate } from '../rollout/golden-paths.ts'
import { rollForward } from '../rollout/way-back.ts'

/** A way back that is refused is told to whom a breach is. */
type Occasion = keyof Rollout['policy']['messages'] | 'refused'

export function tellChannels(draft: Draft, facts: Facts): void {
  const { rollout } = draft.data
  if (rollout === null) return
  if (rollout.stage === 'deploying' && rollout.step === rollout.steps[0]) tell(draft, rollout, 'start', startOf)
  // Not before: while traffic goes home nothing else may take time.
  if (draft.state === 'rolled_back' || isLate(facts, rollout)) tell(draft, rollout, 'breach', breachOf)
  if (rollout.refused !== undefined) tell(draft, rollout, 'refused', refusedOf)
  if (draft.state === 'ga' || draft.state === 'broken_glass') tell(draft, rollout, 'ga', gaOf)
}

function tell(draft: Draft, rollout: Rollout, occasion: Occasion, textOf: (draft: Draft, rollout: Rollout) => readonly string[]): void {
  for (const webhook of new Set(rollout.policy.messages[occasion === 'refused' ? 'breach' : occasion])) {
    const key = draft.key(`message/${occasion}/${rollout.number}/${webhook}`)
    if (draft.row(key) === undefined) draft.ensure({ kind: 'message.send', key, webhook, text: textOf(draft, rollout).join('\n') })
  }
}

function startOf(draft: Draft, { environment, steps, approval, agreed, policy }: Rollout): string[] {
  const gates = Object.entries(agreed.at(-1)?.gates ?? {}).map(([gate, { outcome }]) => `${gate} ${outcome.replaceAll('_', ' ')}`)
  return [
    `${draft.before.version}: the rollout to ${environment} starts, ${steps.join(', ')} %, approved by ${approval.login}.`,
    ...(gates.length === 0 ? [] : [`Gates: ${gates.join(', ')}.`]),
    ...(policy.onCall.length === 0 ? [] : [`On call: ${policy.onCall.join(', ')}.`]),
    ...where(draft),
  ]
}

function breachOf(draft: Draft, { environment, step, why, since, red }: Rollout): string[] {
  return [
    `${draft.before.version} was rolled back from ${step} % of ${environment}. ${why?.sentence ?? ''}`.trim(),
    `All traffic is at the version before since ${timestamp(since)} or sooner.`,
    ...(red === undefined ? [] : [`Not green yet: ${red.join('; ')}.`]),
    ...where(draft),
  ]
}

function refusedOf(draft: Draft, { environment, step, refused, schema }: Rollout): string[] {
  return [
    `${draft.before.version} was to be taken back from ${step} % of ${environment}, and that was refused: ${refused?.because ?? ''}. Nothing was changed.`,
    refused?.sentence ?? '',
    ...(schema === undefined ? [] : rollForward(schema, draft.head)),
    ...where(draft),
  ]
}

function gaOf(draft: Draft, { environment }: Rollout): string[] {
  const owed = draft.state === 'broken_glass' ? ' It shipped by break-glass: its gates are still owed.' : ''
  return [`${draft.before.version} serves everyone on ${environment}: the last step baked without a breach.${owed}`, ...where(draft)]
}

/** Where the evidence stands: the pull request's status comment leads to packs, incident and release. */
function where({ before, head }: Draft): string[] {
  const { owner, name } = before.repository
  return [`${owner}/${name}#${before.pull}, commit ${head.slice(0, 12)}, trace ${before.traceId}`]
}
