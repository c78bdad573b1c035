import { expect, test } from 'vitest'
import { lookThrough } from '../../../../app/cli/detect/look.ts'
import { fixtureRepository } from '../../../support/github/actions/fixture.ts'

const DISPATCHED = 'on: { workflow_dispatch: { inputs: { sha: { type: string } } } }\njobs: {}\n'

async function look(files: Readonly<Record<string, string>>) {
  const { gitDir, head } = await fixtureRepository(files)
  const repository = { owner: 'acme', name: 'shop', id: 1 }
  return lookThrough({ workspace: gitDir, apiUrl: 'http://127.0.0.1:1', token: null, repository, sha: head, base: 'main', pull: null, now: 0 })
}

test('owners of everything, objectives, the deploy workflow and the one that calls ours', async () => {
  const found = await look({
    '.github/CODEOWNERS': '# all\n* @old\n/docs @writer\n* @acme/leads @dev mail@example.com # who\n',
    '.github/workflows/ci.yml': DISPATCHED,
    '.github/workflows/deploy-prod.yml': DISPATCHED,
    '.github/workflows/deploy-docs.yml': 'on: push\njobs: {}\n',
    '.github/workflows/prove.yml': `on: push\njobs: { a: { uses: x/y/.github/workflows/conduct.yml@${'a'.repeat(40)} } }\n`,
    'ops/slo/a.yaml': 'apiVersion: openslo/v1\nkind: SLO\n',
    'ops/slo/b.yaml': 'kind: Other\n',
    Dockerfile: 'FROM node\n',
  })
  expect(found).toMatchObject({
    owners: ['@acme/leads', '@dev'],
    slos: ['ops/slo/*.yaml'],
    deploy: 'deploy-prod.yml',
    conduct: 'prove.yml',
  })
  expect(found.topics).toEqual(expect.arrayContaining([expect.objectContaining({ gate: 'hardening', topic: 'images', n: 1 })]))
})

test('of an empty repository everything is absent but what every repository has, and what nobody could see', async () => {
  const { topics } = await look({ 'a.txt': 'x' })
  expect(topics.filter(({ n }) => n !== null && n > 0)).toEqual([])
  const unseen = topics.filter(({ n }) => n === null).map(({ topic }) => topic)
  expect(unseen.toSorted()).toEqual(['commits', 'preview-costs', 'previews', 'workflows'])
  expect(topics.find(({ topic }) => topic === 'images')?.why).toMatch(/^none was found at [0-9a-f]{12}$/)
  expect(topics.find(({ topic }) => topic === 'templates')?.why).toContain(
    'not named yet: `gates.hardening.templates` of the config names no file that came from a template',
  )
  expect(topics.find(({ topic }) => topic === 'slo')?.why).toContain('`slos` of the config names none')
})

const KINDS: readonly (readonly [kind: string, files: Readonly<Record<string, string>>])[] = [
  ['npm', { 'package.json': '{"dependencies":{"a":"1"}}' }],
  ['go', { 'go.mod': 'module a.b/c\ngo 1.22\nrequire a.b/d v1.0.0\n' }],
  ['go with sums', { 'go.mod': 'module a.b/c\ngo 1.22\nrequire a.b/d v1.0.0\n', 'go.sum': '' }],
  ['pip', { 'requirements.txt': 'flask==2.3.0\n' }],
  ['pip, unpinned', { 'requirements.txt': 'flask\n' }],
  ['pyproject', { 'pyproject.toml': '[project]\ndependencies = ["a"]\n' }],
  ['bundler', { Gemfile: 'gem "a"\n' }],
  ['composer', { 'composer.json': '{"require":{"acme/a":"1"}}' }],
  ['cargo', { 'Cargo.toml': '[dependencies]\na = "1"\n' }],
  ['cargo with its lock file', { 'Cargo.lock': 'version = 4\n[[package]]\nname = "a"\nversion = "1.0.0"\n' }],
  ['maven', { 'pom.xml': '<project/>' }],
  ['gradle', { 'gradle.lockfile': 'a:b:1=x\n' }],
  ['nuget', { 'packages.lock.json': '{}' }],
  ['mix', { 'mix.lock': '%{}' }],
  ['a lock file that is broken', { 'package-lock.json': '{' }],
]

test.each(KINDS)('%s: what the release is made of is there, so nobody declares it absent', async (_, files) => {
  const { topics } = await look(files)
  expect(topics.find(({ topic }) => topic === 'supply-chain')?.n).toBeGreaterThan(0)
})

test('what Terraform applies is there, though nobody planned it', async () => {
  const { topics } = await look({ 'main.tf': 'provider "aws" {}\n' })
  expect(topics.find(({ topic }) => topic === 'manifests')?.n).toBe(1)
})

test('a chart that nobody rendered is there, so nobody declares its manifests absent', async () => {
  const { topics } = await look({ 'charts/shop/Chart.yaml': 'apiVersion: v2\nname: shop\n', 'charts/shop/templates/a.yaml': '{{ a }}\n' })
  expect(topics.find(({ topic }) => topic === 'manifests')?.n).toBe(1)
})

test('a manifest that asks for nothing is no part of a release', async () => {
  const { topics } = await look({ 'package.json': '{"private":true}', Gemfile: 'source "x"\n' })
  expect(topics.find(({ topic }) => topic === 'supply-chain')?.n).toBe(0)
})

test('files that cannot be read are no reason to stop', async () => {
  const found = await look({ '.github/workflows/deploy.yml': 'on: [\n', 'slo/a.yaml': '\0', CODEOWNERS: '* nobody\n' })
  expect(found).toMatchObject({ owners: [], slos: [], deploy: null })
})
