/** Input `commits`: what the release adds to the base branch, from Git alone. */
import type { CollectContext, Collected } from './collector.ts'
import { CollectError } from './error.ts'
import { comparedCommit, git, headCommit } from './git.ts'
import type { Commit } from './inputs.ts'

const MAX_COMMITS = 5000
const MAX_PATHS = 50_000
const MAX_LOG_BYTES = 32 << 20
/** Sha, parents, author, address, subject, body; a record ends with the byte that Git itself never lets into a message. */
const FORMAT = '%H%x00%P%x00%an%x00%ae%x00%s%x00%b%x00'
const FIELDS = 6

export async function collectCommits(context: CollectContext): Promise<Collected<'commits'>> {
  const { workspace } = context
  const head = await headCommit(workspace, context.sha)
  const base = await comparedCommit(workspace, context.base, head)
  const range = `${base}..${head}`
  const log = await git(
    workspace,
    [
      'log',
      '--no-mailmap',
      '--no-show-signature',
      '--encoding=UTF-8',
      '--topo-order',
      `--max-count=${MAX_COMMITS + 1}`,
      `--format=tformat:${FORMAT}`,
      range,
      '--',
    ],
    MAX_LOG_BYTES,
  )
  const commits = records(log.toString('utf8').toWellFormed())
  const diff = await git(workspace, ['diff', '--name-only', '--no-renames', '--no-ext-diff', '-z', `${base}...${head}`, '--'], MAX_LOG_BYTES)
  const paths = diff
    .toString('utf8')
    .toWellFormed()
    .split('\0')
    .filter((path) => path !== '')
    .toSorted()
  for (const [name, count, max] of [
    ['commits', commits.length, MAX_COMMITS],
    ['changed paths', paths.length, MAX_PATHS],
  ] as const)
    if (count > max)
      throw new CollectError('too-large', `the release has more than ${max} ${name}`, 'Make the release smaller, or check its base branch.')
  return { value: { base, head, commits, paths } }
}

function records(text: string): Commit[] {
  const fields = text.split('\0')
  const commits: Commit[] = []
  for (let at = 0; at + FIELDS < fields.length; at += FIELDS) {
    const [sha = '', parents = '', name = '', email = '', subject = '', body = ''] = fields.slice(at, at + FIELDS)
    commits.push({
      sha: sha.replace(/^\n/, ''),
      parents: parents.split(' ').filter((parent) => parent !== ''),
      author: { name: name.slice(0, 500), email: email.slice(0, 500) },
      subject,
      body: body.replace(/\n+$/, ''),
    })
  }
  return commits
}
