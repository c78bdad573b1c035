/** A small world for the double's own tests: one organization, three people, one repository with a release branch, and an ear for webhooks. */
import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSign } from 'node:crypto'
import { startGitHub, type GitHub, type GitHubOptions, type Reply } from '../support/github/index.ts'
import { git } from '../support/github/world/git.ts'

export const REPO = 'acme/shop'
export const SECRET = 'a secret of the tests, long enough to be one'

export interface Heard {
  readonly event: string
  readonly guid: string
  readonly signature: string
  readonly body: string
  readonly payload: Record<string, unknown>
}

export interface Stage extends AsyncDisposable {
  readonly github: GitHub
  readonly work: string
  readonly heard: Heard[]
  /** Commits a file in the work tree. @returns the commit */
  commit(path: string, content: string, message: string): Promise<string>
  checkout(branch: string): Promise<void>
  /** The App's own JSON web token. */
  jwt(claims?: Record<string, unknown>): string
  /** A token of the installation. */
  token(permissions?: Record<string, string>): Promise<string>
  /** Any request with any token. */
  call(token: string | null, method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
}

const WORKFLOW = `name: conduct
run-name: "release-conductor \${{ inputs.phase }} \${{ inputs.key }}"
on:
  workflow_dispatch:
    inputs:
      phase: { type: choice, options: [P0, P6], default: P0 }
      key: { type: string, required: true }
  push:
    branches: ['ci/**']
jobs:
  one:
    runs-on: ubuntu-latest
    steps: [{ run: 'true' }]
`

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

export const stage = async (options: Partial<GitHubOptions> = {}): Promise<Stage> => {
  const root = await mkdtemp(join(tmpdir(), 'double-'))
  const work = join(root, 'work')
  const heard: Heard[] = []
  const ear = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      heard.push({
        event: String(request.headers['x-github-event'] ?? ''),
        guid: String(request.headers['x-github-delivery'] ?? ''),
        signature: String(request.headers['x-hub-signature-256'] ?? ''),
        body,
        payload: JSON.parse(body) as Record<string, unknown>,
      })
      response.writeHead(202).end('{}')
    })
  })
  await new Promise<void>((resolve) => {
    ear.listen(0, '127.0.0.1', () => resolve())
  })
  const url = `http://127.0.0.1:${(ear.address() as AddressInfo).port}/`
  const github = await startGitHub({ dir: join(root, 'github'), webhook: { url, secret: SECRET }, ...options })
  const person = { GIT_AUTHOR_NAME: 'dev', GIT_AUTHOR_EMAIL: 'dev@acme.example', GIT_COMMITTER_NAME: 'dev', GIT_COMMITTER_EMAIL: 'dev@acme.example' }
  const commit = async (path: string, content: string, message: string): Promise<string> => {
    await mkdir(join(work, path, '..'), { recursive: true })
    await writeFile(join(work, path), content)
    await git(work, ['add', '-A'])
    await git(work, ['commit', '--quiet', '-m', message], { env: person })
    return await git(work, ['rev-parse', 'HEAD'])
  }
  const checkout = async (branch: string): Promise<void> => {
    await git(work, ['checkout', '--quiet', '-B', branch])
  }
  await mkdir(work, { recursive: true })
  await git(work, ['init', '--quiet', '--initial-branch=main'])
  await commit('README.md', 'shop\n', 'chore: start')
  await commit('.github/workflows/conduct.yml', WORKFLOW, 'ci: conduct')
  for (const [login, email] of [
    ['dev', 'dev@acme.example'],
    ['boss', 'boss@acme.example'],
    ['stranger', 'stranger@else.example'],
  ] as const)
    github.addUser({ login, email })
  github.addOrganization({ login: 'acme', members: ['dev', 'boss'], teams: { approvers: ['boss'] } })
  await github.addRepository({ owner: 'acme', name: 'shop', from: work, collaborators: { dev: 'write', boss: 'maintain' } })
  const call = async (token: string | null, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> => {
    const response = await fetch(path.startsWith('http') ? path : `${github.apiUrl}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        'user-agent': 'test',
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    let data: unknown = text
    try {
      data = text === '' ? null : JSON.parse(text)
    } catch {
      // Downloads are not JSON.
    }
    return { status: response.status, headers: response.headers, data }
  }
  const jwt = (claims: Record<string, unknown> = {}): string => {
    const now = Math.floor(Date.now() / 1000)
    const head = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: now - 30, exp: now + 540, iss: github.app.id, ...claims })}`
    return `${head}.${createSign('RSA-SHA256').update(head).sign(github.app.privateKey, 'base64url')}`
  }
  return {
    github,
    work,
    heard,
    commit,
    checkout,
    jwt,
    call,
    token: async (permissions) => {
      const { data } = await call(
        jwt(),
        'POST',
        `/app/installations/${github.app.installationId}/access_tokens`,
        permissions ? { permissions } : undefined,
      )
      return String((data as Record<string, unknown>)['token'])
    },
    [Symbol.asyncDispose]: async () => {
      await github.stop()
      ear.closeAllConnections()
      await new Promise<void>((resolve) => {
        ear.close(() => resolve())
      })
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** A release branch with one commit, pushed, and its pull request. */
export const openRelease = async (on: Stage): Promise<{ readonly number: number; readonly head: string }> => {
  await on.checkout('release/v2.0.0')
  const head = await on.commit('src/main.ts', 'export const version = 2\n', 'feat: two')
  await on.github.as('dev').push(REPO, { dir: on.work, ref: 'release/v2.0.0' })
  const { number } = await on.github.as('dev').openPull(REPO, { head: 'release/v2.0.0', base: 'main', title: 'release: v2.0.0', body: 'two' })
  return { number, head }
}
