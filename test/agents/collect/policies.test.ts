import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PolicyEvaluations } from '../../../agents/collect/inputs.policies.ts'
import { collectPolicies } from '../../../agents/collect/policies.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { SHOP_BUNDLE } from '../../policy.ts'
import { contextOf, release } from './workspace.ts'

const BYTES = readFileSync(SHOP_BUNDLE)
const REGO = Object.fromEntries(
  ['jobs.rego', 'jobs_test.rego', 'workloads.rego', 'workloads_test.rego'].map((name) => [
    `policy/${name}`,
    readFileSync(join(import.meta.dirname, '../../shop/v1/policy', name), 'utf8'),
  ]),
)
const POD =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: shop, labels: { app: shop } }\nspec: { template: { spec: { containers: [{ name: web, image: "shop:1" }] } } }\n'
const BUNDLE = { path: 'policy.tar.gz', sha256: sha256(BYTES) }
const BUILT = { ...REGO, 'policy.tar.gz': BYTES }
const nobody = async () => null

/** @param before on the base branch @param files of the release */
async function collected(policies: object, before: Record<string, string | Buffer>, files: Record<string, string | Buffer> = {}) {
  const config = JSON.stringify({ version: 1, release: { base: ['main'] }, gates: { policy_ci: { policies } } })
  using repo = release({ 'k8s/a.yaml': POD, ...files }, undefined, { '.github/release-conductor.yml': config, ...before })
  return await collectPolicies(contextOf({ workspace: repo.path, sha: repo.head }), nobody)
}

async function value(...given: Parameters<typeof collected>) {
  const found = await collected(...given)
  if ('blocked' in found) throw new Error(found.blocked.why)
  expect(PolicyEvaluations.parse(found.value)).toEqual(found.value)
  return found.value
}

test('without Rego there is nothing to ask, and Rego elsewhere is named', async () => {
  expect(await value({}, {})).toMatchObject({ sets: [], documents: [], bundle: null, elsewhere: [] })
  expect(await value({}, { 'rules/a.rego': 'package a\n' })).toMatchObject({ sets: [], elsewhere: ['rules/a.rego'] })
})

test('Rego that nothing here evaluates is no answer: it says what would give one', async () => {
  expect(await collected({}, REGO)).toMatchObject({
    blocked: { why: expect.stringContaining('no program opa'), next: expect.stringContaining('policies.bundle') },
  })
  expect(await collected({}, {}, REGO)).toMatchObject({ blocked: { what: 'something that evaluates Rego' } })
})

test('the approved bundle answers about the documents of the head', async () => {
  const { bundle, documents, sets } = await value({ bundle: BUNDLE, ask: [{ documents: ['kubernetes'] }] }, BUILT)
  expect(documents).toMatchObject([{ path: 'k8s/a.yaml', kind: 'kubernetes', problem: null }])
  expect(sets).toMatchObject([
    { at: 'base', by: 'bundle', faults: [], answers: [{ results: [{ rule: 'deny', message: expect.stringContaining('shop:1') }] }] },
  ])
  expect(sets[0]?.sources).toHaveLength(4)
  expect([bundle?.head, bundle?.revision]).toEqual([BUNDLE.sha256, sets[0]?.tree])
})

test('whoever holds the approved bytes: those of the release, when the base approves them beforehand', async () => {
  const { bundle, sets } = await value({ bundle: BUNDLE }, { 'policy.tar.gz': 'the one before' }, BUILT)
  expect(bundle).toMatchObject({ head: BUNDLE.sha256, revision: sets[1]?.tree, problem: null })
  expect(sets).toMatchObject([
    { at: 'base', by: 'bundle' },
    { at: 'head', by: null },
  ])
})

test('another bundle is not asked, and the approved one of the base goes on', async () => {
  const { bundle, sets } = await value({ bundle: BUNDLE }, BUILT, { 'policy.tar.gz': 'another' })
  expect(bundle).toMatchObject({ base: BUNDLE.sha256, head: sha256('another') })
  expect(sets).toMatchObject([{ by: 'bundle' }])
  const nowhere = await value({ bundle: { ...BUNDLE, sha256: '0'.repeat(64) } }, BUILT)
  expect(nowhere).toMatchObject({ bundle: { head: BUNDLE.sha256, revision: null }, sets: [{ by: null, answers: [] }] })
})

test('a bundle that is approved and is none', async () => {
  const none = 'no bundle'
  expect(await value({ bundle: { ...BUNDLE, sha256: sha256(none) } }, { ...REGO, 'policy.tar.gz': none })).toMatchObject({
    bundle: { problem: expect.stringContaining('cannot be read') },
    sets: [{ by: null }],
  })
})

test('other Rego of the release stands beside that of the base', async () => {
  const { sets } = await value({ bundle: BUNDLE }, BUILT, { 'policy/more.rego': 'package main\n' })
  expect(sets).toMatchObject([{ at: 'base' }, { at: 'head', by: null }])
  expect(sets[1]?.tree).not.toBe(sets[0]?.tree)
  expect(sets[1]?.sources).toHaveLength(5)
})

test('links, and files without end, are told and not read', async () => {
  const { sets } = await value({ bundle: BUNDLE }, { ...BUILT, 'policy/link.rego': '->/etc/passwd', 'policy/large.rego': `# ${'x'.repeat(1 << 20)}` })
  expect(sets[0]?.sources.filter(({ problem }) => problem !== null)).toMatchObject([
    { path: 'policy/large.rego', problem: expect.stringContaining('bytes') },
    { path: 'policy/link.rego', problem: 'it is a symbolic link' },
  ])
})

test('a config that cannot be used blocks', async () => {
  expect(await collected({ folder: '../x' }, {})).toMatchObject({ blocked: { what: 'gates.policy_ci' } })
})
