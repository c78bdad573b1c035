import { describe, expect, test } from 'vitest'
import { logOfPacks, signersOf } from '../../app/signing.ts'
import { generateKeyPair } from '../../evidence/sign/local-key.ts'
import { fakeSigstore } from '../support/fulcio.ts'
import { Sigstore } from '../support/sigstore/instance.ts'
import { fakeRekor } from '../support/sigstore/rekor.ts'

const KEYS = generateKeyPair()
const signing = { id: 'app', key: KEYS.privateKeyPem }

const count = (bundle: unknown): number =>
  (bundle as { verificationMaterial: { timestampVerificationData?: { rfc3161Timestamps?: unknown[] } } }).verificationMaterial
    .timestampVerificationData?.rfc3161Timestamps?.length ?? 0

async function timestampsOf(tsaUrl: string | null): Promise<{ stamps: number; warned: string[]; statement: number }> {
  const warned: string[] = []
  const { signer, sealer } = signersOf({ signing, tsaUrl }, { warn: (_fields, message) => void warned.push(message) })
  return { stamps: count(await sealer.sign(Buffer.from('{}'))), statement: count(await signer.sign(Buffer.from('{}'))), warned }
}

describe('the clock beside the signature of a pack', () => {
  test('stamps it, and nothing else', async () => {
    await using sigstore = await fakeSigstore()
    expect(await timestampsOf(sigstore.url)).toEqual({ stamps: 1, statement: 0, warned: [] })
  })

  test('that does not answer holds no pack up, and is told', async () => {
    await using sigstore = await fakeSigstore({ answer: () => ({ status: 503 }) })
    expect(await timestampsOf(sigstore.url)).toEqual({ stamps: 0, statement: 0, warned: ['a pack was sealed without a timestamp'] })
  })

  test('is not asked when there is none', async () => {
    expect(await timestampsOf(null)).toEqual({ stamps: 0, statement: 0, warned: [] })
  })
})

describe('the log of packs', () => {
  test('is the one the operator names', async () => {
    const sigstore = new Sigstore()
    await using rekor = await fakeRekor(sigstore.log, { others: 5 })
    const { signer, publicKeyPem } = signersOf({ signing, tsaUrl: null }, { warn: () => {} })
    const log = logOfPacks({ rekor: { url: rekor.url, version: 2 }, trustedRoot: sigstore.trustedRoot() }, publicKeyPem)
    const bundle = await signer.sign(Buffer.from('{}'))
    expect([await log.size(), await log.find(bundle, 5)]).toEqual([5, null])
    expect(await log.enter(bundle)).toMatchObject({ verificationMaterial: { tlogEntries: [{ logIndex: '5' }] } })
    for (const again of [await log.find(bundle, 5), await log.enter(bundle)])
      expect(again).toMatchObject({ verificationMaterial: { tlogEntries: [{ logIndex: '5' }] } })
    expect(rekor.added()).toBe(1)
  })

  test('without one nothing is asked', async () => {
    const log = logOfPacks({ rekor: null, trustedRoot: new Sigstore().trustedRoot() }, KEYS.publicKeyPem)
    for (const act of [() => log.size(), () => log.find({}, 0), () => log.enter({})])
      await expect(act()).rejects.toMatchObject({ code: 'not-loggable' })
  })
})
