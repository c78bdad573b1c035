import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collectRegistryImages } from '../../../agents/collect/registry-images.ts'
import { registryGet } from '../../../agents/collect/registry/client.ts'
import { infrasec } from '../../../agents/platform/infrasec.ts'
import { REGISTRY, startRegistry, type Registry } from '../../support/registry.ts'
import { contextOf, release } from './workspace.ts'

const NONE = `sha256:${'0'.repeat(64)}`

/** What the collector answers for one image of this repository and digest. */
async function collected(host: string, digest: string | null, { hosts = [host], budget = 1 } = {}) {
  const config = `version: 1\nrelease: { base: [main] }\nconduct: { hosts: ${JSON.stringify(hosts)} }\nbudgets: { max_image_mb: { "sh*": ${budget} } }\ngates: { hardening: { images: [{ service: shop, repository: "${host}/acme/shop" }] } }\n`
  const files = digest === null ? {} : { 'supply-chain/images.json': JSON.stringify({ shop: digest }) }
  using repo = release(files, undefined, { '.github/release-conductor.yml': config })
  const answer = await collectRegistryImages(contextOf({ workspace: repo.path, sha: repo.head }))
  if ('blocked' in answer) throw new Error(answer.blocked.why)
  const [image] = answer.value.images
  if (image === undefined) throw new Error('no image')
  const report = infrasec.assess({ dockerfiles: { head: repo.head, files: [] }, registryImages: answer.value }, {})
  return { image, rules: report.findings.map(({ rule, subject }) => `${rule.replace('image.', '')} ${subject}`) }
}

describe.skipIf(REGISTRY === null)('a real registry', () => {
  let registry: Registry
  beforeAll(async () => void (registry = await startRegistry()))
  afterAll(async () => registry[Symbol.asyncDispose]())

  test('every platform with its user, variables, history and size; the last releases with theirs', async () => {
    await registry.push('acme/shop', 'v1.0.0', [{ layer: 'x'.repeat(100) }])
    await registry.push('acme/shop', 'v1.1.0', [{ layer: 'x'.repeat(200) }])
    await registry.push('acme/shop', 'nightly', [{ layer: 'y' }])
    const config = { config: { User: 'root', Env: ['DB_PASSWORD=hunter2'] }, history: [{ created_by: 'RUN |1 NPM_TOKEN=abcdef /bin/sh -c npm ci' }] }
    const digest = await registry.push('acme/shop', 'v2.0.0', [{ layer: 'z'.repeat(300) }, { platform: 'linux/arm64', config }])
    const { image, rules } = await collected(registry.host, digest)
    expect(image).toMatchObject({
      digest,
      why: null,
      budget_mb: 1,
      platforms: [
        { platform: 'linux/amd64', bytes: 300, user: '1000', problem: null },
        { platform: 'linux/arm64', user: 'root', env: ['DB_PASSWORD=hunter2'] },
      ],
      before: [
        { version: 'v1.1.0', bytes: 200 },
        { version: 'v1.0.0', bytes: 100 },
      ],
    })
    expect(rules).toEqual(['user-root shop linux/arm64', 'secret-in-config shop linux/arm64', 'secret-in-config shop linux/arm64', 'grew shop'])
    expect((await collected(registry.host, digest, { budget: 0.0002 })).rules).toContain('over-budget shop')
  })

  test('a platform whose manifest is gone, or that was built for another, is bad; the others are read', async () => {
    const digest = await registry.push('acme/shop', 'v3.0.0', [{ layer: 'a' }, { platform: 'linux/arm64', layer: 'b' }])
    const listed = (await (
      await fetch(`http://${registry.host}/v2/acme/shop/manifests/${digest}`, { headers: { accept: 'application/vnd.oci.image.index.v1+json' } })
    ).json()) as { manifests: { digest: string; platform: object; size: number; mediaType: string }[] }
    const [amd, arm] = listed.manifests
    const wrong = { ...listed, manifests: [{ ...amd, platform: { os: 'linux', architecture: 's390x' } }, arm] }
    const mislabelled = await registry.put('acme/shop', 'v3.0.1', 'application/vnd.oci.image.index.v1+json', wrong)
    expect((await collected(registry.host, mislabelled)).rules).toContain('platform-bad shop linux/s390x')
    rmSync(join(registry.folder, 'data/docker/registry/v2/repositories/acme/shop/_manifests/revisions/sha256', arm?.digest.slice(7) ?? ''), {
      recursive: true,
    })
    const { image, rules } = await collected(registry.host, digest)
    expect(image.platforms?.map(({ problem }) => problem)).toEqual([null, 'the registry does not have its manifest'])
    expect(rules).toContain('platform-bad shop linux/arm64')
  })

  test('what is not there, not named, or not on the list of hosts is said and not passed over', async () => {
    expect((await collected(registry.host, NONE)).image).toMatchObject({ platforms: null, why: 'the registry does not have it' })
    expect((await collected(registry.host, null)).image).toMatchObject({
      digest: null,
      platforms: null,
      why: expect.stringContaining('names no digest') as string,
    })
    const foreign = await collected(registry.host, NONE, { hosts: [] })
    expect(foreign.image.why).toContain('conduct.hosts')
    expect(foreign.rules).toEqual(['unread shop'])
  })
})

interface Scripted {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** A registry that answers as it is told. */
async function scripted(answer: (path: string, authorization: string | undefined) => Scripted | null) {
  const server = createServer((request, response) => {
    const given = answer(request.url ?? '', request.headers.authorization)
    if (given !== null) response.writeHead(given.status ?? 200, given.headers ?? {}).end(given.body ?? '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const get = (host: string, path = 'tags/list', hosts = [host]) => registryGet({ repository: `${host}/a`, path, accept: '*/*', maxBytes: 1000, hosts })

test('a token that everybody gets is asked for, and sent to nobody but the registry', async () => {
  const seen: (string | undefined)[] = []
  let other = ''
  await using storage = await scripted((_path, authorization) => (seen.push(authorization), { body: 'stored' }))
  await using registry = await scripted((path, authorization) => {
    if (path.startsWith('/token')) return { body: '{"token":"t0k"}' }
    if (authorization !== 'Bearer t0k')
      return { status: 401, headers: { 'www-authenticate': `Bearer realm="http://${other}/token",service="s",scope="x"` } }
    return { status: 307, headers: { location: `http://${storage.host}/blob` } }
  })
  other = registry.host
  const found = await get(registry.host, 'tags/list', [registry.host, storage.host])
  expect([found?.bytes.toString(), seen]).toEqual(['stored', [undefined]])
  await expect(get(registry.host)).rejects.toMatchObject({ code: 'api-refused', message: expect.stringContaining(storage.host) as string })
})

test.each<[string, Scripted, string]>([
  ['wants a password', { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }, 'api-refused'],
  ['fails', { status: 503 }, 'api-refused'],
  ['sends its readers round in circles', { status: 302, headers: { location: '/v2/a/tags/list' } }, 'answer-invalid'],
  ['answers too much', { body: 'x'.repeat(1001) }, 'too-large'],
])('a registry that %s', async (_what, answer, code) => {
  await using registry = await scripted(() => answer)
  await expect(get(registry.host)).rejects.toMatchObject({ code })
})

test('bytes of another digest, no manifest, and a registry that is down are told', async () => {
  await using registry = await scripted(() => ({ headers: { 'content-type': 'text/html' }, body: '<html>' }))
  await expect(get(registry.host, `blobs/${NONE}`)).rejects.toMatchObject({ code: 'answer-invalid' })
  expect((await collected(registry.host, NONE)).image.why).toContain('another digest')
  await expect(get('127.0.0.1:9')).rejects.toMatchObject({ code: 'api-unreachable' })
})

test('without a config, and without images in it, nobody is asked', async () => {
  for (const config of ['version: 1\nrelease: { base: [main] }\n', null]) {
    using repo = release(
      {},
      undefined,
      config === null ? { '.github/release-conductor.yml': '->nothing' } : { '.github/release-conductor.yml': config },
    )
    const answer = await collectRegistryImages(contextOf({ workspace: repo.path, sha: repo.head }))
    expect(answer).toMatchObject({ value: { images: [] } })
  }
  using bad = release({ 'supply-chain/images.json': '[]' }, undefined, {
    '.github/release-conductor.yml':
      'version: 1\nrelease: { base: [main] }\ngates: { hardening: { images: [{ service: a, repository: ghcr.io/a/b }] } }\n',
  })
  expect(await collectRegistryImages(contextOf({ workspace: bad.path, sha: bad.head }))).toMatchObject({
    blocked: { what: 'supply-chain/images.json' },
  })
})
