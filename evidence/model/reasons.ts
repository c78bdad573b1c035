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
  'gate.declaration-contradicted': 'The config on the base branch declares a topic absent, and an agent found it. Take the declaration out.',
  'gate.glass-broken':
    'Two people broke the glass: it ships without this proof, and owes it. The gates go on; the record stays open until they hold.',
  'gate.waived': 'A verified waiver stands in for the proof until it expires.',
  'config.invalid': 'The config on the base branch cannot be used. Run `release-conductor config check`.',
  'config.absent': 'There is no .github/release-conductor.yml on the base branch. Run `release-conductor init`.',
  'config.base-not-named':
    'release.base of the config on the default branch does not name the base of this release. Let the pull request go to a base it names, or name this one there.',
  'policy_ci.findings':
    'Commits, labels, template, owners, workflows, the rules of the base branch or what policies in Rego look at break the rules. Fix each finding.',
  'policy_ci.contradiction':
    'The summary of the evidence does not agree with its own list. Do not trust it; run the phase again from the pinned workflow.',
  'policy_ci.exception-expired': 'An exception has expired. Fix the finding, or renew the exception.',
  'policy_ci.not-measured':
    'Commits, workflows, the rules of the base branch or policies were not looked at, or nobody could see them. Do what the message says.',
  'hardening.findings':
    'Images, manifests or files that came from templates break the hardening rules. Fix each finding, or grant an exception with owner, reason and expiry.',
  'hardening.exception-expired': 'An exception has expired. Fix the finding, or renew the exception.',
  'hardening.contradiction':
    'The summary of the evidence does not agree with its own list. Do not trust it; run the phase again from the pinned workflow.',
  'hardening.not-measured':
    'No image, no manifest or no templated file was looked at. Commit or name one, or declare the topic that this repository does not have.',
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
  'slo.journey': 'A golden path does not work, is too slow, or sends people to another host. Repair it.',
  'slo.uncovered-route': 'A route that is marked critical lies on no journey. Add it to the catalogue.',
  'slo.no-panel': 'Nobody can see an objective. Add the panel that dashboards/objectives.json shows.',
  'slo.panel': 'A panel asks for what does not exist, or cannot be read. Correct its query.',
  'slo.logs': 'Log lines are not JSON with all that they must say, or nobody says how long they are kept. Do what each finding says.',
  'slo.measured-too-long-ago': 'The measurement grew too old. Run phase P1 again.',
  'slo.contradiction': 'The summary of the evidence does not agree with its own list. Do not trust it; run the phase again from the pinned workflow.',
  'slo.exception-expired': 'An exception has expired. Fix the finding, or renew the exception.',
  'slo.not-measured': 'No objective was measured. Name OpenSLO files and a metrics source, or declare that there is nothing to measure.',
  'perf.over-limit': 'Answers took longer under load than gates.perf.limits allows. Find out what is slow.',
  'perf.errors': 'More requests failed under load than gates.perf.limits.errors allows. Find out what fails.',
  'perf.regression': 'The release is surely slower than the one before, as a whole or in its tail. Find out what became slower.',
  'perf.headroom': 'Less is left at the expected peak than targets.headroom asks for. Run more replicas, or make each do more.',
  'perf.retrograde': 'From some load on, more users get less done. Limit how many are served at once, or find out what they wait for.',
  'perf.thresholds': 'Thresholds of the script of the load were crossed. Find out what crosses them.',
  'perf.closed-model':
    'The script of the load waits for answers before it asks again, which hides how long others would have waited. Give its scenarios an arrival rate.',
  'perf.no-data':
    'The load says nothing about this commit: it was on another one, had too few answers, or could not be put on. Do what each finding says.',
  'perf.capacity-unknown': 'The capacity could not be measured: too few steps, or nobody said how high the peak is. Do what each finding says.',
  'perf.measured-too-long-ago': 'The measurement grew too old. Run phase P1 again.',
  'perf.contradiction':
    'The summary of the evidence does not agree with its own list. Do not trust it; run the phase again from the pinned workflow.',
  'perf.exception-expired': 'An exception has expired. Fix the finding, or renew the exception.',
  'perf.not-measured': 'Nothing was put under load. Name a service under gates.perf.target, or declare that there is none.',
  'preview_budget.over-budget': 'A preview costs more than budgets.preview_day_usd. Make it smaller or take it down.',
  'preview_budget.past-ttl': 'A preview outlives budgets.preview_ttl. Take it down.',
  'preview_budget.unpriced':
    'Nobody knows what a preview costs: it has no price, or one in a currency without a rate. Name it under gates.preview_budget.',
  'preview_budget.dead': 'A preview of this pull request does not answer. Deploy it again, or take it down.',
  'preview_budget.not-asked':
    'A preview of this pull request was not asked, or is not up yet, so nobody knows whether it answers. Wait for its deployment; give it an address, and list its host under gates.preview_budget.hosts.',
  'preview_budget.two-comments': 'The pull request has two comments about previews. Delete all but the newest.',
  'preview_budget.findings': 'Previews have errors. Do what each finding says.',
  'preview_budget.looked-too-long-ago': 'The look at the previews grew too old. Run phase P1 again.',
  'preview_budget.contradiction':
    'The summary of the evidence does not agree with its own list. Do not trust it; run the phase again from the pinned workflow.',
  'preview_budget.exception-expired': 'An exception has expired. Fix the finding, or renew the exception.',
  'preview_budget.not-measured':
    'No preview was ever seen. Declare that this repository has none, or name their environments under gates.preview_budget.environments.',
  'rollback.schema-outside':
    'The version before cannot run the live schema, so nothing was taken back. Roll forward from this head, or bring the schema back and deploy again.',
  'command.other-commit':
    'The merge made another commit than the proven one. Open a new release pull request and merge it with a merge commit, or set release.accept_equal_tree before.',
  'all_required_gates.gate-not-held': 'A required gate does not hold on this commit.',
  'all_required_gates.not-measured': 'No required gate exists, so nothing is proven.',
  'command.via-app': 'The comment was written through an app. A person must write it.',
  'command.not-a-person': 'Bots and organizations give no commands. A person must write it.',
  'command.edited': 'The comment was edited, and others may edit it too. Write a new comment.',
  'command.no-write': 'The command needs write access to the repository. Ask one of its administrators for it.',
  'command.nobody-named': 'The config on the base branch names nobody for this command. Name teams or users under people.approvers.promote there.',
  'command.not-named': 'The config on the base branch names others for this command. Ask one of them, or change people there.',
  'command.is-author': 'Whoever opened the pull request does not let it through. Ask another approver.',
  'command.is-contributor': 'Whoever has a part in a commit of the release does not let it through. Ask an approver who has none.',
  'command.facts-unavailable':
    'GitHub could not be asked for permission, teams or commits, so they count as against it. Try again; if it stays, the App lacks members: read.',
  'command.too-old': 'The comment was written longer ago than people.approvers.promote.expires allows. Write a new one.',
  'command.before-head':
    'The comment was written before the present commit was seen, so it may be about another one. Look at what is there now, then say it again.',
  'command.step-up-missing':
    'The command is elevated and needs the signature of your security key, no older than five minutes. Give it on the page of the release.',
  'command.reason-missing': 'The command is elevated and needs a reason. Write it again, with `reason: …` on the line below it.',
  'command.gates-not-held': 'A required gate does not hold on this commit. Do what the red checks say, then say it again.',
  'command.not-waivable':
    'The gate holds, or is not built, so there is nothing to waive; of a hotfix, every gate that its waiver would cover holds. Look at the checks.',
  'command.hotfix-without-gates':
    'The config on the base branch names no gates that a hotfix must hold, so there is no waiver of a hotfix. Name them under release.hotfix.gates there, or waive one gate.',
  'command.not-a-hotfix':
    'The release is no hotfix: its pull request must carry the label of release.hotfix.label, and its version must be a patch of a line, such as v2.4.1. Waive one gate instead.',
  'command.waiver-too-long': 'The waiver would live longer than people.waiver_budget.max_days allows. Write fewer days.',
  'command.waivers-spent': 'As many waivers were granted in this quarter as people.waiver_budget.per_quarter allows. Bring the proof instead.',
  'command.glass-not-needed': 'Every required gate holds, so there is no glass to break. Promote it as usual.',
  'command.undefined': 'The policy has no answer for this command. Report the defect.',
  'command.policy-failed': 'The policy could not be evaluated, so it refuses. Report the defect with the log of the App.',
  'command.server-unavailable':
    'The policy server of the operator gave no decision, so it refuses. Try again in a minute; rollback and hold do not ask it.',
  'command.server-refuses': 'The policy server of the operator refuses this. Ask the operator, with the decision id, why.',
} as const

export type ReasonCode = keyof typeof REASONS
export const ReasonCode = z.enum(Object.keys(REASONS) as [ReasonCode, ...ReasonCode[]])
