/** A no that two people let stand for some days: still no proof, and shown as waived. The waiver must be believed, of this commit, and not over. Pure. */
import { timestamp } from '../evidence/model/primitives.ts'
import { GLASS, WaiverPredicate } from '../evidence/model/predicate/waiver.ts'
import { Verdict } from '../evidence/model/verdict.ts'
import type { EvidenceLike } from './admit.ts'

/** Gates that decide something of their own, and have not decided that it holds. */
const WAIVABLE: ReadonlySet<Verdict['verdict']> = new Set(['fail', 'indeterminate'])

/** The verdict, or the same one waived. @param now epoch milliseconds */
export function waived(verdict: Verdict, evidence: readonly EvidenceLike[], now: number): Verdict {
  if (!WAIVABLE.has(verdict.verdict)) return verdict
  const standing = evidence.flatMap((one) => waiverFor(verdict, one, now)).toSorted((a, b) => (a.expires_at < b.expires_at ? 1 : -1))[0]
  if (standing === undefined) return verdict
  const { digest, ...of } = standing
  const who = of.granted_by.map(({ login }) => login).join(' and ')
  const isGlass = of.gate === GLASS
  const how = isGlass ? 'let through by break-glass of' : 'waived by'
  const message = `${how} ${who} until ${of.expires_at}: ${of.reason} (without it: ${verdict.verdict})`.slice(0, 2000)
  const next = isGlass
    ? `The gates go on: make them hold. Issue #${of.issue} stays open until they do.`
    : `Bring the proof before ${of.expires_at}; issue #${of.issue} remembers the debt.`
  return Verdict.parse({
    ...verdict,
    verdict: 'waived',
    reasons: [{ code: isGlass ? 'gate.glass-broken' : 'gate.waived', message, next }, ...verdict.reasons].slice(0, 200),
    evidence: [...verdict.evidence, { path: `attestations/waiver-${verdict.gate}.sigstore.json`, sha256: digest, sig: null }].slice(-1000),
  })
}

function waiverFor(verdict: Verdict, { kind, digest, predicate }: EvidenceLike, now: number): (WaiverPredicate & { readonly digest: string })[] {
  if (kind !== 'waiver') return []
  const waiver = WaiverPredicate.safeParse(predicate)
  if (!waiver.success) return []
  const { gate, sha, environment, rules, granted_at, expires_at } = waiver.data
  const at = timestamp(now)
  const isOfThis = gate === verdict.gate && sha === verdict.sha && environment === verdict.env && rules.length === 0
  return isOfThis && granted_at <= at && at < expires_at ? [{ ...waiver.data, digest }] : []
}
