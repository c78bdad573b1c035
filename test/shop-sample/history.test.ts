import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { buildHistory, pullRequestBody, type History } from '../shop/history.ts'

const SHA = 'a'.repeat(40)
const KEY = '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n'

async function history(errors: number): Promise<History> {
  const dir = await mkdtemp(join(tmpdir(), 'shop-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return buildHistory({
    dir,
    trustKeyPem: KEY,
    conductorSha: SHA,
    errors,
    configure: (config) => config.setIn(['environments', 'prod', 'bake'], { 10: '5s', 50: '5s', 100: '5s' }),
  })
}

const git = ({ workDir }: History, ...args: string[]) => execFileSync('git', ['-C', workDir, ...args], { encoding: 'utf8' }).trim()

test('the same options give the same commits', async () => {
  const [one, two] = [await history(0.2), await history(0.2)]
  expect([two.main, two.release.sha]).toEqual([one.main, one.release.sha])
  expect(git(one, 'rev-parse', 'main', 'release/v2.0.0', 'v1.0.0^{commit}').split('\n')).toEqual([one.main, one.release.sha, one.tags['v1.0.0']])
  expect(git(one, 'merge-base', 'main', 'release/v2.0.0')).toBe(one.main)
})

test('every commit is conventional and made by the role', async () => {
  const made = await history(0.5)
  for (const line of git(made, 'log', '--format=%an <%ae>|%cn <%ce>|%s', 'release/v2.0.0').split('\n')) {
    expect(line).toMatch(/^(Shop maintainers <maintainers@shop\.example>\|){2}(feat|ci|build|docs|perf|chore): [a-z]/)
  }
})

test('the error rate is part of the bad version, and the good one has none', async () => {
  const [good, bad] = [await history(0), await history(0.2)]
  const rate = (made: History) => /ERROR_RATE = (.*)/.exec(git(made, 'show', 'release/v2.0.0:src/faults.mjs'))?.[1]
  expect([rate(good), rate(bad)]).toEqual(['0', '0.2'])
  expect(bad.main).toBe(good.main)
  expect(bad.release.sha).not.toBe(good.release.sha)
  expect(git(bad, 'diff', '--name-only', good.main, bad.release.sha).split('\n')).toContain('src/faults.mjs')
  expect(git(good, 'diff', '--name-only', good.main, good.release.sha)).not.toContain('faults')
})

test('config and workflows trust the key and the commit they were given', async () => {
  const made = await history(0)
  const config = parse(git(made, 'show', 'main:.github/release-conductor.yml')) as { trust: unknown; environments: { prod: { bake: unknown } } }
  expect(config.trust).toMatchObject({ keys: [{ id: 'demo', public_key: KEY }], workflows: [{ digest: SHA }, { digest: SHA }] })
  expect(config.environments.prod.bake).toEqual({ 10: '5s', 50: '5s', 100: '5s' })
  const [conduct, deploy] = ['release-conductor', 'deploy'].map((name) => git(made, 'show', `main:.github/workflows/${name}.yml`))
  expect(conduct).toContain(`conduct.yml@${SHA}`)
  expect(deploy).toContain(`report.yml@${SHA}`)
  expect(`${conduct}${deploy}`).not.toContain('0'.repeat(40))
})

test.each(['release-conductor', 'deploy'])('%s.yml passes our reusable workflow what it takes, and grants what it asks', async (name) => {
  interface Job {
    readonly uses?: string
    readonly with?: Record<string, unknown>
    readonly secrets?: Record<string, unknown>
    readonly permissions?: Record<string, string>
  }
  interface Workflow {
    readonly on: {
      readonly workflow_call?: { readonly inputs: Record<string, { readonly required?: boolean }>; readonly secrets: Record<string, unknown> }
    }
    readonly jobs: Record<string, Job>
  }
  const workflow = async (path: string) => parse(await readFile(path, 'utf8')) as Workflow
  const caller = Object.values((await workflow(`test/shop/v1/.github/workflows/${name}.yml`)).jobs).find((job) => job.uses !== undefined)
  const path = /\.github\/workflows\/[a-z]+\.yml/.exec(caller?.uses ?? '')?.[0] ?? 'none'
  const called = await workflow(path)
  const { inputs = {}, secrets = {} } = called.on.workflow_call ?? {}
  const given = Object.keys(caller?.with ?? {})
  expect(Object.keys(inputs)).toEqual(expect.arrayContaining(given))
  expect(given).toEqual(expect.arrayContaining(Object.keys(inputs).filter((input) => inputs[input]?.required === true)))
  expect(Object.keys(secrets)).toEqual(expect.arrayContaining(Object.keys(caller?.secrets ?? {})))
  for (const job of Object.values(called.jobs)) expect(caller?.permissions).toMatchObject(job.permissions ?? {})
})

const headings = (text: string) => [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1])

test('the template has the seven sections; the body fills them, or leaves out what it is told', async () => {
  const sections = ['Impact', 'Gates affected', 'Canary plan', 'Rollback', 'Runbooks', 'Evidence paths', 'Risk and owner']
  const body = await pullRequestBody()
  expect(headings(body)).toEqual(sections)
  expect(body).not.toContain('<!--')
  const partly = await pullRequestBody(['Rollback'])
  expect(headings(partly)).toEqual(sections)
  expect(partly.match(/<!--/g)).toHaveLength(1)
})

test.each([{ errors: -0.1 }, { errors: 1.1 }, { errors: Number.NaN }, { conductorSha: 'main' }])('%j is refused', async (wrong) => {
  await expect(buildHistory({ dir: '/nowhere', trustKeyPem: KEY, conductorSha: SHA, errors: 0, ...wrong })).rejects.toBeInstanceOf(RangeError)
})
