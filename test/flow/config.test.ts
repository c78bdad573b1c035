import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { GATES } from '../../gates/index.ts'
import { sign } from '../support/deliveries.ts'
import { openRelease, type Release } from './release.ts'
import { setStage, type Stage } from './stage.ts'

const run = promisify(execFile)
const CONFIG = '.github/release-conductor.yml'
let stage: Stage
let release: Release
let healthy: string

/** On the base branch, with the push event, or, as when GitHub loses it, without. */
async function baseConfig(text: string | null, { event = true } = {}): Promise<void> {
  const dir = stage.shop.history.workDir
  const git = async (...args: readonly string[]): Promise<string> => {
    const who = ['-c', 'user.name=Shop maintainers', '-c', 'user.email=maintainers@shop.example']
    return (await run('git', ['-C', dir, ...who, ...args])).stdout.trim()
  }
  if (text === null) await rm(join(dir, CONFIG))
  else await writeFile(join(dir, CONFIG), text)
  await git('add', '--all')
  await git('commit', '--quiet', '--message', 'ci: change the config')
  const { github, shop } = stage
  if (event) await github.as('dev').push(shop.fullName, { dir, ref: 'main' })
  else await git('push', '--quiet', github.repository(shop.fullName).gitDir, 'main:main')
}

/** What every check of ours says now. */
function said(): string[] {
  const newest = new Map(release.ourChecks.map((check) => [check.name, check]))
  return [...newest.values()].map((check) => `${check.conclusion ?? check.status}\n${check.output.summary ?? ''}\n${check.output.text ?? ''}`)
}

async function everyCheckSays(...words: readonly string[]): Promise<void> {
  await release.until(`every check fails and says ${words.join(', ')}`, () => {
    const all = said().map((text) => text.replaceAll('\\', ''))
    return all.length === GATES.length && all.every((text) => text.startsWith('failure') && words.every((word) => text.includes(word)))
  })
}

beforeAll(async () => {
  stage = await setStage()
  healthy = await readFile(join(stage.shop.history.workDir, CONFIG), 'utf8')
})

afterAll(async () => {
  await stage[Symbol.asyncDispose]()
})

test('broken YAML blocks visibly: line, and what is expected', async () => {
  await baseConfig(`${healthy}\nrelease: [unclosed\n`)
  release = await openRelease(stage)
  await everyCheckSays(CONFIG, 'config check')
  expect(said().join('\n').replaceAll('\\', '')).toMatch(/release-conductor\.yml:\d+/)
  expect(release.repository.runs.filter((one) => one.event === 'workflow_dispatch')).toEqual([])
})

test.each([
  ['an unknown key', (text: string) => text.replace('people:', 'peolpe:'), ['peolpe', 'people']],
  ['a wrong type', (text: string) => text.replace(/steps: .*/, 'steps: fast'), ['steps', 'xpected', 'xample']],
])('%s: line, key, expected and example', async (_what, change, words) => {
  expect(change(healthy)).not.toBe(healthy)
  await baseConfig(change(healthy))
  await everyCheckSays(CONFIG, ...words)
  expect(said().join('\n').replaceAll('\\', '')).toMatch(/release-conductor\.yml:\d+/)
})

test('no config on the base branch blocks as well', async () => {
  await baseConfig(null)
  await everyCheckSays('there is no', CONFIG, 'on main')
  expect(Object.values(release.checks)).toEqual(GATES.map(() => 'failure'))
})

test('mended on the base branch it heals by itself, by the sweep when the event is lost', async () => {
  await baseConfig(healthy, { event: false })
  await release.until('every check is green', () => release.checks['all_required_gates'] === 'success')
  expect(Object.values(release.checks)).toEqual(GATES.map(() => 'success'))
})

test('a pull request that is no release gets no check and no comment', async () => {
  const { github, shop } = stage
  const dir = shop.history.workDir
  await run('git', ['-C', dir, 'branch', 'feature/recommend', shop.history.release.branch])
  await github.as('dev').push(shop.fullName, { dir, ref: 'feature/recommend' })
  const before = release.ourChecks.length
  const pull = await github.as('dev').openPull(shop.fullName, { head: 'feature/recommend', base: 'main', title: 'feat: recommend', body: '' })
  await github.as('approver').comment(shop.fullName, pull.number, '/status')
  await github.settled()
  expect(release.ourChecks.length).toBe(before)
  expect([...release.repository.comments.values()].filter((comment) => comment.issue === pull.number).map((comment) => comment.author.login)).toEqual(
    ['approver'],
  )
})

test('a signed delivery of a repository nobody installed the App on does nothing, and the App goes on', async () => {
  const { github } = stage
  const opened = github.deliveries.find((one) => one.event === 'pull_request' && one.action === 'opened')
  expect(opened).toBeDefined()
  const body = (opened?.body ?? '').replaceAll('acme/shop', 'acme/nobody').replaceAll('"name":"shop"', '"name":"nobody"')
  const headers = { ...opened?.headers, 'x-github-delivery': crypto.randomUUID(), 'x-hub-signature-256': sign(body, stage.secret) }
  const answer = await fetch(`${stage.app.url}/api/github/webhooks`, { method: 'POST', headers, body })
  expect(answer.status).toBe(202)
  const checks = release.ourChecks.length
  const comment = await github.as('dev').comment(stage.shop.fullName, release.pull, '/status')
  await release.until('the App answers the next one', () => release.reactions(comment.id).includes('rocket'))
  expect(release.ourChecks.length).toBe(checks)
  expect(stage.app.starts()).toBe(1)
  github.assertClean()
})
