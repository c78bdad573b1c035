/** When a pack's signature must be in a transparency log, and what waits for it. Pure. */
import type { Config } from '../../evidence/model/config.ts'
import type { Draft } from './draft.ts'
import type { Facts, Settings } from './facts.ts'
import type { Outcome } from './ports.ts'

/** A config that names a log means it: a release that could not be logged does not begin. */
export function logRefusal(config: Config, settings: Pick<Settings, 'log'>): string | null {
  const { log } = config.evidence
  if (log === undefined || log === 'none' || log === nameOf(settings.log)) return null
  const has = settings.log === null ? 'names none' : `names ${nameOf(settings.log)}`
  return `the config wants evidence.log: ${log}, and the operator's file of this App ${has}; have sigstore.rekor set there, or change evidence.log`
}

/** Frozen when a rollout begins. A config that says nothing gets what the operator has. */
export function wantsLog(config: Config, settings: Pick<Settings, 'log'>): boolean {
  return config.evidence.log !== 'none' && settings.log !== null
}

/** Does this rollout wait for a log? Not when the operator took the log away since: nothing would ever come. */
export function isLogged({ data }: Draft, { settings }: Facts): boolean {
  return data.rollout !== null && data.rollout.last && data.rollout.policy.log && settings.log !== null
}

function logKey(draft: Draft, seal: 1 | 2): string {
  return draft.key(`log/${seal}/${draft.data.rollout?.number ?? 0}`)
}

/** Wants the entry of a pack that was sealed. */
export function enterLog(draft: Draft, seal: 1 | 2, sealed: Outcome): Outcome | null {
  const { path, sha256 } = sealed.data ?? {}
  return draft.ensure({ kind: 'log.enter', key: logKey(draft, seal), seal, pack: String(sha256 ?? ''), path: String(path ?? '') })
}

/** Which seal has no entry yet; null: none is awaited. */
export function pendingSeal(draft: Draft, facts: Facts): 1 | 2 | null {
  if (!isLogged(draft, facts)) return null
  return ([2, 1] as const).find((seal) => draft.row(logKey(draft, seal)) !== undefined && draft.outcome(logKey(draft, seal)) === null) ?? null
}

/** Why the step that serves everyone may not begin yet. The canary before it goes on. */
export function logVeto(draft: Draft, facts: Facts): string | null {
  if (!isLogged(draft, facts) || draft.outcome(logKey(draft, 1)) !== null) return null
  return 'log_pending: the transparency log has no entry of the sealed decision yet; it is asked again and again'
}

function nameOf(log: Settings['log']): string {
  return log === null ? '' : `rekor-v${log}`
}
