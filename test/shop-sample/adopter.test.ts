/** The sample adopter is a good citizen by our own standards: what the agents and the config reader would say of it. */
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CollectContext } from '../../agents/collect/collector.ts'
import { collectAttestations } from '../../agents/collect/attestations.ts'
import { collectCommits } from '../../agents/collect/commits.ts'
import { templateKeeper } from '../../agents/developer-experience/template-keeper.ts'
import { collectTemplates } from '../../agents/collect/templates.ts'
import { collectDockerfiles } from '../../agents/collect/dockerfiles.ts'
import { collectLockfiles } from '../../agents/collect/lockfiles.ts'
import { collectPolicy } from '../../agents/collect/policy.ts'
import { collectVulnerabilityReports } from '../../agents/collect/vulnerability-reports.ts'
import { commitFindings } from '../../agents/developer-experience/lint-marshal.commits.ts'
import { ownerFindings } from '../../agents/developer-experience/lint-marshal.owners.ts'
import { sectionFindings } from '../../agents/developer-experience/lint-marshal.template.ts'
import { dockerfileFindings } from '../../agents/platform/infrasec.rules.ts'
import { supplyChainLead } from '../../agents/security/supply-chain-lead.ts'
import { parseConfig } from '../../evidence/config/parse.ts'
import { buildHistory, pullRequestBody, type History } from '../shop/history.ts'

const NOW = Date.UTC(2027, 0, 15)
let dir = ''
let shop: History
let context: CollectContext

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shop-'))
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const trustKeyPem = publicKey.export({ type: 'spki', format: 'pem' }) as string
  shop = await buildHistory({ dir: join(dir, 'shop'), trustKeyPem, conductorSha: 'a'.repeat(40), errors: 0.2, scannedAt: NOW })
  // As the job sees it: a clone, standing on the release branch.
  const workspace = join(dir, 'clone')
  execFileSync('git', ['clone', '--quiet', '--branch', shop.release.branch, shop.workDir, workspace])
  const repository = { owner: 'acme', name: 'shop', id: 1 }
  context = { workspace, apiUrl: 'http://127.0.0.1:1', token: null, repository, sha: shop.release.sha, base: 'main', pull: 1, now: NOW }
})

afterAll(() => rm(dir, { recursive: true }))

test('its config is valid', async () => {
  const parsed = parseConfig(await readFile(join(shop.workDir, '.github/release-conductor.yml'), 'utf8'))
  expect(parsed).toMatchObject({ ok: true })
})

test('its commits, and the owners of what they change, have no error', async () => {
  const collected = await collectCommits(context)
  const { commits, paths } = 'value' in collected ? collected.value : { commits: [], paths: [] }
  expect(commits).toHaveLength(4)
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

test('its image is as its template made it, with one folder more', async () => {
  const report = templateKeeper.assess({ templates: value(await collectTemplates(context)) }, {})
  expect(report.findings.map(({ rule }) => rule)).toEqual(['template.drifted'])
  expect(report.measurements[0]).toMatchObject({ metrics: { templated_files: 1, required_sections: 2 }, measured: { n: 1 } })
})

test('its pull request fills every section, and a section left out is missed', async () => {
  expect(sectionFindings(await pullRequestBody())).toEqual([])
  expect(sectionFindings(await pullRequestBody(['Rollback'])).map(({ rule }) => rule)).toEqual(['template.rollback'])
})

function value<Value>(collected: { readonly value: Value } | { readonly blocked: { readonly why: string } }): Value {
  if ('blocked' in collected) throw new Error(collected.blocked.why)
  return collected.value
}

test('what it is made of is listed, scanned, licensed and built from this release, as its config asks', async () => {
  const inputs = {
    lockfiles: value(await collectLockfiles(context)),
    vulnerabilityReports: value(await collectVulnerabilityReports(context)),
    attestations: value(await collectAttestations(context)),
    policy: value(await collectPolicy(context)),
  }
  const report = supplyChainLead.assess(inputs, {})
  expect(report.findings).toEqual([])
  expect(report.measurements[0]).toMatchObject({
    metrics: {
      lockfiles: 1,
      sboms: 2,
      components: 14,
      scans: 1,
      packages_scanned: 14,
      same: 1,
      new_medium: 0,
      fixed: 0,
      artifacts: 1,
      signed: 1,
      proven: 1,
    },
  })
  expect(report.files.map(({ path }) => path)).toEqual(['sbom/shop.spdx.json', 'sbom/shop.cdx.json', 'supply_chain/vuln_diff.json'])
  expect(inputs.attestations.sources).toHaveLength(2)
})
