/** Every reason code in one place (SPEC part 13): `<gate>.<what>`, kebab case, with its meaning and the next action. People and scripts act on them, so they never change meaning. */
import { z } from 'zod'

export const REASONS = {
  'gate.evidence-absent': 'No believed evidence on a topic this gate requires. Run the phase again.',
  'gate.evidence-late': 'The evidence did not arrive before the deadline. Look at the workflow run, then run the phase again.',
  'gate.evidence-stale': 'An input changed after the evidence was made. Run the phase again.',
  'gate.evidence-rejected': 'Evidence arrived but was not believed. Look at the rejection, then run the phase again from the pinned workflow.',
  'gate.agent-not-ok': 'The agent could not look (blocked or failed). Do what its note says.',
  'gate.agent-objects': 'The agent itself says no, although its numbers would pass.',
  'gate.self-test-absent': 'No receipt shows that this gate can fail. Run the phase again.',
  'gate.self-test-failed': 'The gate did not turn red on its planted fault. Do not trust it; report the defect.',
  'gate.policy-invalid': 'The policy of this gate in the config cannot be used. Run `release-conductor config check`.',
  'gate.crashed': 'The gate threw an error. It blocks; report the defect.',
  'gate.declared-not-applicable': 'The config on the base branch declares that this repository has no such thing.',
  'gate.waived': 'A verified waiver stands in for the proof until it expires.',
  'config.invalid': 'The config on the base branch cannot be used. Run `release-conductor config check`.',
  'config.absent': 'There is no .github/release-conductor.yml on the base branch. Run `release-conductor init`.',
  'policy_ci.findings': 'Commits, labels, template or owners break the rules. Fix each finding.',
  'policy_ci.contradiction':
    'The summary of the evidence does not agree with its own list. Do not trust it; run the phase again from the pinned workflow.',
  'policy_ci.not-measured': 'No commit of the release was looked at.',
  'hardening.findings': 'Images break the hardening rules. Fix each finding, or grant an exception with owner, reason and expiry.',
  'hardening.exception-expired': 'An exception has expired. Fix the finding, or renew the exception.',
  'hardening.contradiction':
    'The summary of the evidence does not agree with its own list. Do not trust it; run the phase again from the pinned workflow.',
  'hardening.not-measured': 'No image was looked at.',
  'supply_chain.findings': 'A lock file or an SBOM cannot be relied on. Do what each finding says.',
  'supply_chain.over-budget':
    'The release adds more vulnerabilities than budgets.vulnerabilities allows. Update the parts, or grant an exception with owner, reason and end.',
  'supply_chain.not-scanned': 'No vulnerability report that counts speaks for this release. Scan again, and commit report and record.',
  'supply_chain.report-stale': 'The vulnerability report grew too old. Scan again, commit report and record, and run phase P0 again.',
  'supply_chain.licence': 'A part has a licence that is not let in, or none that is known. Replace it, or grant an exception.',
  'supply_chain.artifact-not-proven':
    'An artifact lacks a signature by the pinned identity, or provenance from this commit. Build and attest it again.',
  'supply_chain.exception-expired': 'An exception has expired. Fix the finding, or renew the exception.',
  'supply_chain.contradiction':
    'The summary of the evidence does not agree with its own list. Do not trust it; run the phase again from the pinned workflow.',
  'supply_chain.not-measured': 'Nothing was listed. Commit a lock file, or declare that this repository installs nothing.',
  'slo.invalid': 'An OpenSLO file cannot be used. Write it as the finding says.',
  'slo.burn': 'An error budget burns faster than gates.slo.windows allows. Find out what fails, and release when it no longer burns.',
  'slo.budget-spent': 'Less of an error budget is left than gates.slo.budget_left asks for. Spend the time on reliability until it has recovered.',
  'slo.no-data': 'An objective could not be measured: no data, stale, several series, not a number, or too few requests. Do what each finding says.',
  'slo.findings': 'The objectives have errors. Do what each finding says.',
  'slo.measured-too-long-ago': 'The measurement grew too old. Run phase P1 again.',
  'slo.contradiction': 'The summary of the evidence does not agree with its own list. Do not trust it; run the phase again from the pinned workflow.',
  'slo.not-measured': 'No objective was measured. Name OpenSLO files and a metrics source, or declare that there is nothing to measure.',
  'rollback.schema-outside':
    'The version before cannot run the live schema, so nothing was taken back. Roll forward from this head, or bring the schema back and deploy again.',
  'all_required_gates.gate-not-held': 'A required gate does not hold on this commit.',
  'all_required_gates.not-measured': 'No required gate exists, so nothing is proven.',
} as const

export type ReasonCode = keyof typeof REASONS
export const ReasonCode = z.enum(Object.keys(REASONS) as [ReasonCode, ...ReasonCode[]])
