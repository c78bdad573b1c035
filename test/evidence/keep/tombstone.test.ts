import { describe, expect, test } from 'vitest'
import { approvePurge, requestPurge } from '../../../app/keep/purge-run.ts'
import { keep } from '../../../app/keep/archive.ts'
import { KeepError } from '../../../evidence/keep/error.ts'
import { keepStatement, predicateTypeOf, readSigned, signAct, SIGNED_ACTS } from '../../../evidence/keep/signed.ts'
import { readTombstone, tombstoneStatement, type Tombstone } from '../../../evidence/keep/tombstone.ts'
import { parseJson } from '../../../evidence/core/json.ts'
import { timestamp } from '../../../evidence/model/primitives.ts'
import { APP, APP_KEY, archiveOn, BYTES, DAY, diskOf, KEEP, PACK, packsOn, PEOPLE, person, SEALED } from '../../app/keep/memory.ts'

const WHY = 'its time is over'
const LATE = SEALED + 401 * DAY

/** Signs whatever it is told to. */
async function bundleOf(signer: string, kind: string, predicate: Readonly<Record<string, unknown>>, pack = PACK.sha256): Promise<unknown> {
  return person(signer).signer.sign(keepStatement(kind, pack, predicate))
}

const asked = { schema_version: 1 as const, class: KEEP.class, until: KEEP.until, reason: WHY, by: 'carol', at: timestamp(LATE) }

async function partsOf(
  over: Partial<Tombstone> = {},
  request: Partial<typeof asked> = {},
  approvers: readonly string[] = ['alice', 'bob'],
): Promise<Tombstone> {
  const signed = (await bundleOf(request.by ?? 'carol', 'purge-request', { ...asked, ...request })) as Record<string, unknown>
  const read = readSigned(signed, PEOPLE, 'purge-request', SIGNED_ACTS['purge-request'])
  const digest = read instanceof KeepError ? 'f'.repeat(64) : read.digest
  const approvals = await Promise.all(
    approvers.map((by) =>
      signAct(person(by).signer, 'purge-approval', PACK.sha256, { schema_version: 1, request: digest, by, at: timestamp(LATE + 1) }),
    ),
  )
  return {
    schema_version: 1,
    pack: PACK,
    keep: KEEP,
    reason: WHY,
    requested_by: 'carol',
    approved_by: [...approvers],
    request: signed,
    approvals,
    stores: [{ store: 'archive', found: true }],
    started_at: timestamp(LATE + 2),
    purged_at: timestamp(LATE + 3),
    log: { entries: 6, root: 'e'.repeat(64) },
    ...over,
  }
}

const read = async (tombstone: Tombstone, signer = 'app', pack = PACK.sha256) =>
  readTombstone({ bundle: await bundleOf(signer, 'tombstone', tombstone, pack), keys: APP_KEY, people: PEOPLE })

test('what was done right is a proof', async () => {
  expect(await read(await partsOf())).toMatchObject({ signer: 'app', tombstone: { requested_by: 'carol', approved_by: ['alice', 'bob'] } })
})

describe('what was not is none', () => {
  test.each<[string, string, () => Promise<unknown>]>([
    ['signed by a person instead of the App', 'bad-signature', async () => read(await partsOf(), 'alice')],
    ['about another pack', 'contradiction', async () => read(await partsOf(), 'app', 'f'.repeat(64))],
    ['before its time', 'contradiction', async () => read(await partsOf({ keep: { ...KEEP, until: timestamp(LATE + 10) } }))],
    ['ended before it began', 'contradiction', async () => read(await partsOf({ purged_at: timestamp(LATE) }))],
    ['with another reason than was asked with', 'contradiction', async () => read(await partsOf({ reason: 'another reason' }))],
    ['asked for by another than it says', 'contradiction', async () => read(await partsOf({ requested_by: 'dave' }))],
    ['asked for after it began', 'contradiction', async () => read(await partsOf({}, { at: timestamp(LATE + 5) }))],
    ['asked for too long before', 'contradiction', async () => read(await partsOf({}, { at: timestamp(LATE - 31 * DAY) }))],
    ['approved by who asked', 'own-request', async () => read(await partsOf({}, {}, ['alice', 'carol']))],
    ['approved by one person twice', 'same-person', async () => read(await partsOf({}, {}, ['alice', 'alice']))],
    [
      'approved for another request',
      'contradiction',
      async () => read({ ...(await partsOf()), request: (await partsOf({}, { at: timestamp(LATE - 1) })).request }),
    ],
    ['approved by others than it says', 'contradiction', async () => read(await partsOf({ approved_by: ['alice', 'dave'] }))],
    ['approved by fewer than it names', 'too-few-approvers', async () => read(await partsOf({ approved_by: ['alice', 'bob', 'dave'] }))],
    [
      'approved before it was asked for',
      'contradiction',
      async () => read(await partsOf({ started_at: timestamp(LATE + 2) }, { at: timestamp(LATE + 2) })),
    ],
    ['with one approval', 'malformed', async () => read(await partsOf({}, {}, ['alice']))],
    [
      'that is a request',
      'malformed',
      async () => readTombstone({ bundle: await bundleOf('app', 'purge-request', asked), keys: APP_KEY, people: PEOPLE }),
    ],
    ['that is no bundle', 'malformed', async () => readTombstone({ bundle: Buffer.from('{"a":1}'), keys: APP_KEY, people: PEOPLE })],
    ['that is no JSON', 'malformed', async () => readTombstone({ bundle: Buffer.from('PK'), keys: APP_KEY, people: PEOPLE })],
    [
      'without anybody to trust',
      'bad-signature',
      async () => readTombstone({ bundle: await bundleOf('app', 'tombstone', await partsOf()), keys: [], people: [] }),
    ],
    [
      'with people whose keys are not given',
      'bad-signature',
      async () =>
        readTombstone({
          bundle: await bundleOf('app', 'tombstone', await partsOf()),
          keys: APP_KEY,
          people: PEOPLE.filter(({ id }) => id !== 'bob'),
        }),
    ],
  ])('%s: %s', async (_what, code, work) => {
    expect(await work()).toMatchObject({ name: 'KeepError', code })
  })

  test('one flipped bit anywhere in the signed part', async () => {
    const bundle = (await bundleOf('app', 'tombstone', await partsOf())) as { dsseEnvelope: { payload: string } }
    const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64')
    for (let at = 0; at < payload.length; at += 97) {
      const changed = Buffer.from(payload)
      changed[at] = (changed[at] ?? 0) ^ 1
      const spoilt = { ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, payload: changed.toString('base64') } }
      expect(readTombstone({ bundle: spoilt, keys: APP_KEY, people: PEOPLE })).toMatchObject({ code: 'bad-signature' })
    }
  })

  test('two names with one key are one person', async () => {
    const [alice] = PEOPLE.filter(({ id }) => id === 'alice')
    const people = [...PEOPLE.filter(({ id }) => id !== 'bob'), { id: 'bob', publicKeyPem: alice?.publicKeyPem ?? '' }]
    expect(readTombstone({ bundle: await bundleOf('app', 'tombstone', await partsOf()), keys: APP_KEY, people })).toMatchObject({
      code: 'bad-signature',
    })
  })
})

test('the statement is a function of the log, and there is none before every store has deleted', async () => {
  const disk = diskOf(['archive'])
  await keep(archiveOn(disk), { pack: PACK, keep: KEEP, store: 'archive', bytes: BYTES, by: APP })
  disk.now = LATE
  await requestPurge(archiveOn(disk), PACK.sha256, WHY, person('carol'))
  await approvePurge(archiveOn(disk), PACK.sha256, person('alice'))
  await approvePurge(archiveOn(disk), PACK.sha256, person('bob'))
  const waiting = packsOn(disk).get(PACK.sha256)
  if (waiting === undefined) throw new Error('it was kept')
  const log = { entries: 5, root: 'e'.repeat(64) }
  const started = { request: waiting.request?.id ?? 0, startedAt: timestamp(LATE), stores: ['archive'], deleted: {}, done: null }
  expect(tombstoneStatement(waiting, timestamp(LATE), log)).toMatchObject({ code: 'purging' })
  expect(tombstoneStatement({ ...waiting, purge: started }, timestamp(LATE), log)).toMatchObject({ code: 'purging' })
  const whole = { ...waiting, purge: { ...started, deleted: { archive: true } } }
  const bytes = tombstoneStatement(whole, timestamp(LATE), log)
  if (bytes instanceof KeepError) throw bytes
  expect(tombstoneStatement(whole, timestamp(LATE), log)).toEqual(bytes)
  expect(parseJson(bytes)).toMatchObject({
    predicateType: predicateTypeOf('tombstone'),
    subject: [{ name: 'evidence.zip', digest: { sha256: PACK.sha256 } }],
  })
})
