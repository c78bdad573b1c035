/** docs/agents.md: a section for each agent, made from its own file, its planted faults and the schemas of the config. Pure. */
import type { InputKind } from './collect/inputs.ts'
import { AGENTS, sees, type ListedAgent } from './index.ts'
import { settingsOf } from './settings.ts'

const HEAD = `# Agents

Written by \`pnpm run generate\` from the agents' own files. Each answers one question with a report; the gates decide ([reasons.md](reasons.md)). What an agent says of its planted faults below is what it really said when this page was made; each fault has a healthy twin that it must not mind, and every receipt in a pack proves both again. An agent of your own: [own-agents.md](own-agents.md).
`

const MEANING: Readonly<Record<InputKind, string>> = {
  commits: 'what the release adds to the base branch, from Git alone',
  pullRequest: 'the release pull request, as GitHub has it now',
  codeowners: 'CODEOWNERS at the commit, and what GitHub finds wrong with it',
  policy: 'the config of the base branch',
  workflows: 'every workflow at the commit, and every `action.yml` of the repository',
  protection: 'the rules that hold for the base branch, and who may pass them by',
  policies: 'what your Rego answers about each document of the commit',
  manifests: 'Kubernetes objects, Helm charts, Terraform plans and settings of pgBouncer at the commit',
  dockerfiles: 'every Dockerfile and Containerfile at the commit',
  registryImages: 'what the registries hold of the images that are shipped, and how large those of the last releases were',
  templates: 'files that came from templates, and every version of those templates',
  lockfiles: 'what pins the parts of this release and of the one before',
  vulnerabilityReports: 'the scan records of this release and of the one before, with the raw reports',
  attestations: 'what was built, and what its builders say of it',
  registry: 'what the registries hold under the references of this release and under recorded tags',
  decisions: 'the records of architecture decisions at the commit',
  objectives: 'OpenSLO files, and what the metrics source says of them',
  probes: 'every journey of the catalogue, walked step by step',
  dashboards: 'Grafana dashboards, and what the metrics source knows by name',
  logs: 'the form of log lines, from files or from a Loki',
  load: 'the service under load',
  previews: 'deployments of previews, whether they answer, the bill, and our comment',
  trend: 'what the releases before measured',
}

export function renderAgentsPage(agents: readonly ListedAgent[] = AGENTS): string {
  return [HEAD, ...agents.map(section)].join('\n')
}

function section(agent: ListedAgent): string {
  const { gate, id, name, needs, phase, question, topic, why, writes } = agent
  const settings = settingsOf(agent)
  return [
    `## ${name}`,
    '',
    `**${question}** ${why}`,
    '',
    `- ${id}, phase ${phase.join(', ')}; ${gate.length === 0 ? 'feeds no gate' : `topic \`${topic}\` of the gate ${gate.map((one) => `\`${one}\``).join(', ')}`}`,
    `- looks at ${needs.map((kind) => MEANING[kind]).join('; ')}`,
    `- writes ${writes.map((path) => `\`${path}\``).join(', ')}`,
    `- ${agent.plan === undefined ? 'changes nothing' : 'plans changes, which `release-conductor apply` carries out once somebody said which'}`,
    ...(gate.length === 0 ? [] : [`- where there is none: \`not_applicable.${gate[0] ?? ''}.${topic}\`, with a reason`]),
    '',
    ...(settings.length === 0 ? [] : [table(['key of the config', 'meaning', 'default'], settings.map(settingRow)), '']),
    table(['catches', 'finding', 'what it says of a planted one'], examples(agent)),
    '',
  ].join('\n')
}

function settingRow({ key, meaning, ...rest }: ReturnType<typeof settingsOf>[number]): readonly string[] {
  return [`\`${key}\``, meaning, 'default' in rest ? `\`${JSON.stringify(rest.default)}\`` : '']
}

/** The first planted fault of each kind, and what the agent answers to it. */
function examples(agent: ListedAgent): readonly (readonly string[])[] {
  const reds = agent.planted.filter(({ expected }) => expected === 'red')
  return [...Map.groupBy(reds, ({ catches }) => catches)].map(([catches, [first]]) => {
    const [rule = ''] = first?.rules ?? []
    const { findings } = agent.assess(sees(agent, first?.inputs ?? {}), agent.policy.parse({}))
    const said = findings.find((finding) => finding.severity === 'error' && finding.rule === rule)
    return [catches, `\`${rule}\``, text(said === undefined ? '' : `${said.message}. ${said.next}`)]
  })
}

/** Words of an agent as text, not as marks; what stands between backticks stays. */
function text(words: string): string {
  return words
    .replaceAll(/\s+/g, ' ')
    .replaceAll('..', '.')
    .split(/(`[^`]*`)/)
    .map((part, at) => (at % 2 === 1 ? part : part.replaceAll(/[<>*_`\\[\]]/g, (mark) => `\\${mark}`)))
    .join('')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')
}
