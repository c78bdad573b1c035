/** A release planned from a local checkout, and cut there: the branch with its one commit, made beside the work tree, which is not touched. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../evidence/model/config.ts'
import { MOST_COMMITS, type History, type HistoryCommit } from '../planning/history.ts'
import { baseFor, type Base } from '../planning/line.ts'
import { EXECUTABLE, isFile, PLAIN } from '../planning/modes.ts'
import { isPlan, planRelease, previousOf, TEMPLATE, wantedFiles, type Plan } from '../planning/plan.ts'
import { changesOf } from '../planning/changes.ts'
import { demandOf, isFinal, isOlderLine, newest, versionsIn, whyDemanded } from '../planning/version.ts'
import { VERSION_FILE_MAX_BYTES } from '../planning/version-files.ts'
import { CliError } from './error.ts'
import { git, gitOrNull } from './repository.ts'

const MAX_TEXT = 4 * VERSION_FILE_MAX_BYTES

export async function tagsOf(top: string): Promise<readonly string[]> {
  return lines(await git(top, ['tag', '--list', 'v*']))
}

/** The base that was named, or the one the config gives this version. @throws CliError `usage` */
export async function baseOfRelease(
  top: string,
  of: {
    readonly version: string
    readonly named: string | null
    readonly usual: string
    readonly config: Config | null
    readonly tags: readonly string[]
  },
): Promise<Base> {
  const { version, named, usual, config, tags } = of
  const previous = previousOf(version, tags)
  if (named !== null) return { branch: named, line: isOlderLine(version, tags) ? previous : null, exists: true }
  if (config === null) return { branch: usual, line: null, exists: true }
  const heads = lines(await git(top, ['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads']))
  const remote = lines(await git(top, ['for-each-ref', '--format=%(refname:lstrip=3)', 'refs/remotes/origin']))
  const base = baseFor(version, { patterns: config.release.base, tags, branches: [...new Set([...heads, ...remote])], preferred: usual })
  if ('code' in base) throw new CliError('usage', base.message, base.next)
  return base
}

/** @param start commit of the base @throws CliError `usage` when there can be no such release */
export async function planLocally(
  top: string,
  of: {
    readonly version: string
    readonly tags: readonly string[]
    readonly base: Base
    readonly start: string
    readonly config: Config | null
    readonly owner: string | null
    readonly day: string
  },
): Promise<Plan> {
  const { version, tags, base, start, config, owner, day } = of
  const previous = previousOf(version, tags)
  const root = lines(await git(top, ['ls-tree', '--name-only', start]))
  const files = new Map<string, string>()
  const modes = await modesAt(top, start, wantedFiles(config, root))
  for (const path of [...wantedFiles(config, root).filter((one) => isFile(modes.get(one))), TEMPLATE]) {
    const text = await textAt(top, start, path)
    if (text !== null) files.set(path, text)
  }
  const plan = planRelease({
    version,
    tags,
    base: { branch: base.branch, commit: start },
    hotfix: base.line !== null,
    history: await historyOf(top, previous, start),
    config,
    files,
    modes,
    knownIssues: null,
    owner,
    day,
  })
  if (!isPlan(plan)) throw new CliError('usage', plan.message, plan.next)
  return plan
}

/** What the changes of the base since the last version ask for, in words; null: no version is out. */
export async function suggestion(top: string, start: string): Promise<string | null> {
  const previous = newest(versionsIn(await tagsOf(top)).filter(isFinal))
  if (previous === null) return null
  const changes = changesOf(await historyOf(top, previous, start))
  return `${whyDemanded(changes)} since ${previous} asks for ${demandOf(previous, changes).next} at the least`
}

async function historyOf(top: string, previous: string | null, start: string): Promise<History> {
  const range = previous === null ? start : `refs/tags/${previous}..${start}`
  const log = await git(top, ['log', `--max-count=${MOST_COMMITS + 1}`, '-z', '--format=%H%n%P%n%B', range, '--'], 'Fetch the tags: git fetch --tags')
  const commits = log
    .split('\0')
    .filter((record) => record !== '')
    .map((record): HistoryCommit => {
      const [sha = '', parents = '', ...message] = record.split('\n')
      return { sha, message: message.join('\n').trim(), parents: parents.split(' ').filter((one) => one !== '') }
    })
  const changed = previous === null ? '' : await git(top, ['diff', '--name-only', `refs/tags/${previous}...${start}`])
  return { commits: commits.slice(0, MOST_COMMITS), pulls: [], paths: lines(changed), cut: commits.length > MOST_COMMITS }
}

/** Git's modes of what is there. */
async function modesAt(top: string, commit: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const listed = paths.length === 0 ? '' : await git(top, ['ls-tree', '-z', commit, '--', ...paths])
  return new Map(
    listed
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => [line.slice(line.indexOf('\t') + 1), line.slice(0, 6)] as const),
  )
}

/** As it is in the commit, to the last byte; null: it is not there, or no text of a size that is read. */
async function textAt(top: string, commit: string, path: string): Promise<string | null> {
  return new Promise((resolve) => {
    execFile('git', ['-C', top, 'cat-file', 'blob', `${commit}:${path}`], { maxBuffer: MAX_TEXT, encoding: 'buffer' }, (error, bytes) => {
      if (error !== null) return resolve(null)
      try {
        resolve(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
      } catch {
        resolve(null)
      }
    })
  })
}

/** The release commit on the base, and the branch at it. @returns its id @throws CliError `config` */
export async function cutLocally(top: string, plan: Plan): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'release-conductor-cut-'))
  const env = { ...process.env, GIT_INDEX_FILE: join(scratch, 'index') }
  const inIndex = async (args: readonly string[], input: string): Promise<string> => feed(top, args, input, env)
  try {
    await inIndex(['read-tree', plan.base.commit], '')
    for (const { path, text, executable } of plan.files) {
      const blob = await inIndex(['hash-object', '-w', '--stdin'], text)
      const mode = executable === true ? EXECUTABLE : PLAIN
      await inIndex(['update-index', '--add', '--cacheinfo', `${mode},${blob},${path}`], '')
    }
    const tree = await inIndex(['write-tree'], '')
    const signs = (await gitOrNull(top, ['config', '--bool', 'commit.gpgsign'])) === 'true'
    const commit = await inIndex(['commit-tree', ...(signs ? ['-S'] : []), tree, '-p', plan.base.commit, '-F', '-'], plan.message)
    await git(top, ['branch', '--no-track', plan.branch, commit])
    return commit
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

function feed(cwd: string, args: readonly string[], input: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile('git', ['-C', cwd, ...args], { env, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim())
      else
        reject(
          new CliError(
            'config',
            `git ${args[0]} failed: ${stderr.trim() || error.message}`,
            'Set your name and e-mail address: git config user.name …',
            {
              cause: error,
            },
          ),
        )
    })
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '')
}
