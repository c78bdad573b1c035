import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collectRegistry } from '../../../agents/collect/registry-references.ts'
import { artifactorySteward } from '../../../agents/platform/artifactory-steward.ts'
import { REGISTRY, startRegistry, type Registry } from '../../support/registry.ts'
import { contextOf, release } from './workspace.ts'

const NONE = `sha256:${'0'.repeat(64)}`
const OCI = 'application/vnd.oci.image'

/** What the collector answers, and the rules that the agent finds. */
async function collected(host: string, references: object | string | null, { hosts = [host], mirrors = `[${host}/acme/mirror]` } = {}) {
  const config = `version: 1\nrelease: { base: [main] }\nconduct: { hosts: ${JSON.stringify(hosts)} }\ngates: { supply_chain: { no_artifacts: only images, registries: [{ repository: "${host}/acme/shop", mirrors: ${mirrors}, retention: 400d }] } }\n`
  const text = typeof references === 'string' ? references : JSON.stringify(references)
  using repo = release(references === null ? {} : { 'supply-chain/references.json': text }, undefined, { '.github/release-conductor.yml': config })
  const answer = await collectRegistry(contextOf({ workspace: repo.path, sha: repo.head }))
  if ('blocked' in answer) return { blocked: answer.blocked.what, rules: [], repository: undefined }
  const policy = { base: repo.base, path: '.github/release-conductor.yml', text: config }
  const report = artifactorySteward.assess({ registry: answer.value, policy }, {})
  return { blocked: null, rules: report.findings.map(({ rule }) => rule.replace('registry.', '')), repository: answer.value.repositories[0] }
}

describe.skipIf(REGISTRY === null)('a real registry', () => {
  let registry: Registry
  beforeAll(async () => void (registry = await startRegistry()))
  afterAll(async () => registry[Symbol.asyncDispose]())

  test('the same in the mirror, under tags that stayed; then a tag moves, and a mirror is behind', async () => {
    const { host } = registry
    const digest = await registry.push('acme/shop', 'v1.0.0', [{ layer: 'a' }])
    await registry.push('acme/mirror', 'v1.0.0', [{ layer: 'a' }])
    const named = { images: { [`${host}/acme/shop`]: digest }, tags: { [`${host}/acme/shop`]: { 'v1.0.0': digest } } }
    const well = await collected(host, named)
    expect(well.rules).toEqual([])
    expect(well.repository).toMatchObject({ held: { digest }, mirrors: [{ repository: `${host}/acme/mirror`, digest }], referrers: null })
    await registry.push('acme/mirror', 'v1.0.0', [{ layer: 'other' }])
    expect((await collected(host, named)).rules).toEqual(['mirror-differs'])
    await registry.push('acme/shop', 'v1.0.0', [{ layer: 'moved' }])
    expect((await collected(host, named)).rules).toEqual(['moved-tag', 'mirror-differs'])
    expect((await collected(host, { images: { [`${host}/acme/shop`]: 'v1.0.0' } })).rules).toEqual(['by-tag', 'mirror-differs'])
  })

  test('what refers to an image is listed by the tag that registries without the API use', async () => {
    const { host } = registry
    const digest = await registry.push('acme/shop', 'v2.0.0', [{ layer: 'b' }])
    const manifest = (await (
      await fetch(`http://${host}/v2/acme/shop/manifests/${digest}`, { headers: { accept: `${OCI}.manifest.v1+json` } })
    ).json()) as object
    const sbom = await registry.put('acme/shop', 'sbom', `${OCI}.manifest.v1+json`, { ...manifest, annotations: { about: digest } })
    const entry = {
      mediaType: `${OCI}.manifest.v1+json`,
      digest: sbom,
      size: JSON.stringify({ ...manifest, annotations: { about: digest } }).length,
      artifactType: 'application/spdx+json',
    }
    await registry.put('acme/shop', digest.replace(':', '-'), `${OCI}.index.v1+json`, {
      schemaVersion: 2,
      mediaType: `${OCI}.index.v1+json`,
      manifests: [entry],
    })
    const { repository } = await collected(host, { images: { [`${host}/acme/shop`]: digest } }, { mirrors: '[]' })
    expect(repository?.referrers).toEqual([{ digest: sbom, type: 'application/spdx+json' }])
  })

  test('what is not there, not named, or not on the list of hosts is said', async () => {
    const { host } = registry
    const images = { [`${host}/acme/shop`]: NONE }
    expect((await collected(host, { images })).rules).toEqual(['absent', 'mirror-lacks'])
    expect((await collected(host, null)).rules).toEqual(['not-named'])
    expect((await collected(host, { images }, { hosts: [] })).repository?.held?.why).toContain('conduct.hosts')
  })
})

test('a file that is none blocks; a registry that is down is told; without a registry nobody is asked', async () => {
  for (const bad of ['[]', '{', '{"images": {"a": 1}}']) expect((await collected('127.0.0.1:9', bad)).blocked).toBe('supply-chain/references.json')
  expect((await collected('127.0.0.1:9', { images: { '127.0.0.1:9/acme/shop': NONE } })).rules).toEqual(['absent', 'mirror-lacks'])
  using repo = release({}, undefined, { '.github/release-conductor.yml': 'version: 1\nrelease: { base: [main] }\n' })
  expect(await collectRegistry(contextOf({ workspace: repo.path, sha: repo.head }))).toMatchObject({
    value: { repositories: [], evidence_ms: 400 * 86_400_000 },
  })
})
