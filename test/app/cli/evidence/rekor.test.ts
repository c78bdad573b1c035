import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decodeBase64 } from '../../../../evidence/core/dsse.ts'
import { buildPack } from '../../../../evidence/pack/build.ts'
import { readZip } from '../../../../evidence/pack/zip.ts'
import { localKeySigner } from '../../../../evidence/sign/local-key.ts'
import { goldenInputs } from '../../../evidence/pack/golden.ts'
import { KEYS } from '../../../evidence/verify/statements.ts'
import { Sigstore, type BundleJson } from '../../../support/sigstore/instance.ts'
import { BODIES } from '../../../support/sigstore/log.ts'
import { cli, emptyFolder, type Ran } from '../harness.ts'

const sigstore = new Sigstore()

async function signatureOf(): Promise<{ zip: Uint8Array; signature: BundleJson }> {
  const { zip } = await buildPack({ ...(await goldenInputs()), signer: localKeySigner({ id: 'demo', privateKeyPem: KEYS.privateKeyPem }) })
  const text = Buffer.from(readZip(zip).get('signatures/manifest.sigstore.json') ?? '').toString()
  return { zip, signature: JSON.parse(text) as BundleJson }
}

function logged({ ...bundle }: BundleJson, by = sigstore): BundleJson {
  const { payloadType, payload, signatures } = bundle.dsseEnvelope
  const signed = { payloadType, payload: decodeBase64(payload), signature: decodeBase64(signatures[0]?.sig ?? ''), verifier: KEYS.publicKeyPem }
  return {
    ...bundle,
    verificationMaterial: { ...bundle.verificationMaterial, tlogEntries: [by.entry({ body: BODIES.hashedrekord(signed) })] },
  }
}

const { zip, signature } = await signatureOf()

async function asked(bundle: object | null, ...args: readonly string[]): Promise<Ran> {
  const cwd = emptyFolder()
  writeFileSync(join(cwd, 'evidence.zip'), zip)
  writeFileSync(join(cwd, 'demo.pub'), KEYS.publicKeyPem)
  writeFileSync(join(cwd, 'root.json'), JSON.stringify(sigstore.root()))
  if (bundle !== null) writeFileSync(join(cwd, 'evidence.sigstore.json'), JSON.stringify(bundle))
  return cli(['evidence', 'verify', 'evidence.zip', '--key=demo.pub', ...args], { cwd })
}

const ROOT = '--trusted-root=root.json'
const BUNDLE = '--log-bundle=evidence.sigstore.json'

test('the signature of the pack, with its entry: yes, and it is said', async () => {
  const ran = await asked(logged(signature), '--rekor', ROOT, BUNDLE)
  expect(ran).toMatchObject({ exit: 0, out: expect.stringContaining("the transparency log holds this pack's signature") })
  const json = await asked(logged(signature), '--rekor', ROOT, BUNDLE, '--json')
  expect(JSON.parse(json.out)).toMatchObject({ ok: true, log: { ok: true } })
})

test('the pack itself holds no entry of itself: no, and where it is', async () => {
  const ran = await asked(null, '--rekor', ROOT)
  expect(ran.exit).toBe(1)
  expect(ran.out).toMatch(/no-log-entry.*--log-bundle=evidence\.sigstore\.json/s)
})

test.each<[string, () => object | Promise<object>]>([
  ['without an entry', () => signature],
  ['with an entry of another log', () => logged(signature, new Sigstore())],
  ['of another signature by the same key', async () => logged((await signatureOf()).signature)],
  ['that is none', () => ({})],
])('a bundle %s: no', async (_, make) => {
  const ran = await asked(await make(), '--rekor', ROOT, BUNDLE, '--json')
  expect(ran.exit).toBe(1)
  expect(JSON.parse(ran.out)).toMatchObject({ ok: false, log: { ok: false } })
})

test.each([
  [['--rekor', BUNDLE], /Nothing says whose transparency log counts/],
  [[ROOT, BUNDLE], /--log-bundle is for --rekor/],
  [['--rekor', '--trusted-root=nowhere.json', BUNDLE], /There is no trusted root/],
])('%s is a mistake', async (args, message) => {
  expect(await asked(logged(signature), ...args)).toMatchObject({ exit: 2, err: expect.stringMatching(message) })
})

test('without --rekor nothing is asked of the log', async () => {
  expect((await asked(null)).exit).toBe(0)
})
