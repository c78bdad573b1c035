/** Is the bundle the approved one, and the Rego that lies here? And the change of the config that approves the one of this release. Pure. */
import type { Finding } from '../../evidence/model/finding.ts'
import type { PlannedAction } from '../../evidence/model/action-plan.ts'
import type { Inputs } from '../collect/inputs.ts'

type Given = Inputs['policies']

const APPROVE = 'Approve its digest under `gates.policy_ci.policies.bundle.sha256` on the base branch, or bring the approved one back.'

function rebuild(folder: string): string {
  return `Build it again with --revision="$(git write-tree --prefix=${folder}/)" after \`git add\`, and approve its digest: docs/policies.md shows the command.`
}

export function bundleFindings({ bundle, folder, sets }: Given): Finding[] {
  if (bundle === null) return []
  const { approved, head, path, problem, revision } = bundle
  const tell = (rule: string, message: string, next: string): Finding => ({
    rule: `policy.${rule}`,
    severity: 'error',
    path: path.slice(0, 500),
    message: message.slice(0, 1000),
    next,
  })
  const findings: Finding[] = []
  if (head !== approved)
    findings.push(
      tell(
        'bundle-not-approved',
        head === null ? `This release has no file ${path} that could be the bundle` : `${path} is ${head}; approved is ${approved}`,
        APPROVE,
      ),
    )
  if (problem !== null) return [...findings, tell('not-compiled', `${path} cannot be opened: ${problem}`, rebuild(folder))]
  const tree = (sets.find(({ at }) => at === 'head') ?? sets[0])?.tree ?? null
  if (revision !== null && revision !== tree)
    findings.push(
      tell(
        'bundle-stale',
        `${path} was built from ${revision}, and ${folder} of this release is ${tree ?? 'empty'}: this Rego is in no bundle`,
        rebuild(folder),
      ),
    )
  return findings
}

/** Nothing when the bundle of the release is approved already, or the config names none. */
export function approvalOf({ bundle }: Given, { path, text }: Inputs['policy']): readonly Omit<PlannedAction, 'sha256'>[] {
  if (bundle === null || bundle.head === null || bundle.head === bundle.approved || !text.includes(bundle.approved)) return []
  return [
    {
      kind: 'file.write',
      path,
      text: text.replaceAll(bundle.approved, bundle.head),
      why: `Approves ${bundle.path} as ${bundle.head}; to go back, approve ${bundle.approved} again`.slice(0, 500),
    },
  ]
}
