/** Where code comes from: bare repositories of the double, or a plain directory registered for `owner/name@<sha>`. */
import { cp, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunRequest } from '../runner.ts'
import { RunnerError } from './error.ts'
import { fileAt, git } from './git.ts'

export const SHA = /^[0-9a-f]{40}$/

/** `owner/name@<40 hex>` -> directory that stands for that commit's tree. */
export type Trees = ReadonlyMap<string, string>

export class Sources {
  readonly #request: RunRequest
  readonly #trees: Trees
  constructor(request: RunRequest, trees: Trees) {
    this.#request = request
    this.#trees = trees
  }

  /** Bare git directory, or null. */
  gitDir(repository: string): string | null {
    const { owner, name, gitDir } = this.#request.repository
    if (repository === `${owner}/${name}`) return gitDir
    const [otherOwner = '', otherName = ''] = repository.split('/')
    return this.#request.gitDirOf(otherOwner, otherName)
  }

  /** @throws RunnerError `not-found` */
  async read(repository: string, sha: string, path: string): Promise<string> {
    const tree = this.#trees.get(`${repository}@${sha}`)
    if (tree !== undefined)
      return readFile(join(tree, path), 'utf8').catch((cause: unknown) => {
        throw new RunnerError('not-found', `${repository}@${sha} has no ${path}`, { cause })
      })
    const gitDir = this.gitDir(repository)
    if (gitDir === null) throw new RunnerError('not-found', `repository ${repository} does not exist at ${sha}`)
    return fileAt(gitDir, sha, path)
  }

  /** Fills `destination` with the tree at a commit, branch or tag. @param depth 0 for all history, branches and tags. @returns the commit */
  async checkout(repository: string, ref: string, destination: string, depth: number): Promise<string> {
    await mkdir(destination, { recursive: true })
    const tree = this.#trees.get(`${repository}@${ref}`)
    if (tree !== undefined) {
      await cp(tree, destination, { recursive: true, filter: (source) => !source.startsWith(join(tree, '.git/')) && source !== join(tree, '.git') })
      return ref
    }
    const gitDir = this.gitDir(repository)
    if (gitDir === null) throw new RunnerError('not-found', `repository ${repository} does not exist`)
    const url = `file://${gitDir}`
    const sha = (await git(['--git-dir', gitDir, 'rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`])).trim()
    await git(['init', '--quiet', destination])
    await git(['-C', destination, 'remote', 'add', 'origin', url])
    const wanted =
      depth === 0 ? ['origin', '+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*', sha] : [`--depth=${depth}`, 'origin', sha]
    await git(['-C', destination, 'fetch', '--quiet', '--no-tags', ...wanted])
    const branch = ref.startsWith('refs/heads/') ? ['-B', ref.slice('refs/heads/'.length)] : ['--detach']
    await git(['-C', destination, 'checkout', '--quiet', '--force', ...branch, sha])
    return sha
  }
}
