/** A real Git repository in a temporary directory, and a small API on loopback, for the collectors' tests. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { CollectContext } from '../../../agents/collect/collector.ts'

export interface Workspace extends Disposable {
  readonly path: string
  git(...args: string[]): string
  /** Writes files (a value `->x` makes a symbolic link to x) and commits them. */
  commit(message: string, files: Record<string, string | Buffer>): string
}

export function workspace(): Workspace {
  const path = mkdtempSync(join(tmpdir(), 'workspace-'))
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', path, '-c', 'user.name=Developer', '-c', 'user.email=developer@example.com', '-c', 'commit.gpgsign=false', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  git('init', '-q', '-b', 'main')
  return {
    path,
    git,
    commit(message, files) {
      for (const [name, content] of Object.entries(files)) {
        const target = join(path, name)
        mkdirSync(dirname(target), { recursive: true })
        if (typeof content === 'string' && content.startsWith('->')) symlinkSync(content.slice(2), target)
        else writeFileSync(target, content)
      }
      git('add', '-A')
      git('commit', '-q', '--allow-empty', '-m', message)
      return git('rev-parse', 'HEAD')
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}

export interface Api extends AsyncDisposable {
  readonly url: string
  readonly asked: { readonly path: string; readonly headers: Record<string, string | string[] | undefined> }[]
}

export type ApiAnswer = { readonly status: number; readonly body: string }

/** Answers every request with what `answer` says of its path (with query) and how often it was asked. */
export async function api(answer: (path: string, time: number) => ApiAnswer): Promise<Api> {
  const asked: { path: string; headers: Record<string, string | string[] | undefined> }[] = []
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', headers: request.headers })
    const { status, body } = answer(request.url ?? '', asked.length)
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function json(value: unknown, status = 200): ApiAnswer {
  return { status, body: JSON.stringify(value) }
}

export function contextOf(given: Partial<CollectContext>): CollectContext {
  return {
    workspace: '/nonexistent',
    apiUrl: 'http://127.0.0.1:9',
    token: 'specimen',
    repository: { owner: 'acme', name: 'shop', id: 1 },
    sha: 'b'.repeat(40),
    base: 'main',
    pull: 7,
    now: 1_768_478_400_000,
    ...given,
  }
}

/** A release in a repository: main with one commit, release/v2.0.0 with what is given. @param before more of the commit on main */
export function release(
  files: Record<string, string | Buffer> = {},
  message = 'feat(cart): keep the cart',
  before: Record<string, string | Buffer> = {},
): Workspace & { readonly base: string; readonly head: string } {
  const repo = workspace()
  const base = repo.commit('chore: begin', {
    'README.md': 'shop\n',
    '.github/release-conductor.yml': 'version: 1\n',
    '.github/CODEOWNERS': '* @acme/shop\n',
    ...before,
  })
  repo.git('checkout', '-q', '-b', 'release/v2.0.0')
  const head = repo.commit(message, { 'src/cart.ts': 'export {}\n', ...files })
  return Object.assign(repo, { base, head })
}
