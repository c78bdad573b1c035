import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { TRUST_MEANING, TRUST_OPTIONS } from '../../../../app/cli/evidence/trust.ts'
import { buildPack } from '../../../../evidence/pack/build.ts'
import { isBundlePath } from '../../../../evidence/verify/signed-pack.ts'
import { payloadOf } from '../../../../evidence/verify/bundle.ts'
import { originOf, readClaim } from '../../../../evidence/verify/claim.ts'
import { EvidenceError } from '../../../../evidence/verify/error.ts'
import { localKeySigner } from '../../../../evidence/sign/local-key.ts'
import { bundleBytes } from '../../../../evidence/sign/statement.ts'
import { jobOf, Sigstore } from '../../../support/sigstore/instance.ts'
import { goldenInputs } from '../../../evidence/pack/golden.ts'
import { SIGNER, SIGSTORE, WORKFLOW } from '../../../evidence/verify/keyless.ts'
import { KEYS } from '../../../evidence/verify/statements.ts'
import { cli, emptyFolder } from '../harness.ts'

/** The golden pack, every statement of a job signed again without a key. */
async function keylessPack(): Promise<Uint8Array> {
  const inputs = await goldenInputs()
  const files = new Map(
    [...inputs.files].map(([path, bytes]) => {
      const payload = isBundlePath(path) ? payloadOf(bytes) : new EvidenceError('malformed', 'no bundle')
      const claim = payload instanceof EvidenceError ? payload : readClaim(payload)
      const origin = claim instanceof EvidenceError ? undefined : originOf(claim)
      if (payload instanceof EvidenceError || origin === undefined) return [path, bytes]
      return [path, bundleBytes(SIGSTORE.keyless({ payload, job: jobOf(origin) }))]
    }),
  )
  const { zip } = await buildPack({ ...inputs, files, signer: localKeySigner({ id: 'demo', privateKeyPem: KEYS.privateKeyPem }) })
  return zip
}

const cwd = emptyFolder()
beforeAll(async () => {
  writeFileSync(join(cwd, 'evidence.zip'), await keylessPack())
  writeFileSync(join(cwd, 'app.pub'), KEYS.publicKeyPem)
  writeFileSync(join(cwd, 'root.json'), SIGSTORE.trustedRoot().bytes)
  writeFileSync(join(cwd, 'other.json'), new Sigstore().trustedRoot().bytes)
})

const ask = (...args: readonly string[]): ReturnType<typeof cli> =>
  cli(['evidence', 'verify', 'evidence.zip', '--pack-key=app.pub', ...args], { cwd })

test('says what each option is for', () => {
  expect(Object.keys(TRUST_MEANING).toSorted()).toEqual(Object.keys(TRUST_OPTIONS).toSorted())
})

test('a pack whose jobs had no key is verified by workflow and root', async () => {
  const { exit, out } = await ask(`--workflow=${SIGNER}`, '--trusted-root=root.json', '--json')
  expect(exit).toBe(0)
  const signers = (JSON.parse(out) as { attestations: { signer: string }[] }).attestations.map(({ signer }) => signer)
  expect(signers).toContain(SIGNER)
})

describe('no', () => {
  test.each<[string, readonly string[]]>([
    ['another commit', [`--workflow=${WORKFLOW.ref}@${'d'.repeat(40)}`, '--trusted-root=root.json']],
    ['another workflow', [`--workflow=${SIGNER.replace('conduct', 'report')}`, '--trusted-root=root.json']],
    ['another root', [`--workflow=${SIGNER}`, '--trusted-root=other.json']],
    ['another issuer', [`--workflow=${SIGNER}`, '--trusted-root=root.json', '--issuer=https://ghes.example']],
    ['keys alone', ['--key=app.pub']],
  ])('%s', async (_name, args) => {
    expect((await ask(...args)).exit).toBe(1)
  })
})

describe('a mistake', () => {
  test.each<[string, readonly string[], string]>([
    ['nobody', [], 'cannot vouch for itself'],
    ['a workflow without root', [`--workflow=${SIGNER}`], 'whose certificates count'],
    ['a workflow at a tag', [`--workflow=${WORKFLOW.ref}@refs/tags/v1`, '--trusted-root=root.json'], 'no workflow at one commit'],
    ['a root that is not there', [`--workflow=${SIGNER}`, '--trusted-root=absent.json'], 'There is no trusted root'],
  ])('%s', async (_name, args, message) => {
    const { exit, err } = await ask(...args)
    expect([exit, err.includes(message)]).toEqual([2, true])
  })
})
