/** A repository for which every agent of P0 has something to see, as the agents plant it; and GitHub's answers about it. */
import { fileText, PATTERN, templateText } from '../../agents/developer-experience/template-keeper.faults.ts'
import { cicdEngineer } from '../../agents/platform/cicd-engineer.ts'
import { platformDevops } from '../../agents/platform/platform-devops.ts'
import { supplyChainLead } from '../../agents/security/supply-chain-lead.ts'

const inputs = supplyChainLead.planted.find((planted) => planted.expected === 'green')?.inputs
const [lock] = inputs?.lockfiles.files ?? []
const scanned = inputs?.vulnerabilityReports.head

const workflow = cicdEngineer.planted.find((planted) => planted.catches === 'bypass actor' && planted.expected === 'green')?.inputs.workflows.files[0]

const [manifest] = platformDevops.planted.find((planted) => planted.expected === 'green')?.inputs.manifests.files ?? []

/** Nothing is built, and the config says so. */
export const SUPPLIED_CONFIG = `version: 1
release: { base: [main] }
gates:
  supply_chain: { no_artifacts: nothing is built here }
  policy_ci: { app: 1234 }
  hardening: { templates: [{ file: web/Dockerfile, template: ${PATTERN}, values: { service: shop, port: 8080 } }] }
`

/** Path -> text: workflow, manifest, lock file, package.json, scan record and report, made at {@link SUPPLIED_AT}; a template and a file made by it. */
export const SUPPLIED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [workflow, manifest, lock, lock?.manifest, scanned?.record, ...(scanned?.reports ?? [])].flatMap((file) =>
      file?.text == null ? [] : [[file.path, file.text] as const],
    ),
  ),
  [PATTERN.replace('*', '3')]: templateText(3),
  'web/Dockerfile': fileText(3),
}
export const SUPPLIED_AT = Date.parse(inputs?.vulnerabilityReports.at ?? '')

const RULES: readonly { readonly type: string; readonly parameters?: object }[] = [
  { type: 'pull_request', parameters: { allowed_merge_methods: ['merge'] } },
  {
    type: 'required_status_checks',
    parameters: { required_status_checks: [{ context: 'release-conductor/all_required_gates (main)', integration_id: 1234 }] },
  },
]

/** GitHub's answers about a base branch that holds; undefined: the path asks about something else. @param actors who may bypass; null: not shown */
export function protectedAnswer(path: string, actors: readonly object[] | null = []): unknown {
  const at = path.split('?')[0] ?? ''
  if (at.endsWith('/rules/branches/main'))
    return RULES.map((rule) => ({ ...rule, ruleset_id: 7, ruleset_source: 'acme/shop', ruleset_source_type: 'Repository' }))
  if (at.endsWith('/rulesets/7')) return { id: 7, name: 'release-conductor (main)', ...(actors === null ? {} : { bypass_actors: actors }) }
  if (at.endsWith('/branches/main')) return { name: 'main', protected: true, protection: { enabled: false } }
  return /^\/repos\/[^/]+\/[^/]+$/.test(at) ? { allow_squash_merge: false, allow_rebase_merge: false } : undefined
}
