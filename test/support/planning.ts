/** A repository with a history on the double of GitHub, and the App's ports on it: what `/release` needs, without a process. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { githubEffects, type GitHubEffect } from '../../app/github/apply/index.ts'
import { facts } from '../../app/github/facts.ts'
import { history } from '../../app/github/history.ts'
import { client, type Client } from '../../app/github/octokit.ts'
import type { Ports, Repository } from '../../app/release/ports.ts'
import type { Context } from '../../app/release/reconcile.ts'
import { GATES } from '../../gates/index.ts'
import { MemoryStore } from '../sim/memory-store.ts'
import { startGitHub, type GitHub } from './github/index.ts'
import { SETTINGS } from './release.ts'
import { worldOf } from './release-ports.ts'

export const PLANNING_CONFIG = `version: 1
release: { base: [main, "release-lines/*"] }
people: { approvers: { promote: { users: [approver] } } }
trust: { keys: [] }
environments: { prod: { deploy: { workflow: deploy.yml }, steps: [10, 50, 100], bake: 10m, deadline: 60m } }
`

export interface Planning extends AsyncDisposable {
  readonly github: GitHub
  readonly client: Client
  readonly repository: Repository
  readonly work: string
  readonly context: Context
  readonly ports: Ports
  readonly store: MemoryStore
  git(...words: readonly string[]): string
  /** A commit on the branch that is checked out. */
  commit(path: string, text: string, message: string): string
  /** Pushes a branch as dev. */
  push(branch: string): Promise<void>
  /** The clock of the App goes on by this. */
  wait(ms: number): void
  /** What the double was asked since this was asked last, `METHOD /path`, tokens left out. */
  asked(): readonly string[]
}

/** v1.0.0 and v2.0.0 are out; what follows is the test's. */
export async function planning(config: string | null = PLANNING_CONFIG): Promise<Planning> {
  const dir = mkdtempSync(join(tmpdir(), 'release-conductor-planning-'))
  const work = join(dir, 'work')
  execFileSync('git', ['init', '-q', '-b', 'main', work])
  const git = (...words: readonly string[]): string =>
    execFileSync('git', ['-C', work, '-c', 'user.name=dev', '-c', 'user.email=dev@example.com', ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  const commit = (path: string, text: string, message: string): string => {
    mkdirSync(dirname(join(work, path)), { recursive: true })
    writeFileSync(join(work, path), text)
    git('add', '.')
    git('commit', '-qm', message)
    return git('rev-parse', 'HEAD')
  }
  if (config !== null) commit('.github/release-conductor.yml', config, 'chore: adopt')
  commit('package.json', '{ "name": "shop", "version": "1.0.0" }\n', 'feat: begin')
  git('tag', 'v1.0.0')
  commit('CHANGELOG.md', '# Changelog\n\n## v1.0.0 - 2026-01-01\n\n- begun\n', 'feat!: start anew (#1)')
  git('tag', '-m', 'two', 'v2.0.0')

  const github = await startGitHub({ dir: join(dir, 'github'), limits: { secondary: false } })
  for (const [login, email] of [
    ['dev', 'dev@example.com'],
    ['lead', 'lead@example.com'],
    ['reader', 'reader@example.com'],
  ] as const)
    github.addUser({ login, email })
  github.addOrganization({ login: 'acme', members: ['dev', 'lead'] })
  const added = await github.addRepository({
    owner: 'acme',
    name: 'shop',
    from: work,
    collaborators: { dev: 'write', lead: 'maintain', reader: 'read' },
  })
  const repository = { id: added.id, owner: 'acme', name: 'shop', installationId: github.app.installationId }
  const calls: string[] = []
  const hands = client({
    appId: github.app.id,
    privateKey: github.app.privateKey,
    baseUrl: github.apiUrl,
    backoffMs: [5, 5],
    isLimited: false,
    fetch: async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      if (!url.pathname.endsWith('/access_tokens'))
        calls.push(`${init?.method ?? 'GET'} ${url.pathname.replace(/^\/api\/v3\/repos\/[^/]+\/[^/]+/, '')}`)
      return fetch(input, init)
    },
  })
  let waited = 0
  const clock = { now: () => Date.now() + waited }
  const store = new MemoryStore(clock)
  const effects = githubEffects(hands)
  const ports: Ports = {
    ...worldOf().ports,
    store,
    clock,
    read: facts(hands),
    history: history(hands),
    effects: { perform: (of, effect) => effects.perform(of, effect as GitHubEffect), find: (of, effect) => effects.find(of, effect as GitHubEffect) },
  }
  return {
    github,
    client: hands,
    repository,
    work,
    ports,
    store,
    context: { ports, gates: GATES, owner: 'one', settings: SETTINGS },
    git,
    commit,
    push: async (branch) => void (await github.as('dev').push('acme/shop', { dir: work, ref: branch })),
    wait: (ms) => void (waited += ms),
    asked: () => calls.splice(0),
    async [Symbol.asyncDispose]() {
      await github.settled()
      await github.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
