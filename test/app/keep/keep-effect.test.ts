import { beforeAll, describe, expect, test } from 'vitest'
import { keepEffects, type KeepEffect } from '../../../app/keep/keep-effect.ts'
import { buildPack } from '../../../evidence/pack/build.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { localKeySigner } from '../../../evidence/sign/local-key.ts'
import { goldenInputs } from '../../evidence/pack/golden.ts'
import { KEYS } from '../../evidence/verify/statements.ts'
import { archiveOn, diskOf, KEEP, packsOn } from './memory.ts'

let zip: Uint8Array
beforeAll(async () => {
  ;({ zip } = await buildPack({ ...(await goldenInputs()), keep: KEEP, signer: localKeySigner({ id: 'demo', privateKeyPem: KEYS.privateKeyPem }) }))
})
const effect = (over: Partial<KeepEffect> = {}): KeepEffect => ({
  kind: 'pack.keep',
  key: 'k',
  store: 'bucket',
  path: '/p',
  sha256: sha256(zip),
  seal: 2,
  ...over,
})

test('the sealed pack is put, read back and entered, with the time its own manifest says; twice is once', async () => {
  const disk = diskOf()
  const effects = keepEffects(archiveOn(disk), async () => zip)
  expect(await effects.find(effect())).toBeNull()
  const outcome = await effects.perform(effect())
  expect(outcome).toMatchObject({ id: null, data: { location: `bucket/${sha256(zip)}`, until: KEEP.until } })
  expect(await effects.perform(effect())).toEqual(outcome)
  expect(disk.entries).toHaveLength(1)
  expect(packsOn(disk).get(sha256(zip))).toMatchObject({ until: KEEP.until, copies: [{ store: 'bucket' }] })
})

describe('nothing is kept', () => {
  test.each<[string, string, () => Uint8Array | null, Partial<KeepEffect>]>([
    ['when the sealed file is gone', 'absent', () => null, {}],
    ['when it is another one now', 'changed', () => Buffer.from('other'), {}],
    ['in a store the operator does not name', 'unknown-store', () => zip, { store: 'nowhere' }],
    ['that is no pack', 'malformed', () => Buffer.from('PK'), { sha256: sha256('PK') }],
  ])('%s: %s', async (_what, code, bytes, over) => {
    const disk = diskOf()
    await expect(keepEffects(archiveOn(disk), async () => bytes()).perform(effect(over))).rejects.toMatchObject({ code })
    expect(disk.entries).toEqual([])
  })
})
