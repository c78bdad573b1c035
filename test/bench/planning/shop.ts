/** A repository with 200 merged pull requests before its last release, and what comes after it; on the double of GitHub. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startGitHub, type GitHub } from '../../support/github/index.ts'

const NAME = 'acme/shop'
const MERGED = 200
const START = Date.parse('2026-01-01T00:00:00Z')

export interface Shop {
  readonly github: GitHub
  readonly name: string
  /** More commits on the base, pushed: by squashed pull requests, or by nobody's. */
  grow(many: readonly ('pull' | 'direct')[]): Promise<void>
}

export async function openShop(dir: string): Promise<Shop> {
  const work = join(dir, 'work')
  mkdirSync(join(work, 'src'), { recursive: true })
  mkdirSync(join(work, '.github'))
  let minute = 0
  const at = (): string => new Date(START + minute * 60_000).toISOString()
  const git = (...words: readonly string[]): string =>
    execFileSync('git', ['-C', work, '-c', 'user.name=dev', '-c', 'user.email=dev@example.com', ...words], {
      encoding: 'utf8',
      env: { ...process.env, GIT_AUTHOR_DATE: at(), GIT_COMMITTER_DATE: at() },
    }).trim()
  let number = 0
  const made: { readonly number: number; readonly sha: string; readonly title: string; readonly at: string }[] = []
  const commit = (by: 'pull' | 'direct'): void => {
    number += 1
    minute += 1
    const title = `feat: change number ${number}`
    writeFileSync(join(work, `src/${number}.txt`), `${number}\n`)
    git('add', '.')
    git('commit', '-qm', by === 'pull' ? `${title} (#${number})` : title)
    if (by === 'pull') made.push({ number, sha: git('rev-parse', 'HEAD'), title, at: at() })
  }
  git('init', '-q', '-b', 'main')
  writeFileSync(join(work, 'package.json'), '{\n  "name": "shop",\n  "version": "1.0.0"\n}\n')
  writeFileSync(join(work, 'CHANGELOG.md'), '# Changelog\n\n## 1.0.0 (2026-01-01)\n\n* begun\n')
  writeFileSync(join(work, '.github/pull_request_template.md'), '## Impact\n\n<!-- What changes? -->\n')
  writeFileSync(
    join(work, '.github/release-conductor.yml'),
    'version: 1\nrelease: { base: [main] }\ntrust: { keys: [] }\nenvironments: { prod: { deploy: { workflow: deploy.yml } } }\n',
  )
  // As its documents recommend: the version before stands in a manifest, and is not looked for.
  writeFileSync(join(work, 'release-please-config.json'), '{ "include-component-in-tag": false, "packages": { ".": { "release-type": "node" } } }\n')
  writeFileSync(join(work, '.release-please-manifest.json'), '{ ".": "1.0.0" }\n')
  for (let count = 0; count < MERGED; count++) commit('pull')
  git('tag', 'v1.0.0')

  const github = await startGitHub({ dir: join(dir, 'github'), limits: { primary: 1_000_000, secondary: false } })
  github.addUser({ login: 'dev', email: 'dev@example.com' })
  github.addOrganization({ login: 'acme', members: ['dev'] })
  const repository = await github.addRepository({ owner: 'acme', name: 'shop', from: work, collaborators: { dev: 'admin' } })
  const author = github.world.accounts.get('dev')
  if (author === undefined) throw new Error('there is no dev')
  const remember = (): void => {
    for (const one of made.splice(0)) {
      const times = { createdAt: one.at, updatedAt: one.at, closedAt: one.at }
      repository.issues.set(one.number, {
        id: github.world.nextId(),
        number: one.number,
        title: one.title,
        body: 'What it is for.',
        state: 'closed',
        stateReason: null,
        author,
        viaApp: null,
        labels: [],
        closedBy: author,
        ...times,
        pull: {
          id: github.world.nextId(),
          number: one.number,
          headRef: `change-${one.number}`,
          headSha: one.sha,
          baseRef: 'main',
          baseSha: one.sha,
          draft: false,
          maintainerCanModify: false,
          mergedAt: one.at,
          mergedBy: author,
          mergeCommit: one.sha,
          trial: null,
        },
      })
    }
    repository.nextNumber = Math.max(repository.nextNumber, number + 1)
  }
  remember()
  await github.as('dev').request('POST', `/repos/${NAME}/releases`, { tag_name: 'v1.0.0', name: 'v1.0.0', body: 'begun' })
  return {
    github,
    name: NAME,
    async grow(many) {
      // Pull requests and issues that were opened meanwhile have taken numbers.
      number = Math.max(number, repository.nextNumber - 1)
      for (const by of many) commit(by)
      await github.as('dev').push(NAME, { dir: work, ref: 'main' })
      remember()
    },
  }
}
