/** `/release` on an issue, with the App as a process that dies in the middle: from the comment to a pull request whose gates look at it. */
import { execFile } from 'node:child_process'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Release } from './release.ts'
import { setStage, type Stage } from './stage.ts'

const run = promisify(execFile)

let stage: Stage

beforeAll(async () => {
  stage = await setStage()
  const { workDir } = stage.shop.history
  const git = (...args: readonly string[]) => run('git', ['-C', workDir, '-c', 'user.name=dev', '-c', 'user.email=dev@example.com', ...args])
  await git('checkout', '--quiet', 'main')
  await writeFile(join(workDir, 'docs/words.md'), '# Words\n')
  await chmod(join(workDir, 'package.json'), 0o755)
  await git('add', 'docs/words.md', 'package.json')
  await git('commit', '--quiet', '--message', 'feat(docs): say what the words mean (#2)')
  await stage.github.as('dev').push(stage.shop.fullName, { dir: workDir, ref: 'main' })
})

afterAll(async () => {
  await stage[Symbol.asyncDispose]()
})

test('one comment brings the pull request, once, whatever dies; workflows run on it and its own gate finds nothing missing (T69)', async () => {
  const { github, shop, app } = stage
  const repository = github.repository(shop.fullName)
  const dev = github.as('dev')
  const { data } = await dev.request('POST', `/repos/${shop.fullName}/issues`, { title: 'What is next?' })
  const issue = (data as { number: number }).number
  github.faultNext('POST', /\/git\/refs$/, 'after')
  const { id } = await dev.comment(shop.fullName, issue, '/release v1.1.0')
  const about = new Release(stage, shop, issue)
  await about.until(
    'the branch is cut',
    async () => (await dev.request('GET', `/repos/${shop.fullName}/git/ref/heads/release/v1.1.0`)).status === 200,
  )
  app.child.kill()
  await about.until('the answer', () => about.reactions(id).includes('rocket'))

  const { stdout } = await run('git', ['-C', repository.gitDir, 'diff', '--raw', 'main', 'release/v1.1.0', '--', 'package.json', 'package-lock.json'])
  expect(
    stdout.split('\n').map((line) => line.slice(1, 14)),
    'package.json is executable on main',
  ).toEqual(['100644 100644', '100755 100755', ''])

  const pulls = [...repository.issues.values()].filter(({ pull }) => pull?.headRef === 'release/v1.1.0')
  expect(pulls.map(({ title, labels }) => [title, labels.toSorted()])).toEqual([['chore(release): v1.1.0', ['risk:med', 'type:feat']]])
  const release = new Release(stage, shop, pulls[0]?.number ?? 0)
  const answers = () => [...repository.comments.values()].filter((one) => one.issue === issue && one.viaApp !== null)
  await about.until('the words of the answer', () => answers().length > 0)
  expect(answers().map(({ body }) => body.split('\n').at(-1))).toEqual([`\`v1.1.0\` is #${release.pull}, into \`main\`.`])
  await release.until('the gate over commits, text, labels and owners holds', () => release.checks['policy_ci'] === 'success')
  expect(release.status).toContain('## Release v1.1.0')
  github.assertClean()
})

test('on the release pull request it is refused', async () => {
  const { github, shop } = stage
  const number = [...github.repository(shop.fullName).issues.values()].find(({ pull }) => pull?.headRef === 'release/v1.1.0')?.number ?? 0
  const release = new Release(stage, shop, number)
  const { id } = await github.as('dev').comment(shop.fullName, number, '/release v1.2.0')
  await release.until('refused', () => release.reactions(id).includes('confused'))
  expect(await release.until('the answer', () => release.status.includes('Ask for v1.2.0 on an issue'))).toBe(true)
})

test('a comment whose delivery was lost is seen to when the App starts', async () => {
  const { github, shop } = stage
  const dev = github.as('dev')
  const { data } = await dev.request('POST', `/repos/${shop.fullName}/issues`, { title: 'And then?' })
  const issue = (data as { number: number }).number
  github.setFaults({ webhooks: { lose: 1 } })
  const { id } = await dev.comment(shop.fullName, issue, '/release v1.0.0')
  stage.app.child.kill()
  const about = new Release(stage, shop, issue)
  await about.until('refused', () => about.reactions(id).includes('confused'))
  const answer = await about.until('the answer', () => {
    const ours = [...github.repository(shop.fullName).comments.values()].find((one) => one.issue === issue && one.viaApp !== null)
    return ours?.body.replaceAll('\\', '') ?? null
  })
  expect(answer).toContain('v1.0.0 is out already. Ask for a later one, such as v1.0.1.')
})
