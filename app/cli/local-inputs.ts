/**
 * Inputs of a run outside of GitHub: what the API would answer is taken from the caller's own word, and only where the caller gives it. Nothing is made up:
 * without the word the collector of GitHub answers, and says what is missing.
 */
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { CollectContext, Collected } from '../../agents/collect/collector.ts'
import { COLLECTORS } from '../../agents/collect/index.ts'
import { CliError } from './error.ts'
import { git, gitOrNull } from './repository.ts'
import type { Call } from './verb.ts'

const MAX_BODY = 200_000
const OWNERS = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS']

export const LOCAL_OPTIONS = {
  'pull-body': { type: 'string' },
  title: { type: 'string' },
  label: { type: 'string', multiple: true },
  'trust-owners': { type: 'boolean' },
} as const
export const LOCAL_MEANING = {
  'pull-body': 'file with the text of the pull request, when GitHub is not asked',
  title: 'its title; default: subject of the newest commit',
  label: 'one of its labels; may repeat',
  'trust-owners': 'you state that GitHub knows every owner in CODEOWNERS; it is not asked',
} as const

export async function localCollectors(call: Call): Promise<typeof COLLECTORS> {
  const body = await bodyOf(call)
  return {
    ...COLLECTORS,
    ...(body === null ? {} : { pullRequest: (context: CollectContext) => pullRequest(call, body, context) }),
    ...(call.flag('trust-owners') ? { codeowners } : {}),
  }
}

async function bodyOf(call: Call): Promise<string | null> {
  const given = call.text('pull-body')
  if (given === undefined) return null
  const path = resolve(call.io.cwd, given)
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isFile() || found.size > MAX_BODY)
    throw new CliError(
      'not-found',
      `--pull-body=${given} is no file of at most ${MAX_BODY} bytes.`,
      'Name the file with the text of the pull request.',
    )
  return readFile(path, 'utf8')
}

async function pullRequest(call: Call, body: string, context: CollectContext): Promise<Collected<'pullRequest'>> {
  const base =
    (await gitOrNull(context.workspace, ['rev-parse', `refs/remotes/origin/${context.base}`])) ??
    (await git(context.workspace, ['rev-parse', `refs/heads/${context.base}`]))
  const ref = (await gitOrNull(context.workspace, ['symbolic-ref', '--short', 'HEAD'])) ?? 'HEAD'
  const title = call.text('title') ?? (await git(context.workspace, ['log', '-1', '--format=%s', context.sha]))
  return {
    value: {
      number: context.pull ?? 1,
      title,
      body,
      labels: call.texts('label').toSorted(),
      head: { ref, sha: context.sha },
      base: { ref: context.base, sha: base },
    },
  }
}

async function codeowners(context: CollectContext): Promise<Collected<'codeowners'>> {
  for (const path of OWNERS) {
    const text = await gitOrNull(context.workspace, ['show', `${context.sha}:${path}`])
    if (text !== null) return { value: { file: { path, text: `${text}\n` }, problems: [] } }
  }
  return { value: { file: null, problems: [] } }
}
