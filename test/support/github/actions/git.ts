/** Reading files and trees out of bare repositories, with the installed git and nobody's configuration. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { RunnerError } from './error.ts'

const execute = promisify(execFile)

const ENVIRONMENT = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
}

/** @returns standard output. @throws RunnerError `not-found` with git's own words */
export async function git(args: readonly string[], cwd?: string): Promise<string> {
  try {
    const { stdout } = await execute('git', [...args], { cwd, env: ENVIRONMENT, maxBuffer: 64 * 1024 * 1024 })
    return stdout
  } catch (error) {
    throw new RunnerError('not-found', `git ${args.join(' ')}: ${String((error as { stderr?: string }).stderr ?? error).trim()}`, { cause: error })
  }
}

/** The text of one file at one commit. */
export function fileAt(gitDir: string, sha: string, path: string): Promise<string> {
  return git(['--git-dir', gitDir, 'cat-file', 'blob', `${sha}:${path}`])
}
