/**
 * A real S3 server with versioning and object lock keeps our packs, and refuses what it should: versitygw (its posix backend needs a disk with extended
 * attributes). What it locks in compliance mode not even its root may delete.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { s3Keeper, type S3Options } from '../../app/keep/keepers/s3.ts'
import { s3Call } from '../../app/keep/keepers/s3-request.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { enforcesTimeAndHolds, itemOf, keepsWhatItIsGiven } from '../app/keep/keepers/contract.ts'
import { tool } from '../support/tools.ts'

const GATEWAY = tool('versitygw')
const ROOT = { keyId: 'AKIDEXAMPLE', secret: 'a-secret-of-the-test' }

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}

describe.skipIf(GATEWAY === null)('versitygw (skipped where it is absent)', () => {
  let folder = ''
  let gateway: ChildProcess | null = null
  let place: S3Options
  let buckets = 0

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'interop-s3-'))
    await mkdir(join(folder, 'data'))
    await mkdir(join(folder, 'versions'))
    const port = await freePort()
    gateway = spawn(GATEWAY ?? '', ['--port', `127.0.0.1:${port}`, 'posix', '--versioning-dir', join(folder, 'versions'), join(folder, 'data')], {
      env: { ROOT_ACCESS_KEY: ROOT.keyId, ROOT_SECRET_KEY: ROOT.secret, HOME: folder },
      stdio: 'ignore',
    })
    place = {
      ...ROOT,
      name: 'bucket',
      endpoint: new URL(`http://127.0.0.1:${port}`),
      region: 'us-east-1',
      bucket: 'none-yet',
      prefix: 'packs/',
      mode: 'compliance',
      timeoutMs: 20_000,
      backoffMs: [250, 1_000],
      now: () => Date.now(),
    }
    const answers = (): Promise<boolean> =>
      s3Call(place, { method: 'GET', key: null }).then(
        () => true,
        () => false,
      )
    await vi.waitUntil(answers, { timeout: 30_000, interval: 100 })
  })

  afterAll(async () => {
    gateway?.kill()
    await rm(folder, { recursive: true, force: true })
  })

  /** A bucket of its own for each test: what is locked stays. */
  async function opened(lock = true) {
    const of = { ...place, bucket: `evidence-${(buckets += 1)}` }
    const made = await s3Call(of, { method: 'PUT', key: null, headers: lock ? { 'x-amz-bucket-object-lock-enabled': 'true' } : {} })
    expect(made.status).toBe(200)
    return { keeper: s3Keeper(of), now: () => Date.now(), of }
  }

  keepsWhatItIsGiven(opened)
  enforcesTimeAndHolds(opened)

  test('a bucket with versioning and object lock is in order; one without is told', async () => {
    expect(await (await opened()).keeper.check()).toEqual([])
    expect((await (await opened(false)).keeper.check()).join()).toMatch(/versioning.*not enabled.*no object lock/)
  })

  test('compliance: root itself cannot delete or shorten it before its time; afterwards it goes, every version', async () => {
    const { keeper, of } = await opened()
    const bytes = Buffer.from('the bytes of a pack')
    const item = itemOf(bytes)
    await keeper.put(item, bytes, timestamp(Date.now() + 6_000))
    await expect(keeper.delete(item)).rejects.toMatchObject({ code: 'locked' })
    const key = `packs/sha256/${item.sha256}`
    const bypass = { 'x-amz-bypass-governance-retention': 'true' }
    const versions = Buffer.from((await s3Call(of, { method: 'GET', key: null, query: { versions: '' } })).body).toString()
    const version = /<VersionId>([^<]+)</.exec(versions)?.[1] ?? ''
    expect((await s3Call(of, { method: 'DELETE', key, query: { versionId: version }, headers: bypass })).status).toBe(403)
    expect(await keeper.get(item)).not.toBeNull()
    await expect.poll(() => keeper.delete(item).catch((error: { code: string }) => error.code), { timeout: 30_000, interval: 500 }).toBe('deleted')
    expect(await keeper.head(item)).toBeNull()
    expect(await keeper.list()).toEqual([])
  })

  test('a delete marker on top does not hide a version from the purge', async () => {
    const { keeper, of } = await opened()
    const bytes = Buffer.from('the bytes of a pack')
    const item = itemOf(bytes)
    await keeper.put(item, bytes, timestamp(Date.now() - 1_000))
    expect((await s3Call(of, { method: 'DELETE', key: `packs/sha256/${item.sha256}` })).status).toBe(204)
    expect(await keeper.head(item)).toBeNull()
    expect(await keeper.delete(item)).toBe('deleted')
    expect(await keeper.delete(item)).toBe('absent')
  })

  test('another secret is refused', async () => {
    const { of } = await opened()
    await expect(s3Keeper({ ...of, secret: 'another' }).list()).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('SignatureDoesNotMatch'),
    })
  })
})
