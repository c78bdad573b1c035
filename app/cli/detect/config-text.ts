/** What was found in a repository -> its first config, as text that people read: what is there is used, what is not there is declared, and nothing is guessed. Pure. */
import type { GateId } from '../../../evidence/model/phases.ts'

export interface Found {
  /** Base branch. */
  readonly base: string
  /** 40 hex digits. */
  readonly commit: string
  /** Who declares, `@org/team` or `@user`. */
  readonly by: string
  /** Those whom CODEOWNERS names for everything; `@org/team` or `@user`. */
  readonly owners: readonly string[]
  /** OpenSLO files, as globs. */
  readonly slos: readonly string[]
  /** Workflow that can be dispatched and deploys, by its file name. */
  readonly deploy: string | null
  /** Workflow that calls ours, by its file name. */
  readonly conduct: string | null
  readonly topics: readonly FoundTopic[]
}

export interface FoundTopic {
  readonly gate: GateId
  readonly topic: string
  /** How many things an agent looked at; 0: there is none; null: from here nobody can tell, so it is not declared. */
  readonly n: number | null
  /** Why there is none, in a sentence. */
  readonly why: string
}

/** A gate whose every topic is absent is declared as a whole. */
export function declarationsOf(topics: readonly FoundTopic[]): readonly (readonly [key: string, why: string])[] {
  const gates = Map.groupBy(topics, ({ gate }) => gate)
  return [...gates].flatMap(([gate, of]): (readonly [string, string])[] => {
    const absent = of.filter(({ n }) => n === 0)
    if (absent.length === of.length) return [[gate, [...new Set(absent.map(({ why }) => why))].join('; ')]]
    return absent.map(({ topic, why }) => [`${gate}.${topic}`, why])
  })
}

export function detectedConfig(found: Found): string {
  const { base, by, commit, conduct, deploy, owners, slos } = found
  const teams = owners.filter((owner) => owner.includes('/'))
  const users = owners.filter((owner) => !owner.includes('/'))
  const declared = declarationsOf(found.topics)
  return `${[
    `# Written from what lies at ${commit.slice(0, 12)}. Read from the base branch only. All keys: release-conductor config explain`,
    'version: 1',
    '',
    'release:',
    `  base: [${JSON.stringify(base)}]`,
    '',
    'people:',
    '  approvers:',
    owners.length === 0
      ? '    promote: { teams: [], users: [] } # nobody may promote until somebody stands here'
      : `    promote: { teams: ${list(teams)}, users: ${list(users)} } # those whom CODEOWNERS names for everything`,
    '',
    'trust:',
    '  keys: [] # whose signatures count; the lines come from: release-conductor keys generate',
    ...(conduct === null || conduct === 'release-conductor.yml' ? [] : ['', 'conduct:', `  workflow: ${JSON.stringify(conduct)}`]),
    ...(slos.length === 0 ? [] : ['', `slos: ${list(slos)}`]),
    ...(deploy === null
      ? []
      : [
          '',
          'environments:',
          '  prod:',
          `    deploy: { workflow: ${JSON.stringify(deploy)} }`,
          '    # router and metrics: names from the file of the operator; without them nothing is promoted here.',
          '    steps: [10, 50, 100]',
        ]),
    ...(declared.length === 0
      ? []
      : [
          '',
          '# What was not found, or is not named yet. Each line is a decision somebody answers for: read it, and take it out when it stops being true.',
          'not_applicable:',
          ...declared.flatMap(([key, why]) => [`  ${key}:`, `    reason: ${JSON.stringify(why.slice(0, 400))}`, `    by: ${JSON.stringify(by)}`]),
        ]),
  ].join('\n')}\n`
}

function list(names: readonly string[]): string {
  return `[${names.map((name) => JSON.stringify(name)).join(', ')}]`
}
