/**
 * A no that two people let stand for some days: still no proof, and shown as waived. The waiver must be believed, of this commit, and not over; that of a
 * hotfix must also have been granted while the config named the very gates for hotfixes that it names now. Pure.
 */
import { timestamp } from '../evidence/model/primitives.ts'
import { covers, GLASS, HOTFIX, isSameLane, WaiverPredicate } from '../evidence/model/predicate/waiver.ts'
import { Verdict } from '../evidence/model/verdict.ts'
import type { GateId } from '../evidence/model/phases.ts'
import type { EvidenceLike } from './admit.ts'

/** Gates that decide something of their own, and have not decided that it holds. */
const WAIVABLE: ReadonlySet<Verdict['verdict']> = new Set(['fail', 'indeterminate'])

/** The verdict, or the same one waived. @param now epoch milliseconds @param mustHold `config.release.hotfix.gates` */
export function waived(verdict: Verdict, evidence: readonly EvidenceLike[], now: number, mustHold: readonly GateId[] = []): Verdict {
  if (!WAIVABLE.has(verdict.verdict)) return verdict
  const standing = evidence.flatMap((one) => waiverFor(verdict, one, { now, mustHold })).toSorted((a, b) => (a.expires_at < b.expires_at ? 1 : -1))[0]
  if (standing === undefined) return verdict
  const { digest, ...of } = standing
  const who = of.granted_by.map(({ login }) => login).join(' and ')
  const isGlass = of.gate === GLASS
  const how = isGlass ? 'let through by break-glass of' : of.gate === HOTFIX ? 'waived with the hotfix by' : 'waived by'
  const message = `${how} ${who} until ${of.expires_at}: ${of.reason} (without it: ${verdict.verdict})`.slice(0, 2000)
  const next = isGlass
    ? `The gates go on: make them hold. Issue #${of.issue} stays open until they do.`
    : `Bring the proof before ${of.expires_at}; issue #${of.issue} remembers the debt.`
  return Verdict.parse({
    ...verdict,
    verdict: 'waived',
    reasons: [{ code: isGlass ? 'gate.glass-broken' : 'gate.waived', message, next }, ...verdict.reasons].slice(0, 200),
    evidence: [...verdict.evidence, { path: `attestations/waiver-${of.gate}.sigstore.json`, sha256: digest, sig: null }].slice(-1000),
  })
}

function waiverFor(
  verdict: Verdict,
  { kind, digest, predicate }: EvidenceLike,
  { now, mustHold }: { readonly now: number; readonly mustHold: readonly GateId[] },
): (WaiverPredicate & { readonly digest: string })[] {
  if (kind !== 'waiver') return []
  const waiver = WaiverPredicate.safeParse(predicate)
  if (!waiver.success) return []
  const { sha, environment, rules, granted_at, expires_at, hotfix } = waiver.data
  const at = timestamp(now)
  const isOfThis = covers(waiver.data, verdict.gate) && sha === verdict.sha && environment === verdict.env && rules.length === 0
  const isOfThisLane = hotfix === undefined || isSameLane(hotfix.must_hold, mustHold)
  return isOfThis && isOfThisLane && granted_at <= at && at < expires_at ? [{ ...waiver.data, digest }] : []
}
