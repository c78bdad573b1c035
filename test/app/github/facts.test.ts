import { describe, expect, test } from 'vitest'
import { facts } from '../../../app/github/facts.ts'
import { REPOSITORY, SHA, codeOf, scripted } from './scripted.ts'
import type { Asked, Said } from './scripted.ts'

const BASE = 'b'.repeat(40)
const ACCOUNT = { login: 'dev', id: 9, type: 'User' }
const PULL = {
  number: 3,
  state: 'open',
  draft: false,
  merged: false,
  merge_commit_sha: 'c'.repeat(40),
  commits: 2,
  head: { ref: 'release/v2.0.0', sha: SHA, repo: { id: 77 } },
  base: { ref: 'main', sha: BASE, repo: { id: 77, default_branch: 'main' } },
  title: 'Release v2.0.0',
  body: null,
  labels: [{ name: 'type:feat' }],
  user: ACCOUNT,
}
const COMMENT = {
  id: 11,
  node_id: 'IC_11',
  body: '/status',
  user: ACCOUNT,
  performed_via_github_app: null,
  created_at: '2026-11-22T12:00:00Z',
  updated_at: '2026-11-22T12:00:00Z',
}
const RUN = {
  id: 21,
  run_attempt: 1,
  path: '.github/workflows/release-conductor.yml@refs/heads/main',
  event: 'workflow_dispatch',
  head_sha: SHA,
  head_repository: { id: 77 },
  display_title: 'release-conductor P0 key',
  status: 'completed',
  conclusion: 'success',
  html_url: 'https://github.com/acme/shop/actions/runs/21',
}

/** Answers by exact path; everything else is 404. */
function by(paths: Record<string, Said | ((asked: Asked) => Said)>) {
  return (asked: Asked): Said => {
    const found = paths[asked.path]
    if (found === undefined) return { status: 404, body: { message: 'Not Found' } }
    return typeof found === 'function' ? found(asked) : found
  }
}

const entry = (type: string, name: string) => ({ type, path: `slo/${name}`, size: 1 })

const ACTIVITY = '/repos/acme/shop/activity'
const pushed = { after: SHA, ref: 'refs/heads/release/v2.0.0', activity_type: 'push', actor: { id: 33 } }
const writtenBy = (verified: boolean) => ({
  sha: SHA,
  commit: { message: 'fix: x', author: { email: 'a@x' }, committer: { email: 'a@x' }, verification: { verified } },
  author: { id: 31 },
  committer: { id: 32 },
})
const listed = (commits: readonly unknown[]) => ({
  '/repos/acme/shop/pulls/3': { body: PULL },
  '/repos/acme/shop/pulls/3/commits': { body: commits },
})

describe('pull', () => {
  test('gives what the release needs, and no merge commit before the merge (T6)', async () => {
    await using github = await scripted(by({ '/repos/acme/shop/pulls/3': { body: PULL } }))
    expect(await facts(github.client).pull(REPOSITORY, 3)).toEqual({
      number: 3,
      state: 'open',
      draft: false,
      merged: false,
      mergeCommit: null,
      head: { ref: 'release/v2.0.0', sha: SHA, repositoryId: 77 },
      base: { ref: 'main', sha: BASE },
      defaultBranch: 'main',
      title: 'Release v2.0.0',
      body: '',
      labels: ['type:feat'],
      author: { login: 'dev', id: 9 },
    })
    expect(github.minted[0]?.json['permissions']).toMatchObject({ pull_requests: 'read' })
  })

  test('a merge, a gone fork and a gone author', async () => {
    const merged = { ...PULL, state: 'closed', merged: true, user: null, head: { ...PULL.head, repo: null } }
    await using github = await scripted(by({ '/repos/acme/shop/pulls/3': { body: merged } }))
    expect(await facts(github.client).pull(REPOSITORY, 3)).toMatchObject({
      mergeCommit: 'c'.repeat(40),
      head: { repositoryId: 0 },
      author: { id: 0 },
    })
  })

  test('absence is null, a renamed key is an error, an outage is neither', async () => {
    await using github = await scripted(
      by({ '/repos/acme/shop/pulls/4': { body: { ...PULL, merged: undefined, is_merged: true } }, '/repos/acme/shop/pulls/5': { status: 500 } }),
    )
    const read = facts(github.client)
    expect(await read.pull(REPOSITORY, 3)).toBeNull()
    expect(await codeOf(read.pull(REPOSITORY, 4))).toBe('malformed')
    expect(await codeOf(read.pull(REPOSITORY, 5))).toBe('unavailable')
  })
})

test('open pull requests are listed with their head and base, and a head whose fork is gone is of no repository', async () => {
  const list = [
    { number: 1, head: { ref: 'release/v2.0.0', sha: 'a'.repeat(40), repo: { id: 7 } }, base: { ref: 'main' } },
    { number: 2, head: { ref: 'release/v3.0.0', sha: 'b'.repeat(40), repo: null }, base: { ref: 'main' } },
  ]
  await using github = await scripted(by({ '/repos/acme/shop/pulls': { body: list } }))
  expect(await facts(github.client).openPulls(REPOSITORY)).toEqual([
    { number: 1, head: { ref: 'release/v2.0.0', sha: 'a'.repeat(40), repositoryId: 7 }, base: 'main' },
    { number: 2, head: { ref: 'release/v3.0.0', sha: 'b'.repeat(40), repositoryId: 0 }, base: 'main' },
  ])
  expect(github.asked[0]?.query.get('state')).toBe('open')
})

test('branches of the merge queue are listed, and a branch has the tree of its head', async () => {
  const branch = `gh-readonly-queue/main/pr-9-${'c'.repeat(40)}`
  const ref = { ref: `refs/heads/${branch}`, object: { type: 'commit', sha: 'd'.repeat(40) } }
  await using github = await scripted(
    by({
      '/repos/acme/shop/git/matching-refs/heads/gh-readonly-queue': { body: [ref] },
      [`/repos/acme/shop/git/ref/heads/${branch}`]: { body: ref },
      [`/repos/acme/shop/git/commits/${'d'.repeat(40)}`]: { body: { sha: 'd'.repeat(40), tree: { sha: 'e'.repeat(40) }, parents: [], message: 'x' } },
    }),
  )
  const read = facts(github.client)
  expect(await read.queued(REPOSITORY)).toEqual([branch])
  expect(await read.tree(REPOSITORY, branch)).toEqual({ commit: 'd'.repeat(40), tree: 'e'.repeat(40) })
})

const content = (text: string | Buffer, more = {}): Said => ({
  body: { type: 'file', encoding: 'base64', size: Buffer.byteLength(text), content: Buffer.from(text).toString('base64'), ...more },
})

describe('file', () => {
  const ref: Said = { body: { ref: 'refs/heads/main', object: { type: 'commit', sha: BASE } } }

  test('of a branch is read at the commit the branch is at', async () => {
    await using github = await scripted(
      by({ '/repos/acme/shop/git/ref/heads/main': ref, '/repos/acme/shop/contents/.github/a.yml': content('version: 1\n') }),
    )
    expect(await facts(github.client).file(REPOSITORY, '.github/a.yml', 'main', 1000)).toEqual({ text: 'version: 1\n', commit: BASE })
    expect(github.asked[1]?.query.get('ref')).toBe(BASE)
  })

  test('of a commit needs no look at a branch; absence of either is null', async () => {
    await using github = await scripted(by({ '/repos/acme/shop/contents/a': content('x') }))
    const read = facts(github.client)
    expect(await read.file(REPOSITORY, 'a', SHA, 10)).toEqual({ text: 'x', commit: SHA })
    expect(await read.file(REPOSITORY, 'b', SHA, 10)).toBeNull()
    expect(await read.file(REPOSITORY, 'a', 'gone', 10)).toBeNull()
  })

  test('a folder is listed with what lies in it; absence is null, a file and too many entries are refused', async () => {
    await using github = await scripted(
      by({
        '/repos/acme/shop/contents/slo': { body: [entry('file', 'a.yaml'), entry('dir', 'deep'), entry('symlink', 'c')] },
        '/repos/acme/shop/contents/many': { body: Array.from({ length: 1000 }, (_, at) => entry('file', `${at}`)) },
        '/repos/acme/shop/contents/file': content('x'),
      }),
    )
    const read = facts(github.client)
    expect(await read.folder(REPOSITORY, 'slo', SHA)).toEqual([
      { path: 'slo/a.yaml', kind: 'file' },
      { path: 'slo/deep', kind: 'folder' },
      { path: 'slo/c', kind: 'other' },
    ])
    expect(github.asked[0]?.query.get('ref')).toBe(SHA)
    expect(await read.folder(REPOSITORY, 'gone', SHA)).toBeNull()
    expect(await codeOf(read.folder(REPOSITORY, 'many', SHA))).toBe('too-large')
    expect(await codeOf(read.folder(REPOSITORY, 'file', SHA))).toBe('refused')
  })

  test('too large, not UTF-8, and not a file are refused', async () => {
    await using github = await scripted(
      by({
        '/repos/acme/shop/contents/large': content('x'.repeat(11)),
        '/repos/acme/shop/contents/huge': { body: { type: 'file', encoding: 'none', size: 2_000_000, content: '' } },
        '/repos/acme/shop/contents/lying': content('x'.repeat(11), { size: 5 }),
        '/repos/acme/shop/contents/binary': content(Buffer.from([0xff, 0xfe])),
        '/repos/acme/shop/contents/folder': { body: [] },
      }),
    )
    const read = facts(github.client)
    expect(await read.file(REPOSITORY, 'large', SHA, 11)).not.toBeNull()
    for (const path of ['large', 'huge', 'lying']) expect(await codeOf(read.file(REPOSITORY, path, SHA, 10))).toBe('too-large')
    expect(await codeOf(read.file(REPOSITORY, 'binary', SHA, 10))).toBe('malformed')
    expect(await codeOf(read.file(REPOSITORY, 'folder', SHA, 10))).toBe('refused')
  })
})

describe('comments', () => {
  test('are read to the last page, oldest first, with who and what wrote them', async () => {
    await using github = await scripted((asked) =>
      asked.query.get('page') === '2'
        ? { body: [{ ...COMMENT, id: 5, updated_at: '2026-11-22T13:00:00Z' }] }
        : {
            headers: { link: `<${github.url}/repos/acme/shop/issues/3/comments?per_page=100&page=2>; rel="next"` },
            body: [{ ...COMMENT, performed_via_github_app: { id: 1 } }],
          },
    )
    const list = await facts(github.client).comments(REPOSITORY, 3)
    expect(list.map((one) => [one.id, one.edited, one.viaApp])).toEqual([
      [5, true, false],
      [11, false, true],
    ])
  })

  test('one that is gone is null', async () => {
    await using github = await scripted(by({ '/repos/acme/shop/issues/comments/11': { body: { ...COMMENT, user: null } } }))
    const read = facts(github.client)
    expect(await read.comment(REPOSITORY, 11)).toMatchObject({ nodeId: 'IC_11', author: { id: 0, type: 'Ghost' } })
    expect(await read.comment(REPOSITORY, 12)).toBeNull()
  })
})

describe('people', () => {
  test('a role is what GitHub says, none on 404, and an error else (T23, T24)', async () => {
    await using github = await scripted(
      by({
        '/repos/acme/shop/collaborators/dev/permission': {
          body: { permission: 'write', role_name: 'maintain', user: { id: 5, login: 'dev', type: 'User' } },
        },
        '/repos/acme/shop/collaborators/slow/permission': { status: 403, body: { message: 'no' } },
      }),
    )
    const read = facts(github.client)
    expect(await read.role(REPOSITORY, { login: 'dev', id: 5 })).toEqual({ role: 'maintain', permission: 'write' })
    expect(await read.role(REPOSITORY, { login: 'stranger', id: 6 })).toEqual({ role: 'none', permission: 'none' })
    expect(await codeOf(read.role(REPOSITORY, { login: 'slow', id: 7 }))).toBe('forbidden')
  })

  test('a login that somebody else has by now lends nobody a role', async () => {
    const user = { id: 6, login: 'dev', type: 'User' }
    await using github = await scripted(
      by({ '/repos/acme/shop/collaborators/dev/permission': { body: { permission: 'admin', role_name: 'admin', user } } }),
    )
    expect(await codeOf(facts(github.client).role(REPOSITORY, { login: 'dev', id: 5 }))).toBe('refused')
    user.id = 5
    expect(await facts(github.client).role(REPOSITORY, { login: 'dev', id: 5 })).toMatchObject({ role: 'admin' })
  })

  test('a team member is an active one, asked in the installation of the repository, of whose owner the team must be', async () => {
    await using github = await scripted(
      by({
        '/repos/acme/shop/pulls/3': { body: PULL },
        '/orgs/acme/teams/sre/memberships/dev': { body: { state: 'active' } },
        '/orgs/acme/teams/sre/memberships/new': { body: { state: 'pending' } },
      }),
    )
    const read = facts(github.client)
    expect(await read.teamMember(REPOSITORY, 'Acme', 'sre', 'dev').catch(() => 'asked')).toBe(false)
    expect(await read.teamMember(REPOSITORY, 'acme', 'sre', 'dev')).toBe(true)
    expect(await read.teamMember(REPOSITORY, 'acme', 'sre', 'new')).toBe(false)
    expect(await read.teamMember(REPOSITORY, 'acme', 'sre', 'other')).toBe(false)
    expect(await codeOf(read.teamMember(REPOSITORY, 'elsewhere', 'sre', 'dev'))).toBe('refused')
  })

  test('contributors are everybody in every commit, and who pushed; a short list is refused', async () => {
    const commit = writtenBy(false)
    await using github = await scripted(by({ ...listed([commit, { ...commit, author: null }]), [ACTIVITY]: { body: [pushed] } }))
    expect(await facts(github.client).contributors(REPOSITORY, 3)).toEqual({ ids: [9, 31, 32, 33], unattributed: 1 })
    await using short = await scripted(by({ ...listed([commit]), [ACTIVITY]: { body: [pushed] } }))
    expect(await codeOf(facts(short.client).contributors(REPOSITORY, 3))).toBe('malformed')
  })

  test('who pushed is not asked where every signature is verified; where it cannot be asked, nobody is known', async () => {
    await using signed = await scripted(by(listed([writtenBy(true), writtenBy(true)])))
    expect(await facts(signed.client).contributors(REPOSITORY, 3)).toEqual({ ids: [9, 31, 32], unattributed: 0 })
    expect(signed.asked.map(({ path }) => path)).not.toContain(ACTIVITY)
    await using one = await scripted(by(listed([writtenBy(true), writtenBy(false)])))
    expect(await codeOf(facts(one.client).contributors(REPOSITORY, 3))).toBe('not-found')
  })

  test('past the 250 commits that GitHub lists for a pull request, the comparison is read', async () => {
    const commit = { sha: SHA, commit: { message: 'x', author: null, committer: null }, author: { id: 31 }, committer: {} }
    const commits = Array.from({ length: 251 }, () => commit)
    await using github = await scripted(
      by({
        '/repos/acme/shop/pulls/3': { body: { ...PULL, commits: 251 } },
        [`/repos/acme/shop/compare/${BASE}...${SHA}`]: { body: { total_commits: 251, commits } },
        [ACTIVITY]: { body: [pushed] },
      }),
    )
    expect(await facts(github.client).contributors(REPOSITORY, 3)).toEqual({ ids: [9, 31, 33], unattributed: 251 })
  })
})

describe('deployment', () => {
  const PATH = '/repos/acme/shop/deployments'
  const DEPLOYMENT = { id: 70, sha: SHA, ref: 'release/v2.0.0', environment: 'pr-3', production_environment: false }
  const STATUS = { state: 'inactive', description: 'asleep', created_at: '2026-11-22T12:00:00Z' }

  test('the newest of exactly this environment, with its newest status', async () => {
    const asked: unknown[] = []
    await using github = await scripted(
      by({
        [PATH]: ({ query }) => {
          asked.push(String(query))
          return { body: [DEPLOYMENT] }
        },
        [`${PATH}/70/statuses`]: { body: [STATUS] },
      }),
    )
    expect(await facts(github.client).deployment(REPOSITORY, 'pr-3')).toEqual({
      id: 70,
      sha: SHA,
      ref: 'release/v2.0.0',
      production: false,
      status: { state: 'inactive', description: 'asleep', at: '2026-11-22T12:00:00Z' },
    })
    expect(asked).toEqual(['environment=pr-3&per_page=1'])
  })

  test('none, one of another name, and one without a status', async () => {
    const { production_environment: _, ...older } = DEPLOYMENT
    await using none = await scripted(by({ [PATH]: { body: [] } }))
    expect(await facts(none.client).deployment(REPOSITORY, 'pr-3')).toBeNull()
    await using other = await scripted(by({ [PATH]: { body: [{ ...DEPLOYMENT, environment: 'PR-3' }] } }))
    expect(await facts(other.client).deployment(REPOSITORY, 'pr-3')).toBeNull()
    await using fresh = await scripted(by({ [PATH]: { body: [older] }, [`${PATH}/70/statuses`]: { body: [] } }))
    expect(await facts(fresh.client).deployment(REPOSITORY, 'pr-3')).toMatchObject({ production: false, status: null })
    await using odd = await scripted(by({ [PATH]: { body: [{ ...DEPLOYMENT, sha: 'main' }] } }))
    expect(await codeOf(facts(odd.client).deployment(REPOSITORY, 'pr-3'))).toBe('malformed')
  })
})

describe('runs and artifacts', () => {
  test('runs of exactly this commit, with the plain path of their workflow', async () => {
    await using github = await scripted(
      by({
        '/repos/acme/shop/actions/runs': { body: { total_count: 2, workflow_runs: [RUN, { ...RUN, id: 22, head_sha: BASE }] } },
        '/repos/acme/shop/actions/runs/21': { body: RUN },
      }),
    )
    const read = facts(github.client)
    const runs = await read.runs(REPOSITORY, SHA)
    expect(runs.map((run) => run.id)).toEqual([21])
    expect(runs[0]?.path).toBe('.github/workflows/release-conductor.yml')
    expect(await read.run(REPOSITORY, 21)).toEqual(runs[0])
    expect(await read.run(REPOSITORY, 23)).toBeNull()
  })

  test('a list shorter than its own count is refused', async () => {
    await using github = await scripted(
      by({
        '/repos/acme/shop/actions/runs/21/artifacts': {
          body: { total_count: 2, artifacts: [{ id: 1, name: 'rc-P0-1', size_in_bytes: 5, expired: false }] },
        },
      }),
    )
    expect(await codeOf(facts(github.client).artifacts(REPOSITORY, 21))).toBe('malformed')
  })

  test('artifacts carry GitHub’s digest when there is one', async () => {
    const artifacts = [
      { id: 1, name: 'rc-P0-1', size_in_bytes: 5, digest: 'sha256:00', expired: false },
      { id: 2, name: 'old', size_in_bytes: 5, expired: true },
    ]
    await using github = await scripted(by({ '/repos/acme/shop/actions/runs/21/artifacts': { body: { total_count: 2, artifacts } } }))
    expect(await facts(github.client).artifacts(REPOSITORY, 21)).toEqual([
      { id: 1, name: 'rc-P0-1', size: 5, digest: 'sha256:00', expired: false },
      { id: 2, name: 'old', size: 5, digest: null, expired: true },
    ])
  })

  test('a download follows the redirect without the token, and stops at the cap', async () => {
    await using store = await scripted(() => ({ body: Buffer.from('PK-zip-bytes') }))
    await using github = await scripted(
      by({
        '/repos/acme/shop/actions/artifacts/1/zip': { status: 302, headers: { location: `${store.url}/blob?sig=1` } },
        '/repos/acme/shop/actions/artifacts/2/zip': { status: 410, body: { message: 'Gone' } },
      }),
    )
    const read = facts(github.client)
    expect(Buffer.from(await read.download(REPOSITORY, 1, 100)).toString()).toBe('PK-zip-bytes')
    expect(store.asked[0]?.headers.authorization).toBeUndefined()
    expect(await codeOf(read.download(REPOSITORY, 1, 5))).toBe('too-large')
    expect(await codeOf(read.download(REPOSITORY, 2, 100))).toBe('not-found')
  })

  test('a download that is no redirect is refused', async () => {
    await using github = await scripted(by({ '/repos/acme/shop/actions/artifacts/1/zip': { body: { ok: true } } }))
    expect(await codeOf(facts(github.client).download(REPOSITORY, 1, 100))).toBe('malformed')
  })
})
