/** The list of collectors, one for each kind of input; and the one way to run one, which turns "could not read" into `blocked`. */
import { collectAttestations } from './attestations.ts'
import type { Blocked, CollectContext, Collected, Collector } from './collector.ts'
import { collectCodeowners } from './codeowners.ts'
import { collectCommits } from './commits.ts'
import { collectDecisions } from './decisions.ts'
import { collectDockerfiles } from './dockerfiles.ts'
import { CollectError } from './error.ts'
import { INPUTS } from './inputs.ts'
import type { InputKind } from './inputs.ts'
import { collectLoad } from './load.ts'
import { collectLockfiles } from './lockfiles.ts'
import { collectManifests } from './manifests.ts'
import { collectObjectives } from './objectives.ts'
import { collectPolicies } from './policies.ts'
import { collectPolicy } from './policy.ts'
import { collectProtection } from './protection.ts'
import { collectDashboards } from './dashboards.ts'
import { collectLogs } from './logs.ts'
import { collectProbes } from './probes.ts'
import { collectPreviews } from './previews.ts'
import { collectPullRequest } from './pull-request.ts'
import { collectRegistryImages } from './registry-images.ts'
import { collectRegistry } from './registry-references.ts'
import { collectTemplates } from './templates.ts'
import { collectTrend } from './trend.ts'
import { collectVulnerabilityReports } from './vulnerability-reports.ts'
import { collectWorkflows } from './workflows.ts'

export const COLLECTORS: { readonly [Kind in InputKind]: Collector<Kind> } = {
  commits: collectCommits,
  pullRequest: collectPullRequest,
  codeowners: collectCodeowners,
  workflows: collectWorkflows,
  protection: collectProtection,
  manifests: collectManifests,
  decisions: collectDecisions,
  registry: collectRegistry,
  templates: collectTemplates,
  policies: (context) => collectPolicies(context),
  dockerfiles: collectDockerfiles,
  registryImages: collectRegistryImages,
  lockfiles: collectLockfiles,
  vulnerabilityReports: collectVulnerabilityReports,
  attestations: collectAttestations,
  objectives: collectObjectives,
  load: collectLoad,
  previews: collectPreviews,
  probes: collectProbes,
  dashboards: collectDashboards,
  logs: collectLogs,
  trend: collectTrend,
  policy: collectPolicy,
}

/** Collects one input and checks it against its schema. Never throws: what could not be had is `blocked`. */
export async function collect<Kind extends InputKind>(kind: Kind, context: CollectContext, collectors = COLLECTORS): Promise<Collected<Kind>> {
  try {
    const collector: Collector<Kind> = collectors[kind]
    const collected = await collector(context)
    if ('blocked' in collected) return collected
    const checked = INPUTS[kind].safeParse(collected.value)
    if (checked.success) return collected
    const where = checked.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
    return { blocked: { what: kind, why: `what was collected has an unknown shape (${where.slice(0, 500)})`, next: 'Report the defect.' } }
  } catch (error) {
    return { blocked: blockedBy(kind, error) }
  }
}

function blockedBy(kind: InputKind, error: unknown): Blocked {
  if (error instanceof CollectError) return { what: kind, why: error.message, next: error.next }
  return {
    what: kind,
    why: `the collector crashed: ${error instanceof Error ? error.message : String(error)}`.slice(0, 500),
    next: 'Report the defect.',
  }
}
