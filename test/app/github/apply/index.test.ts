/** Every effect against the double of GitHub: done once, found again when its answer was lost, and refused where GitHub refuses. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { githubEffects, isGitHubEffect } from '../../../../app/github/apply/index.ts'
import type { GitHubEffect, GitHubEffects } from '../../../../app/github/apply/index.ts'
import { facts } from '../../../../app/github/facts.ts'
import { client } from '../../../../app/github/octokit.ts'
import type { Client } from '../../../../app/github/octokit.ts'
import type { Effect, Repository } from '../../../../app/release/ports.ts'
import { sha256 } from '../../../../evidence/core/digest.ts'
import { startGitHub } from '../../../support/github/index.ts'
import type { GitHub } from '../../../support/github/index.ts'
import { REPOSITORY, codeOf, scripted } from '../scripted.ts'

const WORKFLOW = `name: conduct
run-name: "release-conductor \${{ inputs.phase }} \${{ inputs.key }}"
on:
  workflow_dispatch:
    inputs:
      phase: { type: string, required: true }
      key: { type: string, required: true }
jobs:
  one:
    runs-on: ubuntu-latest
    steps:
      - run: echo one
`

let dir: string
let github: GitHub
let repository: Repository
let hands: Client
let effects: GitHubEffects
let sha: string
let pull: number
let comment: number
let local: string

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'apply-'))
  const work = join(dir, 'work')
  const git = (...words: string[]): string =>
    execFileSync('git', ['-C', work, '-c', 'user.name=dev', '-c', 'user.email=dev@example.com', ...words], { encoding: 'utf8' }).trim()
  execFileSync('git', ['init', '-q', '-b', 'main', work])
  execFileSync('mkdir', ['-p', join(work, '.github/workflows')])
  writeFileSync(join(work, '.github/workflows/release-conductor.yml'), WORKFLOW)
  writeFileSync(join(work, '.github/release-conductor.yml'), 'version: 1\n')
  git('add', '.')
  git('commit', '-qm', 'feat: first')
  git('checkout', '-qb', 'release/v2.0.0')
  writeFileSync(join(work, 'file.txt'), 'two\n')
  writeFileSync(join(work, 'notes.md'), '# v2.0.0\r\n\r\n## Changes\r\n\r\n- faster\u0007 (#3)\r\n')
  writeFileSync(join(work, 'long.md'), `# v2.0.0\n\n${'- ä\n'.repeat(20_000)}`)
  git('add', '.')
  git('commit', '-qm', 'feat: second')
  sha = git('rev-parse', 'HEAD')
  github = await startGitHub({ dir: join(dir, 'github') })
  github.addUser({ login: 'dev', email: 'dev@example.com' })
  github.addUser({ login: 'lead' })
  github.addOrganization({ login: 'acme', members: ['lead'], teams: { approvers: ['lead'] } })
  const added = await github.addRepository({ owner: 'acme', name: 'shop', from: work, collaborators: { dev: 'write', lead: 'maintain' } })
  repository = { id: added.id, owner: 'acme', name: 'shop', installationId: github.app.installationId }
  const dev = github.as('dev')
  pull = (await dev.openPull('acme/shop', { head: 'release/v2.0.0', base: 'main', title: 'Release v2.0.0', body: 'words' })).number
  comment = (await dev.comment('acme/shop', pull, '/status')).id
  hands = client({ appId: github.app.id, privateKey: github.app.privateKey, baseUrl: github.apiUrl, backoffMs: [5, 5] })
  effects = githubEffects(hands)
  local = join(dir, 'evidence.zip')
  writeFileSync(local, 'PK pack bytes')
}, 60_000)

afterAll(async () => {
  await github.settled()
  github.assertClean()
  await github.stop()
  rmSync(dir, { recursive: true, force: true })
})

const tag = (commit: string): GitHubEffect => ({ kind: 'tag.create', key: 't', tag: 'v2.0.0-rc.1', sha: commit })
const output = { title: 'Waiting', summary: 'Nothing yet.' }
const check = (key: string): GitHubEffect => ({ kind: 'check.create', key, externalId: key, sha, name: `release-conductor/${key} (main)`, output })
const report = (key: string): GitHubEffect => ({
  kind: 'check.report',
  key,
  externalId: key,
  sha,
  name: `release-conductor/${key} (main)`,
  conclusion: 'success',
  output,
})
const deployment = (key: string): GitHubEffect => ({
  kind: 'deployment.create',
  key,
  sha,
  environment: 'prod',
  task: 'canary',
  description: 'x'.repeat(200),
  payload: { percent: 10 },
})
const issue = (key: string): GitHubEffect => ({ kind: 'issue.open', key, title: `Incident ${key}`, body: 'What happened.', labels: ['incident'] })
const written = (key: string): GitHubEffect => ({
  kind: 'comment.write',
  key,
  pull,
  comment: null,
  marker: `<!-- release-conductor:${key} -->`,
  body: 'Status.',
})
const dispatch = (key: string): GitHubEffect => ({
  kind: 'workflow.dispatch',
  key,
  workflow: '.github/workflows/release-conductor.yml',
  ref: 'release/v2.0.0',
  inputs: { phase: 'P0' },
})

describe.each([
  ['check.create', check, /check-runs$/],
  ['check.report', report, /check-runs$/],
  ['deployment.create', deployment, /deployments$/],
  ['issue.open', issue, /issues$/],
  ['comment.write', written, /comments$/],
  ['workflow.dispatch', dispatch, /dispatches$/],
] as const)('%s', (name, effect, path) => {
  test('is done once and found by its key alone', async () => {
    const mine = effect(`${name}-1`)
    expect(await effects.find(repository, mine)).toBeNull()
    const outcome = await effects.perform(repository, mine)
    expect(outcome.id).toEqual(expect.any(Number))
    expect((await effects.find(repository, mine))?.id).toBe(outcome.id)
    expect(await effects.find(repository, effect(`${name}-10`))).toBeNull()
  })

  test('whose answer is lost is unknown, not repeated, and found (T12)', async () => {
    const mine = effect(`${name}-lost`)
    github.faultNext('POST', path, 'after')
    expect(await codeOf(effects.perform(repository, mine))).toBe('unknown')
    const found = await effects.find(repository, mine)
    expect(found?.id).toEqual(expect.any(Number))
    expect((await effects.find(repository, mine))?.id).toBe(found?.id)
  })

  test('that failed before it had an effect is not found', async () => {
    const mine = effect(`${name}-never`)
    github.faultNext('POST', path, 'before')
    expect(await codeOf(effects.perform(repository, mine))).toBe('unknown')
    expect(await effects.find(repository, mine)).toBeNull()
  })
})

test('check.update: a conclusion is written, repeated after 5xx, and seen again', async () => {
  const { id } = await effects.perform(repository, check('update'))
  const update: GitHubEffect = {
    kind: 'check.update',
    key: 'u1',
    checkRun: Number(id),
    name: 'x',
    status: 'completed',
    conclusion: 'action_required',
    output: { title: 'Not proven', summary: 'Why.', text: 'More.' },
  }
  expect(await effects.find(repository, update)).toBeNull()
  github.faultNext('PATCH', /check-runs/, 503)
  await effects.perform(repository, update)
  expect((await effects.find(repository, update))?.id).toBe(id)
  const again: GitHubEffect = { kind: 'check.update', key: 'u2', checkRun: Number(id), name: 'x', status: 'queued', conclusion: null, output }
  await effects.perform(repository, again)
  expect((await effects.find(repository, again))?.id).toBe(id)
  expect(await effects.find(repository, update)).toBeNull()
})

const line = (at: number) =>
  ({ path: 'file.txt', line: at, level: 'failure', title: 'image.user-root', message: 'runs as root\n\nNext: Add a USER.' }) as const

test('check.update: buttons come with what is said, and go with it', async () => {
  const { id } = await effects.perform(repository, check('buttons'))
  const red = { kind: 'check.update', checkRun: Number(id), name: 'x', status: 'completed', conclusion: 'failure', output } as const
  const buttons = (): unknown => github.repository('acme/shop').checks.find((one) => one.id === id)?.actions
  await effects.perform(repository, {
    ...red,
    key: 'red',
    actions: [{ label: 'Look again', description: 'Runs it again', identifier: 'look-again' }],
  })
  expect(buttons()).toMatchObject([{ identifier: 'look-again' }])
  await effects.perform(repository, { ...red, key: 'green', conclusion: 'success' })
  expect(buttons()).toEqual([])
})

test('check.annotate: adds lines, page by page, leaves what the run says, and is seen again', async () => {
  const { id } = await effects.perform(repository, check('annotated'))
  const page = (from: number, total: number) =>
    ({
      kind: 'check.annotate',
      key: `lines/${total}`,
      checkRun: Number(id),
      annotations: Array.from({ length: 50 }, (_, at) => line(from + at)),
      total,
    }) as const
  expect(await effects.find(repository, page(1, 50))).toBeNull()
  await effects.perform(repository, page(1, 50))
  expect(await effects.find(repository, page(1, 50))).toEqual({ id })
  expect(await effects.find(repository, page(51, 100))).toBeNull()
  await effects.perform(repository, page(51, 100))
  const run = github.repository('acme/shop').checks.find((one) => one.id === id)
  expect(run?.annotations).toHaveLength(100)
  expect(run?.output?.title).toBe('Waiting')
})

test('check.update: neutral is written only with the waiver behind it', async () => {
  const { id } = await effects.perform(repository, check('waived'))
  const of = { kind: 'check.update', checkRun: Number(id), name: 'x', status: 'completed', conclusion: 'neutral', output } as const
  expect(await codeOf(effects.perform(repository, { ...of, key: 'w1' }))).toBe('refused')
  const waived: GitHubEffect = { ...of, key: 'w2', waiver: '9'.repeat(64) }
  await effects.perform(repository, waived)
  expect((await effects.find(repository, waived))?.id).toBe(id)
})

test('comment.write: the same comment is edited in place', async () => {
  const { id } = await effects.perform(repository, written('edit'))
  const edit: GitHubEffect = {
    kind: 'comment.write',
    key: 'e2',
    pull,
    comment: Number(id),
    marker: '<!-- release-conductor:edit -->',
    body: 'Another status.',
  }
  expect(await effects.find(repository, edit)).toBeNull()
  await effects.perform(repository, edit)
  expect((await effects.find(repository, edit))?.id).toBe(id)
})

test('comment.write: a stranger who writes our marker is not us', async () => {
  await github.as('dev').comment('acme/shop', pull, '<!-- release-conductor:forged --> Status.')
  expect(await effects.find(repository, written('forged'))).toBeNull()
})

test('reaction.add: twice is once', async () => {
  const add: GitHubEffect = { kind: 'reaction.add', key: 'r', comment, content: 'eyes' }
  expect((await effects.perform(repository, add)).id).toBe((await effects.perform(repository, add)).id)
  expect(await effects.find(repository, add)).toBeNull()
})

test('deployment.create: merges nothing, asks no other check, names the whole commit; an answer without a deployment is an error (T50)', async () => {
  await using merging = await scripted(() => ({ status: 202, body: { message: 'Auto-merged main into release/v2.0.0.' } }))
  expect(await codeOf(githubEffects(merging.client).perform(REPOSITORY, deployment('merging')))).toBe('refused')
  expect(merging.asked.map(({ json }) => json)).toMatchObject([{ ref: sha, auto_merge: false, required_contexts: [] }])
})

test('deployment.status: the last one is the one that counts', async () => {
  const { id } = await effects.perform(repository, deployment('status'))
  const status = (state: 'in_progress' | 'success'): GitHubEffect => ({
    kind: 'deployment.status',
    key: state,
    deployment: Number(id),
    state,
    description: `now ${state} ${'x'.repeat(200)}`,
  })
  expect(await effects.find(repository, status('in_progress'))).toBeNull()
  await effects.perform(repository, status('in_progress'))
  expect(await effects.find(repository, status('in_progress'))).not.toBeNull()
  await effects.perform(repository, status('success'))
  expect(await effects.find(repository, status('in_progress'))).toBeNull()
  expect(await effects.find(repository, status('success'))).not.toBeNull()
})

test('tag.create: the same commit is done, another is refused for ever', async () => {
  expect(await effects.find(repository, tag(sha))).toBeNull()
  github.faultNext('POST', /git\/refs$/, 'after')
  expect(await codeOf(effects.perform(repository, tag(sha)))).toBe('unknown')
  expect(await effects.find(repository, tag(sha))).not.toBeNull()
  await effects.perform(repository, tag(sha))
  const other = await facts(hands).pull(repository, pull)
  expect(await codeOf(effects.perform(repository, tag(other?.base.sha ?? '')))).toBe('refused')
  expect(await codeOf(effects.find(repository, tag(other?.base.sha ?? '')))).toBe('refused')
})

const candidateAt = (commit: string): GitHubEffect => ({ kind: 'candidate.tag', key: commit, version: 'v2.1.0', sha: commit })

test('candidate.tag: the next number at each commit, one for a commit, whoever else counts and whatever is lost', async () => {
  const base = (await facts(hands).pull(repository, pull))?.base.sha ?? ''
  expect(await effects.find(repository, candidateAt(sha))).toBeNull()
  github.faultNext('POST', /git\/refs$/, 'after')
  expect(await codeOf(effects.perform(repository, candidateAt(sha)))).toBe('unknown')
  expect(await effects.find(repository, candidateAt(sha))).toEqual({ id: null, data: { tag: 'v2.1.0-rc.1' } })
  expect(await effects.perform(repository, candidateAt(sha))).toEqual({ id: null, data: { tag: 'v2.1.0-rc.1' } })
  await github.as('dev').request('POST', '/repos/acme/shop/git/refs', { ref: 'refs/tags/v2.1.0-rc.x', sha: base })
  expect(await effects.perform(repository, candidateAt(base))).toEqual({ id: null, data: { tag: 'v2.1.0-rc.2' } })
})

const publish = (key: string, digest = sha256('PK pack bytes')): GitHubEffect => ({
  kind: 'release.publish',
  key,
  tag: `evidence/${key}/1`,
  sha,
  name: key,
  body: 'Notes.',
  prerelease: false,
  assets: [
    { name: 'evidence.zip', path: local, contentType: 'application/zip', sha256: digest },
    { name: 'second.zip', path: local, contentType: 'application/zip', sha256: digest },
  ],
})

/** The text of a release that tells these notes. */
async function told(notes?: string): Promise<string> {
  const key = `notes-${notes ?? 'none'}`
  await effects.perform(repository, { ...publish(key), ...(notes !== undefined && { notes }) })
  const release = github.repository('acme/shop').releases.find((one) => one.tag === `evidence/${key}/1`)
  return release?.body?.replace(/^<!--.*-->\n/, '') ?? ''
}

describe('release.publish', () => {
  test('drafts, uploads, verifies, publishes once (T64, T65)', async () => {
    expect(await effects.find(repository, publish('v1'))).toBeNull()
    const outcome = await effects.perform(repository, publish('v1'))
    expect((await effects.find(repository, publish('v1')))?.id).toBe(outcome.id)
    expect((await effects.perform(repository, publish('v1'))).id).toBe(outcome.id)
  })

  test('tells first what changed, out of the file at that very commit, as far as there is room', async () => {
    expect(await told('notes.md')).toBe('## Changes\n\n- faster (#3)\n\n---\n\nNotes.')
    expect([await told(), await told('absent.md')]).toEqual(['Notes.', 'Notes.'])
    const long = await told('long.md')
    expect(Buffer.byteLength(long)).toBeLessThan(65_535)
    expect(long).toMatch(/… and more, in long\.md\.\n\n---\n\nNotes\.$/)
  })

  test('goes on after a lost draft, a lost upload and a half upload', async () => {
    github.faultNext('POST', /releases$/, 'after')
    expect(await codeOf(effects.perform(repository, publish('v3')))).toBe('unknown')
    github.faultNext('POST', /assets$/, 'after')
    expect(await codeOf(effects.perform(repository, publish('v3')))).toBe('unknown')
    github.faultNext('POST', /assets$/, 502)
    expect(await codeOf(effects.perform(repository, publish('v3')))).toBe('unknown')
    expect(await effects.find(repository, publish('v3'))).toBeNull()
    const outcome = await effects.perform(repository, publish('v3'))
    expect((await effects.find(repository, publish('v3')))?.id).toBe(outcome.id)
  })

  test('a file that is not the sealed one leaves a draft, and a published one is never changed (T65)', async () => {
    expect(await codeOf(effects.perform(repository, publish('v4', sha256('other'))))).toBe('refused')
    expect(await effects.find(repository, publish('v4'))).toBeNull()
    await effects.perform(repository, publish('v5'))
    expect(await codeOf(effects.perform(repository, publish('v5', sha256('other'))))).toBe('refused')
  })
})

test('issue.close: once or twice, it is closed as completed', async () => {
  const { id } = await effects.perform(repository, issue('to-close'))
  const close = { kind: 'issue.close', key: 'close', issue: id ?? 0 } as const
  expect(await effects.find(repository, close)).toBeNull()
  for (let times = 0; times < 2; times++) expect((await effects.perform(repository, close)).id).toBe(id)
  expect((await effects.find(repository, close))?.id).toBe(id)
  expect(github.repository('acme/shop').issues.get(id ?? 0)).toMatchObject({ state: 'closed', stateReason: 'completed' })
})

const review = (run: number, over: Partial<Extract<GitHubEffect, { kind: 'deployment.review' }>> = {}): GitHubEffect => ({
  kind: 'deployment.review',
  key: `review/${run}`,
  run,
  environment: 'prod',
  state: 'approved',
  comment: 'It is ours.',
  ...over,
})

describe('deployment.review', () => {
  let run = 0
  beforeAll(async () => {
    github.protectEnvironment('acme/shop', 'prod')
    run = (await effects.perform(repository, dispatch('waits'))).id ?? 0
  })

  test('is heard by the job that waits, once', async () => {
    const job = await github.reachEnvironment('acme/shop', run, 'prod')
    expect((await facts(hands).run(repository, run))?.status).toBe('waiting')
    expect(await effects.perform(repository, review(run))).toEqual({ id: null, data: { heard: 1 } })
    expect(job.answers).toMatchObject([{ state: 'approved', comments: ['It is ours.'] }])
    expect((await facts(hands).run(repository, run))?.status).toBe('in_progress')
    expect(await effects.perform(repository, review(run))).toEqual({ id: null, data: { heard: 0 } })
  })

  test('a no ends the run, and its words are cut to what GitHub takes (T56)', async () => {
    const job = await github.reachEnvironment('acme/shop', run, 'prod')
    expect(await effects.perform(repository, review(run, { state: 'rejected', comment: '€'.repeat(2_000) }))).toMatchObject({ data: { heard: 1 } })
    expect(job.answers[0]?.comments[0]?.length).toBeLessThanOrEqual(1024)
    expect(await facts(hands).run(repository, run)).toMatchObject({ status: 'completed', conclusion: 'failure' })
  })

  test('where our rule is not, nobody hears it', async () => {
    github.protectEnvironment('acme/shop', 'stage', { free: true })
    await github.reachEnvironment('acme/shop', run, 'stage')
    expect(await effects.perform(repository, review(run, { environment: 'stage' }))).toEqual({ id: null, data: { heard: 0 } })
  })

  test('a lost answer is given again, and is then no longer waited for', async () => {
    const job = await github.reachEnvironment('acme/shop', run, 'prod')
    github.faultNext('POST', /deployment_protection_rule$/, 'after')
    expect(await codeOf(effects.perform(repository, review(run)))).toBe('unknown')
    expect(await effects.find(repository, review(run))).toBeNull()
    expect(await effects.perform(repository, review(run))).toMatchObject({ data: { heard: 0 } })
    expect(job.answers).toMatchObject([{ state: 'approved', comments: ['It is ours.'] }])
  })
})

test('facts read the same world', async () => {
  const read = facts(hands)
  expect((await read.openPulls(repository)).map(({ number }) => number)).toEqual([pull])
  expect(await read.queued(repository)).toEqual([])
  expect(await read.tree(repository, 'main')).toMatchObject({
    commit: expect.stringMatching(/^[0-9a-f]{40}$/),
    tree: expect.stringMatching(/^[0-9a-f]{40}$/),
  })
  expect(await read.tree(repository, 'nowhere')).toBeNull()
  expect((await read.pull(repository, pull))?.head.sha).toBe(sha)
  expect((await read.file(repository, '.github/release-conductor.yml', 'main', 1000))?.text).toBe('version: 1\n')
  expect(await read.file(repository, 'nowhere', 'main', 1000)).toBeNull()
  expect((await read.comments(repository, pull)).map((one) => one.id)).toContain(comment)
  expect(await read.comment(repository, comment)).toMatchObject({
    body: '/status',
    viaApp: false,
    edited: false,
    author: { login: 'dev', type: 'User' },
  })
  const main = (await read.tree(repository, 'main'))?.commit ?? ''
  expect([await read.contains(repository, main, sha), await read.contains(repository, sha, main)]).toEqual([true, false])
  expect([await read.contains(repository, sha, sha), await read.contains(repository, 'f'.repeat(40), sha)]).toEqual([true, false])
  expect(await read.role(repository, { login: 'lead', id: github.world.accounts.get('lead')?.id ?? 0 })).toEqual({
    role: 'maintain',
    permission: 'write',
  })
  expect(await read.teamMember(repository, 'acme', 'approvers', 'lead')).toBe(true)
  expect(await read.teamMember(repository, 'acme', 'approvers', 'dev')).toBe(false)
  expect((await read.contributors(repository, pull)).unattributed).toBe(0)
  const runs = await read.runs(repository, sha)
  expect(runs.length).toBeGreaterThan(0)
  expect(await read.run(repository, runs[0]?.id ?? 0)).toEqual(runs[0])
  expect(await read.artifacts(repository, runs[0]?.id ?? 0)).toEqual([])
})

test('what is not GitHub’s is told apart', () => {
  const weight: Effect = { kind: 'weight.set', key: 'w', environment: 'prod', router: null, percent: 10 }
  expect(isGitHubEffect(weight)).toBe(false)
  expect(isGitHubEffect(check('x'))).toBe(true)
})
