/** What the command line needs to know of the Git checkout it stands in. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { CliError } from './error.ts'

const run = promisify(execFile)

/** `git <args>` in a directory -> standard output, trimmed. @throws CliError `config` with what git said */
export async function git(cwd: string, args: readonly string[], next = 'Run this inside the checkout of your repository.'): Promise<string> {
  try {
    const { stdout } = await run('git', ['--no-pager', '-C', cwd, ...args], { maxBuffer: 32 << 20, timeout: 60_000 })
    return stdout.trim()
  } catch (error) {
    const said = typeof error === 'object' && error !== null && 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : ''
    throw new CliError('config', `git ${args[0]} failed: ${said || (error instanceof Error ? error.message : String(error))}`, next, { cause: error })
  }
}

/** Like {@link git}, but null when git says no. */
export async function gitOrNull(cwd: string, args: readonly string[]): Promise<string | null> {
  return git(cwd, args).catch(() => null)
}

/** Top directory of the checkout. @throws CliError `config` outside of one */
export function topOf(cwd: string): Promise<string> {
  return git(cwd, ['rev-parse', '--show-toplevel'], 'This is no Git checkout. Run it inside the checkout of your repository.')
}

/** Owner and name: `--repo`, else GITHUB_REPOSITORY, else the address of the remote `origin`; null when none says. */
export async function repositoryName(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<{ owner: string; name: string } | null> {
  const remote = given ?? env['GITHUB_REPOSITORY'] ?? (await gitOrNull(cwd, ['remote', 'get-url', 'origin'])) ?? ''
  const match = /^(?:[a-z+]+:\/\/[^/]+\/|[^/@:]+@[^:]+:)?([A-Za-z0-9-]{1,39})\/([A-Za-z0-9._-]{1,100}?)(?:\.git)?\/?$/.exec(remote)
  if (match?.[1] === undefined || match[2] === undefined) {
    if (given !== undefined)
      throw new CliError('usage', `--repo=${given.slice(0, 100)} is no repository.`, 'Write it as owner/name, e.g. --repo=acme/shop.')
    return null
  }
  return { owner: match[1], name: match[2] }
}
