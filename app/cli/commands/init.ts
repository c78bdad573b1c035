/** `init`: the release branch, and a first config where there is none. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { parseConfig } from '../../../evidence/config/parse.ts'
import { CONFIG_PATH } from '../../../evidence/model/config.ts'
import { Version } from '../../../evidence/model/primitives.ts'
import { CliError } from '../error.ts'
import { userApi } from '../github.ts'
import { git, gitOrNull, topOf } from '../repository.ts'
import { EXIT } from '../verb.ts'
import type { Call, Verb } from '../verb.ts'

const TEMPLATE = '.github/pull_request_template.md'

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

async function openPull(
  call: Call,
  of: { top: string; branch: string; base: string; version: string },
): Promise<{ number: number; html_url: string }> {
  const api = await userApi(call)
  await git(of.top, ['push', '--set-upstream', 'origin', of.branch], 'Check that you may push to origin.')
  const body = await readFile(join(of.top, TEMPLATE), 'utf8').catch(() => '')
  return api.ask('POST', '/pulls', z.object({ number: z.number(), html_url: z.string() }), {
    title: `chore(release): ${of.version}`,
    head: of.branch,
    base: of.base,
    body,
  })
}

export const init: Verb = {
  name: 'init',
  summary: 'Cuts the release branch, and writes a first config where there is none.',
  usage: '--version=v3.0.0 [--base=main] [--open]',
  examples: [
    ['release-conductor init --version=v3.0.0', 'branch release/v3.0.0 from the base branch'],
    ['release-conductor init --version=v3.0.0 --open', 'and pushes it and opens the pull request, with your GITHUB_TOKEN'],
  ],
  options: { version: { type: 'string' }, base: { type: 'string' }, open: { type: 'boolean' }, repo: { type: 'string' } },
  meaning: {
    version: 'version to release',
    base: 'branch it goes to; default: the default branch of origin, else main',
    open: 'push the branch and open the pull request',
    repo: 'owner/name, for --open',
  },
  words: { least: 0, most: 0 },
  async run(call) {
    const version = call.text('version') ?? ''
    if (!Version.safeParse(version).success)
      throw new CliError(
        'usage',
        version === '' ? 'Which version?' : `--version=${version.slice(0, 60)} is no version.`,
        'Write it as vX.Y.Z, e.g. --version=v3.0.0.',
      )
    const top = await topOf(call.io.cwd)
    const base = await baseOf(call, top)
    const branch = `release/${version}`
    const start =
      (await gitOrNull(top, ['rev-parse', '--verify', '--quiet', `refs/remotes/origin/${base}^{commit}`])) ??
      (await gitOrNull(top, ['rev-parse', '--verify', '--quiet', `refs/heads/${base}^{commit}`]))
    if (start === null)
      throw new CliError('config', `There is no branch ${base} here, neither of origin nor local.`, 'Fetch it, or name another: --base=BRANCH.')
    if ((await gitOrNull(top, ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`])) !== null)
      throw new CliError('usage', `The branch ${branch} is there already.`, `Go on with it: git switch ${branch}`)

    const onBase = await gitOrNull(top, ['show', `${start}:${CONFIG_PATH}`])
    if (onBase !== null) {
      const parsed = parseConfig(`${onBase}\n`)
      if (!parsed.ok)
        throw new CliError(
          'config',
          `${CONFIG_PATH} on ${base} is wrong in ${parsed.errors.length} places.`,
          'Run `release-conductor config check` on that branch and fix it first.',
        )
    }
    await git(top, ['branch', '--no-track', branch, start])
    const written = onBase === null && (await writeFirst(join(top, CONFIG_PATH), firstConfig(base)))
    const pull = call.flag('open') ? await openPull(call, { top, branch, base, version }) : null
    const next = [
      ...(onBase !== null
        ? []
        : [
            `${written ? `Wrote ${CONFIG_PATH}. Fill it in, check it with \`release-conductor config check\`, and` : `${CONFIG_PATH} is not on ${base} yet:`} merge it into ${base}: it is read from there only.`,
          ]),
      ...(pull === null
        ? [
            `Put the changes of the release on the branch: git switch ${branch}`,
            `Then push it and open the pull request to ${base}: git push -u origin ${branch} (or next time: --open).`,
          ]
        : [`Opened ${pull.html_url}. The App shows the gates there.`]),
    ]
    return {
      exit: EXIT.ok,
      text: [`Cut ${branch} from ${base} at ${start}.`, ...next].join('\n'),
      data: { version, branch, base, commit: start, config: onBase !== null ? 'present' : written ? 'written' : 'not on the base', pull, next },
    }
  },
}

async function writeFirst(path: string, text: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true })
  return writeFile(path, text, { flag: 'wx' }).then(
    () => true,
    () => false,
  )
}
