/** A preview put to sleep and woken by comments, with the workflow as docs/adopt.md shows it, run by the runner. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Repository } from '../support/github/index.ts'
import { openRelease, type Release } from './release.ts'
import { setStage, type Stage } from './stage.ts'

const ADOPT = join(import.meta.dirname, '../../docs/adopt.md')
const WORKFLOW = '.github/workflows/preview-sleep.yml'
const STEP = '- run: echo "here your platform does it, $ACTION of $ENVIRONMENT"'

/** As much of GitHub's own command line as the example calls. */
const GH = `#!/usr/bin/env node
const [, , api, method, post, path, ...fields] = process.argv
if (api !== 'api' || method !== '--method' || post !== 'POST') throw new Error('not known')
const body = Object.fromEntries(fields.filter((one) => one !== '--raw-field').map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]))
const headers = { authorization: 'Bearer ' + process.env.GH_TOKEN, accept: 'application/vnd.github+json', 'content-type': 'application/json' }
const answer = await fetch(process.env.GITHUB_API_URL + '/' + path, { method: post, headers, body: JSON.stringify(body) })
if (!answer.ok) throw new Error(answer.status + ' ' + (await answer.text()))
`

let stage: Stage
let release: Release
let tools: string
let preview: number

beforeAll(async () => {
  tools = await mkdtemp(join(tmpdir(), 'release-conductor-gh-'))
  await writeFile(join(tools, 'package.json'), '{ "type": "module" }')
  await writeFile(join(tools, 'gh'), GH)
  await chmod(join(tools, 'gh'), 0o755)
  const [example = ''] = /(?<=```yaml test\n)name: preview-sleep\n[^`]+(?=```)/.exec(await readFile(ADOPT, 'utf8')) ?? []
  if (!example.includes(STEP)) throw new Error('docs/adopt.md shows no workflow with a step of the platform')
  const workflow = example.replace(STEP, `- run: echo '${tools}' >> "$GITHUB_PATH"`)
  stage = await setStage({
    configure: (config) => config.setIn(['gates', 'preview_budget'], config.createNode({ environments: ['pr-*', 'p*'], sleep: 'preview-sleep.yml' })),
    edits: { v1: { [WORKFLOW]: () => workflow }, v2: {} },
  })
  stage.github.addUser({ login: 'stranger' })
  release = await openRelease(stage)
  preview = await deployed('pr-1', release.shop.history.release.branch)
})

afterAll(async () => {
  await stage[Symbol.asyncDispose]()
  await rm(tools, { recursive: true, force: true })
})

async function deployed(environment: string, ref: string): Promise<number> {
  const [dev, path] = [stage.github.as('dev'), `/repos/${stage.shop.fullName}/deployments`]
  const { data } = await dev.request('POST', path, { ref, environment, auto_merge: false, required_contexts: [], transient_environment: true })
  const { id } = data as { id: number }
  await dev.request('POST', `${path}/${id}/statuses`, { state: 'success', environment_url: `https://${environment}.preview.acme.example/` })
  return id
}

async function say(login: string, body: string): Promise<number> {
  return (await stage.github.as(login).comment(stage.shop.fullName, release.pull, body)).id
}

async function refused(login: string, body: string, why: string): Promise<void> {
  const comment = await say(login, body)
  await release.until(`an answer to ${body}`, () => release.reactions(comment).includes('confused'))
  await release.until(`why ${body} was refused`, () => release.status.includes(why))
}

const runs = (): Repository['runs'] => release.repository.runs.filter(({ workflow }) => workflow.path === WORKFLOW)
const status = () => release.repository.deployments.find(({ id }) => id === preview)?.statuses.at(-1)

test('it is put to sleep once, by whoever may write, and its deployment says so', async () => {
  const comment = await say('dev', '/preview sleep pr-1')
  await release.until('asleep', () => status()?.state === 'inactive')
  expect(status()).toMatchObject({ description: 'asleep: comment /preview wake', environmentUrl: 'https://pr-1.preview.acme.example/' })
  await release.until('done', () => release.reactions(comment).includes('rocket'))
  expect(runs()).toMatchObject([{ event: 'workflow_dispatch', ref: 'refs/heads/main', inputs: { action: 'sleep', environment: 'pr-1' } }])
  await refused('approver', '/preview sleep pr-1', 'is asleep already')
  expect(runs()).toHaveLength(1)
})

test('nothing else can be reached by it', async () => {
  await deployed('prod', 'main')
  await deployed('pr-2', 'main')
  await refused('approver', '/preview sleep prod', 'is an environment that releases go to')
  await refused('approver', '/preview sleep pr-2', 'not of this pull request')
  await refused('approver', '/preview sleep stage', '`stage`')
  await refused('approver', '/preview wake pr-1; curl evil.example', 'begins with a letter or a digit')
  await refused('stranger', '/preview wake pr-1', 'command.no-write')
  expect(runs()).toHaveLength(1)
})

test('killed as soon as the command was seen, it is woken once all the same', async () => {
  const comment = await say('dev', '/preview wake pr-1')
  await release.until('seen', () => release.reactions(comment).includes('eyes'))
  stage.app.child.kill()
  await release.until('awake', () => status()?.state === 'success')
  await release.until('done', () => release.reactions(comment).includes('rocket'))
  await stage.github.settled()
  expect(runs().map(({ inputs }) => inputs['action'])).toEqual(['sleep', 'wake'])
  expect(stage.app.starts()).toBe(2)
})

test('once the pull request is closed it takes no command', async () => {
  await stage.github.as('dev').request('PATCH', `/repos/${stage.shop.fullName}/pulls/${release.pull}`, { state: 'closed' })
  await refused('dev', '/preview sleep pr-1', 'the pull request is closed')
  expect(runs()).toHaveLength(2)
  stage.github.assertClean()
})
