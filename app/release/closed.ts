/** May a promotion start now, by the calendar of the base branch? And who is told when a rollout runs into its end. Pure. */
import { GLASS } from '../../evidence/model/predicate/waiver.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { inline, marker } from '../github/markdown.ts'
import { closedNow, type Closed } from '../rollout/window.ts'
import type { Draft } from './draft.ts'
import type { Facts, FullFacts } from './facts.ts'

/** null: it may; so it does while the glass is broken. */
export function closedFor({ now }: Pick<Facts, 'now'>, full: FullFacts): Closed | null {
  if (full.waivers.some(({ predicate }) => predicate.gate === GLASS && timestamp(now) < predicate.expires_at)) return null
  return full.window === null ? null : closedNow(full.window, full.pull.labels, now)
}

/** A comment of its own, because an edited one calls nobody: once for each step that is held. */
export function tellClosed(draft: Draft, full: FullFacts): void {
  const { rollout } = draft.data
  if (rollout?.closed === undefined || rollout.stage !== 'waiting') return
  const place = `${rollout.number}/${rollout.environment}/${rollout.step}`
  const mark = marker(`closed:${full.pull.number}/${place}`)
  const people = full.config.ok ? full.config.config.people.on_call : []
  draft.ensure({
    kind: 'comment.write',
    key: draft.key(`rollout/${place}/closed`),
    pull: full.pull.number,
    comment: null,
    marker: mark,
    body: [
      mark,
      `**${inline(draft.before.version)} stays at ${rollout.step} % of ${rollout.environment}**: ${inline(rollout.closed)}.`,
      'The judge let this step through and goes on watching it: a breach, or metrics that fall silent, still take everything back. It goes on by itself when it opens; a rollback never waits for that.',
      ...(people.length === 0 ? [] : [`For whoever is on call: ${people.join(' ')}`]),
    ].join('\n\n'),
  })
}
