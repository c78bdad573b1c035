/** Keyless statements for the tests: one Sigstore of our own, one healthy job, and what a test changes of it. */
import { statementBytes } from '../../../evidence/sign/statement.ts'
import { EvidenceError, type EvidenceErrorCode } from '../../../evidence/verify/error.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import type { Expectation, Trust } from '../../../evidence/verify/verifier.ts'
import { verifyBundle } from '../../../evidence/verify/verify.ts'
import { jobOf, Sigstore, type BundleJson, type KeylessOf } from '../../support/sigstore/instance.ts'
import { origin, selfTest, statement } from './statements.ts'

export const SIGSTORE = new Sigstore()
export const WORKFLOW = { ref: 'release-conductor/release-conductor/.github/workflows/conduct.yml', digest: 'c'.repeat(40) }
export const SIGNER = `${WORKFLOW.ref}@${WORKFLOW.digest}`
export const JOB: Readonly<Record<number, string>> = jobOf(origin())
export const PAYLOAD = statementBytes(statement('self-test', selfTest('policy_ci')))

export function keylessTrust(of: Partial<Trust> = {}): Trust {
  return trustOf({ root: SIGSTORE.trustedRoot(), workflows: [WORKFLOW], ...of })
}

/** A bundle of the healthy job, but for what is given. */
export function keyless(of: Partial<KeylessOf> = {}): BundleJson {
  return SIGSTORE.keyless({ payload: PAYLOAD, job: JOB, ...of })
}

/** The code, or the signer who was believed. */
export function asked(bundle: unknown, of: { trust?: Trust; expect?: Expectation; now?: number } = {}): EvidenceErrorCode | { signer: string } {
  const answer = verifyBundle({
    bundle,
    trust: of.trust ?? keylessTrust(),
    expect: of.expect ?? {},
    ...(of.now === undefined ? {} : { now: of.now }),
  })
  return answer instanceof EvidenceError ? answer.code : { signer: answer.signer }
}
