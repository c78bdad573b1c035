/** The sample adopter is a good citizen by our own standards: what the agents and the config reader would say of it. */
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CollectContext } from '../../agents/collect/collector.ts'
import { collectCommits } from '../../agents/collect/commits.ts'
import { collectDockerfiles } from '../../agents/collect/dockerfiles.ts'
import { commitFindings } from '../../agents/developer-experience/lint-marshal.commits.ts'
import { ownerFindings } from '../../agents/developer-experience/lint-marshal.owners.ts'
import { sectionFindings } from '../../agents/developer-experience/lint-marshal.template.ts'
import { dockerfileFindings } from '../../agents/platform/infrasec.rules.ts'
import { parseConfig } from '../../evidence/config/parse.ts'
import { buildHistory, pullRequestBody, type History } from '../shop/history.ts'

let dir = ''
let shop: History
let context: CollectContext

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shop-'))
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const trustKeyPem = publicKey.export({ type: 'spki', format: 'pem' }) as string
  shop = await buildHistory({ dir: join(dir, 'shop'), trustKeyPem, conductorSha: 'a'.repeat(40), errors: 0.2 })
  // As the job sees it: a clone, standing on the release branch.
  const workspace = join(dir, 'clone')
  execFileSync('git', ['clone', '--quiet', '--branch', shop.release.branch, shop.workDir, workspace])
  const repository = { owner: 'acme', name: 'shop', id: 1 }
  context = { workspace, apiUrl: 'http://127.0.0.1:1', token: null, repository, sha: shop.release.sha, base: 'main', pull: 1, now: 0 }
})

afterAll(() => rm(dir, { recursive: true }))

test('its config is valid', async () => {
  const parsed = parseConfig(await readFile(join(shop.workDir, '.github/release-conductor.yml'), 'utf8'))
  expect(parsed).toMatchObject({ ok: true })
})

test('its commits, and the owners of what they change, have no error', async () => {
  const collected = await collectCommits(context)
  const { commits, paths } = 'value' in collected ? collected.value : { commits: [], paths: [] }
  expect(commits).toHaveLength(3)
  expect(commits.flatMap(commitFindings).filter((finding) => finding.severity === 'error')).toEqual([])
  const file = { path: '.github/CODEOWNERS', text: await readFile(join(shop.workDir, '.github/CODEOWNERS'), 'utf8') }
  expect(ownerFindings({ file, problems: [] }, paths)).toEqual({ findings: [], unowned: 0 })
})

test('its image has no finding at all', async () => {
  const collected = await collectDockerfiles(context)
  const files = 'value' in collected ? collected.value.files : []
  expect(files.map(({ path }) => path)).toEqual(['Dockerfile'])
  expect(files.flatMap(({ path, text }) => dockerfileFindings(path, text ?? ''))).toEqual([])
})

test('its pull request fills every section, and a section left out is missed', async () => {
  expect(sectionFindings(await pullRequestBody())).toEqual([])
  expect(sectionFindings(await pullRequestBody(['Rollback'])).map(({ rule }) => rule)).toEqual(['template.rollback'])
})
