/**
 * Keeps a release that the App cut on top of its base while it is not proven. Never against people: a branch that somebody pushed to is left alone from then
 * on, and of the text only the planned part is told anew, while nobody else changed it.
 */
import { sha256 } from '../../evidence/core/digest.ts'
import type { Draft } from './draft.ts'
import type { ConfigFacts, Facts, FullFacts } from './facts.ts'
import { planFromGitHub } from './planned.ts'
import type { OutboxRow, Ports, PullFacts, ReleaseCut, ReleaseRecord, ReleaseRenew } from './ports.ts'
import { dataOf, type ReleaseData } from './state.ts'
import { standsUntil } from './waivers.ts'

/** What a release is remembered by when it is opened, if the App cut it. */
export function keptOf(effect: ReleaseCut, commit: string): NonNullable<ReleaseData['kept']> {
  return { commit, base: effect.base.commit, planned: sha256(effect.planned) }
}

/** Asks GitHub for the new plan when the base has moved; undefined: nothing is to be done. */
export async function renewalOf(
  ports: Ports,
  of: { readonly record: ReleaseRecord; readonly pull: PullFacts; readonly config: ConfigFacts; readonly outbox: readonly OutboxRow[] },
): Promise<FullFacts['renewal']> {
  const { record, pull, config, outbox } = of
  const { kept, requester, waivers } = dataOf(record)
  if (kept === null || !config.ok || (record.state !== 'draft' && record.state !== 'proving')) return undefined
  if (pull.merged || pull.state === 'closed' || pull.head.sha !== kept.commit || config.commit === kept.base) return undefined
  if (standsUntil(waivers, record.head, ports.clock.now()) !== null) return undefined
  for (const { effect, outcome, state, error } of outbox) {
    if (effect.kind !== 'release.renew' || outcome !== null) continue
    if (state !== 'failed') return undefined
    if (effect.base.commit === config.commit)
      return { unfit: `GitHub did not let the App bring the base onto the branch: ${error ?? ''} Do it by hand.` }
  }
  const planned = await planFromGitHub(ports, {
    repository: record.repository,
    version: record.version,
    config: config.config,
    owner: requester?.login ?? null,
    base: pull.base.ref,
  }).catch((error: unknown) => {
    // Nothing else of the release waits for this; the sweep comes again.
    ports.log.warn({ error: String(error) }, 'The base has moved, and what is planned from it could not be read yet.')
    return null
  })
  if (planned === null) return undefined
  if (!('plan' in planned)) return { unfit: `${planned.message} ${planned.next}` }
  const { version, branch, base, files, planned: part } = planned.plan
  if (base.commit === kept.base) return undefined
  return {
    kind: 'release.renew',
    version,
    pull: pull.number,
    branch,
    from: kept.commit,
    base,
    tree: planned.tree,
    message: `chore(release): ${version} on top of ${base.branch}\n`,
    files,
    planned: part,
    was: kept.planned,
  }
}

/** Wants what was planned anew, and remembers what became of it. */
export function keepUp(draft: Draft, facts: Facts, full: FullFacts): void {
  const { renewal } = full
  // What two people let stand on this commit, or are about to, falls with it.
  const isLetStand = standsUntil(draft.data.waivers, draft.head, facts.now) !== null || full.orders.some(({ voice }) => voice?.waive != null)
  if (renewal !== undefined && 'kind' in renewal && !isLetStand) {
    const effect = { ...renewal, key: draft.key(`renew/${renewal.base.commit}`) }
    if (draft.row(effect.key) === undefined) draft.note('planned', { base: renewal.base, from: renewal.from })
    draft.ensure(effect)
  }
  const { kept } = draft.data
  if (kept === null) return
  for (const { effect, outcome } of facts.outbox.values())
    if (effect.kind === 'release.renew' && outcome !== null && effect.from === kept.commit) draft.data.kept = keptAfter(effect, outcome.data)
}

/** null: somebody pushed in between, so the branch is theirs. */
function keptAfter(effect: ReleaseRenew, data: Readonly<Record<string, string | number>> | undefined): ReleaseData['kept'] {
  const commit = data?.['sha']
  if (typeof commit !== 'string') return null
  return { commit, base: effect.base.commit, planned: data?.['told'] === 1 ? sha256(effect.planned) : effect.was }
}
