/** `evidence verify-bundle`: one Sigstore bundle of anybody, one artifact, one named signer. Speaks the protocol of sigstore-conformance. */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { verifyArtifact, type Artifact, type NamedSigner } from '../../../evidence/verify/artifact.ts'
import { EvidenceError } from '../../../evidence/verify/error.ts'
import { CliError } from '../error.ts'
import { table } from '../output.ts'
import { EXIT } from '../verb.ts'
import type { Answer, Call } from '../verb.ts'
import type { Action } from './action.ts'
import { bytesOf, publicKeyOf, trustedRootOf } from './files.ts'
import { TRUST_MEANING, TRUST_OPTIONS } from './trust.ts'

const MAX_BUNDLE = 32 << 20
const MAX_ARTIFACT = 512 << 20
const DIGEST = /^sha256:([0-9a-f]{64})$/

async function run(call: Call): Promise<Answer> {
  const [, given = ''] = call.words
  const file = call.text('bundle')
  if (file === undefined) throw new CliError('usage', 'Which bundle?', 'Add --bundle=FILE.')
  const answer = verifyArtifact({
    bundle: await bytesOf(call, file, MAX_BUNDLE, 'bundle'),
    artifact: await artifactOf(call, given),
    signer: await signerOf(call),
    root: await trustedRootOf(call),
    now: call.io.now(),
  })
  if (answer instanceof EvidenceError)
    return {
      exit: EXIT.no,
      text: `${file} does not verify: ${answer.code}: ${answer.message}`,
      data: { ok: false, code: answer.code, message: answer.message },
    }
  const signedAt = answer.signedAt === null ? null : new Date(answer.signedAt).toISOString()
  const rows = [
    ['artifact', given],
    ['signer', answer.signer],
    ['signed at', signedAt ?? 'no timestamp says'],
    ['statement', answer.predicateType ?? 'none: the file itself is signed'],
  ]
  return { exit: EXIT.ok, text: `${file} verifies.\n${table(['', ''], rows).trimStart()}`, data: { ok: true, ...answer, signedAt } }
}

async function signerOf(call: Call): Promise<NamedSigner> {
  const [identity, issuer, [key, ...more]] = [call.text('certificate-identity'), call.text('certificate-oidc-issuer'), call.texts('key')]
  const wants = 'Give --certificate-identity and --certificate-oidc-issuer, or one --key.'
  if (more.length > 0 || (key !== undefined) === (identity !== undefined || issuer !== undefined))
    throw new CliError('usage', 'A bundle is verified for one signer.', wants)
  if (key !== undefined) return { key: await publicKeyOf(call, key) }
  if (identity === undefined || issuer === undefined) throw new CliError('usage', 'An identity is a name and who issued it.', wants)
  return { identity, issuer }
}

/** A digest only when it is no file. */
async function artifactOf(call: Call, given: string): Promise<Artifact> {
  const sha256 = DIGEST.exec(given)?.[1]
  const isFile = await stat(resolve(call.io.cwd, given)).then(
    () => true,
    () => false,
  )
  return sha256 !== undefined && !isFile ? { sha256 } : { bytes: await bytesOf(call, given, MAX_ARTIFACT, 'artifact') }
}

export const verifyBundle: Action = {
  name: 'verify-bundle',
  usage: '<file or sha256:digest> --bundle=FILE (--certificate-identity=ID --certificate-oidc-issuer=URL | --key=FILE) [--trusted-root=FILE]',
  examples: [
    [
      'release-conductor evidence verify-bundle app.tar.gz --bundle=app.sigstore.json --certificate-identity=https://github.com/acme/shop/.github/workflows/release.yml@refs/tags/v1.0.0 --certificate-oidc-issuer=https://token.actions.githubusercontent.com --trusted-root=trusted_root.json',
      'a bundle of another project: exactly this signer, exactly this file',
    ],
  ],
  options: {
    bundle: { type: 'string' },
    'certificate-identity': { type: 'string' },
    'certificate-oidc-issuer': { type: 'string' },
    key: TRUST_OPTIONS.key,
    'trusted-root': TRUST_OPTIONS['trusted-root'],
  },
  meaning: {
    bundle: 'Sigstore bundle to verify',
    'certificate-identity': 'the one name that the certificate must have, whole',
    'certificate-oidc-issuer': 'who must have issued the identity, whole',
    key: TRUST_MEANING.key,
    'trusted-root': TRUST_MEANING['trusted-root'],
  },
  words: { least: 1, most: 1 },
  run,
}
