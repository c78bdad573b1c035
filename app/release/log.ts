/** When a pack's signature must be in a transparency log, and what waits for it. Pure. */
import type { Config } from '../../evidence/model/config.ts'
import type { Draft } from './draft.ts'
import type { Facts, Settings } from './facts.ts'
import type { Outcome, SealOutcome } from './ports.ts'

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

function logKey(draft: Draft, outcome: SealOutcome): string {
  return draft.key(`log/${outcome}/${draft.data.rollout?.number ?? 0}`)
}

/** Wants the entry of a pack that was sealed. */
export function enterLog(draft: Draft, outcome: SealOutcome, sealed: Outcome): Outcome | null {
  const { path, sha256, seal } = sealed.data ?? {}
  return draft.ensure({ kind: 'log.enter', key: logKey(draft, outcome), seal: Number(seal), pack: String(sha256 ?? ''), path: String(path ?? '') })
}

/** The newest seal that has no entry yet, by its outcome; null: none is awaited. */
export function pendingSeal(draft: Draft, facts: Facts): SealOutcome | null {
  if (!isLogged(draft, facts)) return null
  const isPending = (key: string): boolean => draft.row(key) !== undefined && draft.outcome(key) === null
  return (['rolled_back', 'promoted', 'proven'] as const).find((outcome) => isPending(logKey(draft, outcome))) ?? null
}

/** Why the step that serves everyone may not begin yet. The canary before it goes on. */
export function logVeto(draft: Draft, facts: Facts): string | null {
  if (!isLogged(draft, facts) || draft.outcome(logKey(draft, 'proven')) !== null) return null
  return 'log_pending: the transparency log has no entry of the sealed decision yet; it is asked again and again'
}

function nameOf(log: Settings['log']): string {
  return log === null ? '' : `rekor-v${log}`
}
