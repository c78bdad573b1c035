/** A patch of v1.0.0, cut by the App, that ships before all of its proof: the label lets nothing through, two people do, and only what the config lets them. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Release } from './release.ts'
import { setStage, type Stage } from './stage.ts'

const run = promisify(execFile)
const WAIVE = '/waive hotfix 2d the scans of the new lock file come tomorrow'

let stage: Stage
let release: Release

beforeAll(async () => {
  stage = await setStage({
    configure(config) {
      config.setIn(['people', 'approvers', 'waive', 'teams'], ['@acme/release-approvers'])
      config.setIn(['release', 'hotfix', 'gates'], ['policy_ci', 'hardening'])
    },
  })
  const { github, shop } = stage
  github.addUser({ login: 'second' })
  github.repository(shop.fullName).collaborators.set('second', 'maintain')
  github.addOrganization({ login: 'acme', members: ['second'] })
  for (const team of github.world.teams) if (team.slug === 'release-approvers') team.members.add('second')
  const { workDir } = shop.history
  const git = (...args: readonly string[]) => run('git', ['-C', workDir, '-c', 'user.name=dev', '-c', 'user.email=dev@example.com', ...args])
  await git('checkout', '--quiet', 'main')
  await writeFile(join(workDir, 'docs/words.md'), '# Words\n')
  await git('add', 'docs/words.md')
  await git('commit', '--quiet', '--message', 'fix(docs): say what the words mean (#2)')
  const dev = github.as('dev')
  await dev.push(shop.fullName, { dir: workDir, ref: 'main' })
  const { data } = await dev.request('POST', `/repos/${shop.fullName}/issues`, { title: 'The words are missing' })
  const issue = (data as { number: number }).number
  await dev.comment(shop.fullName, issue, '/release v1.0.1')
  const about = new Release(stage, shop, issue)
  const pulls = () => [...github.repository(shop.fullName).issues.values()].filter(({ pull }) => pull?.headRef === 'release/v1.0.1')
  await about.until('the pull request is there', () => pulls().length > 0)
  release = new Release(stage, shop, pulls()[0]?.number ?? 0)
})

afterAll(async () => {
  await stage[Symbol.asyncDispose]()
})

const debts = () => [...release.repository.issues.values()].filter(({ labels }) => labels.includes('waiver'))
const said = async (login: string) => await stage.github.as(login).comment(stage.shop.fullName, release.pull, WAIVE)
const named = () => [release.checks['policy_ci'], release.checks['hardening']].join(' ')
const covered = () => [release.checks['supply_chain'], release.checks['slo']].join(' ')

test('what is no hotfix is not waived as one', async () => {
  await release.until(
    'the named gates hold, and another does not',
    () => named() === 'success success' && release.checks['supply_chain'] === 'failure',
  )
  const { id } = await said('approver')
  await release.until('refused', () => release.reactions(id).includes('confused'))
  await release.until('the reason', () => release.status.includes('command.not-a-hotfix'))
  expect([release.checks['supply_chain'], debts()]).toEqual(['failure', []])
})

test('the label alone lets nothing through; two people do, once for every gate that the config does not name', async () => {
  await stage.github.as('dev').label(stage.shop.fullName, release.pull, ['hotfix'])
  await release.until('the named gates hold with it', () => named() === 'success success')
  expect([release.checks['supply_chain'], release.checks['all_required_gates']]).toEqual(['failure', 'failure'])
  await said('approver')
  await release.until('one word', () => release.status.includes('1 of 2'))
  expect(release.checks['supply_chain']).toBe('failure')
  await said('second')
  await release.until('what does not hold is neutral', () => covered() === 'neutral neutral')
  await release.until('what must hold does', () => release.checks['all_required_gates'] === 'success')
  await release.until('the status says so', () => release.status.includes('**A hotfix, waived** by approver and second until'))
  expect(named()).toBe('success success')
  expect(debts()).toMatchObject([{ state: 'open', title: expect.stringContaining('The hotfix v1.0.1 is waived') }])
})

test('without the label it covers nothing, and with it again what was granted', async () => {
  const dev = stage.github.as('dev')
  await dev.unlabel(stage.shop.fullName, release.pull, 'hotfix')
  await release.until('it covers nothing', () => release.status.includes('It covers nothing at present'))
  await release.until('the gates block', () => release.checks['supply_chain'] === 'failure' && release.checks['all_required_gates'] === 'failure')
  await dev.label(stage.shop.fullName, release.pull, ['hotfix'])
  await release.until('it covers again', () => release.checks['supply_chain'] === 'neutral' && release.checks['all_required_gates'] === 'success')
  expect(debts()).toHaveLength(1)
  stage.github.assertClean()
})
