import { afterEach, describe, expect, test } from 'vitest'
import { s3Keeper, type S3Options } from '../../../../app/keep/keepers/s3.ts'
import { timestamp } from '../../../../evidence/model/primitives.ts'
import { enforcesTimeAndHolds, itemOf, keepsWhatItIsGiven } from './contract.ts'
import { KEY_ID, s3Double, SECRET, type S3Double } from './s3-double.ts'

const BYTES = Buffer.from('the bytes of a pack')
const ITEM = itemOf(BYTES)
const HOUR = 3_600_000
const open: S3Double[] = []
afterEach(async () => {
  for (const double of open.splice(0)) await double.close()
})

async function opened(over: Partial<S3Options> = {}) {
  const double = await s3Double()
  open.push(double)
  const now = (): number => double.now
  const keeper = s3Keeper({
    name: 'bucket',
    endpoint: new URL(double.url),
    region: 'eu-central-1',
    bucket: 'evidence',
    keyId: KEY_ID,
    secret: SECRET,
    timeoutMs: 2_000,
    backoffMs: [5, 5],
    mode: 'compliance',
    prefix: '',
    now,
    ...over,
  })
  return { double, keeper, now }
}
const keyOf = `sha256/${ITEM.sha256}`

keepsWhatItIsGiven(opened)
enforcesTimeAndHolds(opened)

describe('a lock', () => {
  test('is set with the put, in the mode the operator chose, until the time of the policy', async () => {
    const { keeper, double } = await opened({ mode: 'governance', prefix: 'packs/' })
    const until = timestamp(double.now + HOUR)
    await keeper.put(ITEM, BYTES, until)
    expect(double.objects.get(`packs/${keyOf}`)).toMatchObject([{ mode: 'GOVERNANCE', until: Date.parse(until), held: false }])
    expect(double.asked.find((one) => one.method === 'PUT')?.headers).toMatchObject({
      'x-amz-checksum-sha256': expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
    })
    expect(await keeper.check()).toEqual(['its mode is governance: whoever may bypass it can delete early'])
  })

  test('that is over lets it go, every version of it; a bypass is never asked for', async () => {
    const { keeper, double } = await opened()
    await keeper.put(ITEM, BYTES, timestamp(double.now + HOUR))
    const [version] = double.objects.get(keyOf) ?? []
    if (version !== undefined) double.objects.set(keyOf, [{ ...version, id: 'older' }, version])
    double.now += HOUR + 1
    expect(await keeper.delete(ITEM)).toBe('deleted')
    expect(double.objects.get(keyOf)).toEqual([])
    expect(double.asked.flatMap((one) => Object.keys(one.headers)).filter((name) => name.includes('bypass'))).toEqual([])
  })

  test('twice is one version', async () => {
    const { keeper, double } = await opened()
    for (let time = 0; time < 3; time++) await keeper.put(ITEM, BYTES, timestamp(double.now + HOUR))
    expect(double.objects.get(keyOf)).toHaveLength(1)
  })

  test('that the bucket does not have is refused and told', async () => {
    const { keeper, double } = await opened()
    double.locking = false
    double.versioning = false
    await expect(keeper.put(ITEM, BYTES, timestamp(double.now + HOUR))).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('InvalidRequest'),
    })
    expect((await keeper.check()).join()).toMatch(/versioning of the bucket evidence is not enabled.*has no object lock/)
  })

  test('is not asked for with mode none, and then nothing is locked', async () => {
    const { keeper, double } = await opened({ mode: 'none' })
    await keeper.put(ITEM, BYTES, timestamp(double.now + HOUR))
    await keeper.hold(ITEM, true)
    expect(await keeper.head(ITEM)).toMatchObject({ lockedUntil: null, held: false })
    expect(await keeper.check()).toContain('its mode is none: nothing is locked')
  })
})

describe('what is hostile or broken', () => {
  test.each<[string, Partial<S3Options>, RegExp]>([
    ['another secret', { secret: 'another' }, /SignatureDoesNotMatch/],
    ['another key id', { keyId: 'ANOTHER' }, /InvalidAccessKeyId/],
  ])('%s is refused, and no key stands in the message', async (_what, over, code) => {
    const { keeper } = await opened(over)
    const error = await keeper.get(ITEM).catch((one: unknown) => one as Error)
    expect(error).toMatchObject({ name: 'StorageError', code: 'refused', message: expect.stringMatching(code) })
    expect(String(error)).not.toContain(SECRET)
  })

  test('other bytes than were put are never given', async () => {
    const { keeper, double } = await opened()
    await keeper.put(ITEM, BYTES, timestamp(double.now + HOUR))
    const [version] = double.objects.get(keyOf) ?? []
    if (version !== undefined) double.objects.set(keyOf, [{ ...version, bytes: Buffer.from('other bytes') }])
    await expect(keeper.get(ITEM)).rejects.toMatchObject({ code: 'changed' })
  })

  test('holding or extending what is absent is told', async () => {
    const { keeper, double } = await opened()
    await expect(keeper.hold(ITEM, true)).rejects.toMatchObject({ code: 'absent' })
    await expect(keeper.extend(ITEM, timestamp(double.now + HOUR))).rejects.toMatchObject({ code: 'absent' })
  })
})
