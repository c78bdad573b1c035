/** `init`: the release branch, and a first config where there is none. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { parseConfig } from '../../../evidence/config/parse.ts'
import { CONFIG_PATH, type Config } from '../../../evidence/model/config.ts'
import { Version } from '../../../evidence/model/primitives.ts'
import { branchOf, type Plan } from '../../planning/plan.ts'
import { baseOfRelease, cutLocally, planLocally, suggestion, tagsOf } from '../cut.ts'
import { detect } from '../detect/index.ts'
import { CliError } from '../error.ts'
import { userApi } from '../github.ts'
import { git, gitOrNull, topOf } from '../repository.ts'
import { EXIT } from '../verb.ts'
import type { Call, Verb } from '../verb.ts'

/** The least config that works, with the first choices to make. */
export function firstConfig(base: string): string {
  return `# Read from the base branch only. All keys: release-conductor config explain
version: 1

release:
  base: [${JSON.stringify(base)}]

people:
  approvers:
    promote: { teams: [], users: [] }   # nobody may promote until somebody stands here, e.g. users: ["@octo-cat"]

trust:
  keys: []                              # whose signatures count; the lines come from: release-conductor keys generate

environments:
  prod:
    deploy: { workflow: deploy.yml }
    # router and metrics: names from the operator's file. Without them nothing can be measured, and nothing brought back.
    steps: [10, 50, 100]
    bake: 10m
    deadline: 60m
`
}

async function baseOf(call: Call, top: string): Promise<string> {
  const given = call.text('base')
  if (given !== undefined) {
    if (!/^(?![-/])(?!.*\.\.)[A-Za-z0-9._/-]{1,200}$/.test(given))
      throw new CliError('usage', `--base=${given.slice(0, 100)} is no branch.`, 'Name a branch, e.g. --base=main.')
    return given
  }
  const head = await gitOrNull(top, ['symbolic-ref', '--short', 'refs/remotes/origin/HEAD'])
  return head?.replace(/^origin\//, '') ?? 'main'
}

const Opened = z.object({ number: z.number(), html_url: z.string() })

/** @param lines branches of older versions that were made as well */
async function openPull(call: Call, top: string, plan: Plan, lines: readonly string[]): Promise<z.infer<typeof Opened>> {
  const api = await userApi(call)
  for (const branch of [...lines, plan.branch]) await git(top, ['push', '--set-upstream', 'origin', branch], 'Check that you may push to origin.')
  const { title, body, draft } = plan
  const pull = await api.ask('POST', '/pulls', Opened, { title, head: plan.branch, base: plan.base.branch, body, draft })
  await api.ask('POST', `/issues/${pull.number}/labels`, z.unknown(), { labels: plan.labels })
  return pull
}

export const init: Verb = {
  name: 'init',
  summary: 'Plans a release from its commits and cuts its branch: version, changelog, notes. Writes a first config where there is none.',
  usage: '[--version=v3.0.0] [--base=main] [--open] | --detect [--by=@org/team]',
  examples: [
    ['release-conductor init --detect', 'a first config from what lies here: what is there is used, what is not there is declared'],
    ['release-conductor init', 'which version the changes ask for'],
    ['release-conductor init --version=v3.0.0', 'branch release/v3.0.0 from the base branch, with one commit of version, changelog and notes'],
    ['release-conductor init --version=v2.4.1', 'while v3 is out: a hotfix from its own line, e.g. release-lines/2.4, as `release.base` names it'],
    ['release-conductor init --version=v3.0.0 --open', 'and pushes it and opens the pull request, with your GITHUB_TOKEN'],
  ],
  options: {
    version: { type: 'string' },
    base: { type: 'string' },
    open: { type: 'boolean' },
    detect: { type: 'boolean' },
    by: { type: 'string' },
    repo: { type: 'string' },
  },
  meaning: {
    version: 'version to release',
    base: 'branch it goes to; default: the default branch of origin, else main; for a hotfix of an older version, its line',
    open: 'push the branch and open the pull request',
    detect: 'write a first config from what the repository holds, and cut nothing',
    by: 'who answers for what --detect declares absent; default: whom CODEOWNERS names for everything, else the owner of the repository',
    repo: 'owner/name, for --open',
  },
  words: { least: 0, most: 0 },
  async run(call) {
    const version = call.text('version') ?? ''
    const isVersion = Version.safeParse(version).success
    if (version !== '' && !isVersion)
      throw new CliError('usage', `--version=${version.slice(0, 60)} is no version.`, 'Write it as vX.Y.Z, e.g. --version=v3.0.0.')
    const top = await topOf(call.io.cwd)
    const usual = await baseOf(call, top)
    if (call.flag('detect')) return detect(call, top, usual)
    const usualStart = await commitOf(top, usual)
    if (usualStart === null)
      throw new CliError('config', `There is no branch ${usual} here, neither of origin nor local.`, 'Fetch it, or name another: --base=BRANCH.')
    if (!isVersion) {
      const suggested = await suggestion(top, usualStart)
      throw new CliError('usage', `Which version?${suggested === null ? '' : ` ${suggested}.`}`, 'Write it as vX.Y.Z, e.g. --version=v3.0.0.')
    }
    const branch = branchOf(version)
    if ((await commitOf(top, branch)) !== null)
      throw new CliError('usage', `The branch ${branch} is there already.`, `Go on with it: git switch ${branch}`)

    const config = await configAt(top, usualStart, usual)
    const tags = await tagsOf(top)
    const base = await baseOfRelease(top, { version, named: call.text('base') ?? null, usual, config, tags })
    const start = base.exists ? await commitOf(top, base.branch) : await gitOrNull(top, ['rev-parse', `refs/tags/${base.line}^{commit}`])
    if (start === null) throw new CliError('config', `There is no branch ${base.branch} here, neither of origin nor local.`, 'Fetch it.')
    const day = new Date(call.io.now()).toISOString().slice(0, 10)
    const owner = await gitOrNull(top, ['config', 'user.name'])
    const plan = await planLocally(top, { version, tags, base, start, config, owner, day })
    const commit = await cutLocally(top, plan)
    if (!base.exists) await git(top, ['branch', '--no-track', base.branch, start])
    const written = config === null && (await writeFirst(join(top, CONFIG_PATH), firstConfig(usual)))
    const pull = call.flag('open') ? await openPull(call, top, plan, base.exists ? [] : [base.branch]) : null
    const next = [
      ...(config !== null
        ? []
        : [
            `${written ? `Wrote ${CONFIG_PATH}. Fill it in, check it with \`release-conductor config check\`, and` : `${CONFIG_PATH} is not on ${usual} yet:`} merge it into ${usual}: it is read from there only.`,
          ]),
      ...(plan.unbumped.length === 0 ? [] : [`No version was found in ${plan.unbumped.join(', ')}: change it by hand.`]),
      ...(pull === null
        ? [
            `Look at it: git show ${branch}`,
            `Then push it and open the pull request to ${base.branch}: git push -u origin ${base.exists ? '' : `${base.branch} `}${branch} (or next time: --open).`,
          ]
        : [`Opened ${pull.html_url}. The App shows the gates there.`]),
    ]
    const { previous, changes, labels, draft, files } = plan
    return {
      exit: EXIT.ok,
      text: [
        ...(base.exists ? [] : [`Made ${base.branch} at ${base.line}.`]),
        `Cut ${branch} from ${base.branch} at ${start}: ${changes} ${changes === 1 ? 'change' : 'changes'} since ${previous ?? 'the beginning'}.`,
        `Wrote there: ${files.map(({ path }) => path).join(', ')}.`,
        ...next,
      ].join('\n'),
      data: {
        version,
        previous,
        branch,
        base: base.branch,
        commit,
        from: start,
        changes,
        files: files.map(({ path }) => path),
        labels,
        draft,
        config: config !== null ? 'present' : written ? 'written' : 'not on the base',
        pull,
        next,
      },
    }
  },
}

async function commitOf(top: string, branch: string): Promise<string | null> {
  return (
    (await gitOrNull(top, ['rev-parse', '--verify', '--quiet', `refs/remotes/origin/${branch}^{commit}`])) ??
    (await gitOrNull(top, ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}^{commit}`]))
  )
}

/** null: there is none. @throws CliError `config` when it is wrong */
async function configAt(top: string, commit: string, base: string): Promise<Config | null> {
  const text = await gitOrNull(top, ['show', `${commit}:${CONFIG_PATH}`])
  if (text === null) return null
  const parsed = parseConfig(`${text}\n`)
  if (parsed.ok) return parsed.config
  throw new CliError(
    'config',
    `${CONFIG_PATH} on ${base} is wrong in ${parsed.errors.length} places.`,
    'Run `release-conductor config check` on that branch and fix it first.',
  )
}

async function writeFirst(path: string, text: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true })
  return writeFile(path, text, { flag: 'wx' }).then(
    () => true,
    () => false,
  )
}
