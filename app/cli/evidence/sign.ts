/** `evidence sign`: a file and a private key in, a Sigstore bundle out. What the file is decides how it is signed. */
import { resolve } from 'node:path'
import { sha256 } from '../../../evidence/core/digest.ts'
import { parseJson } from '../../../evidence/core/json.ts'
import { STATEMENT_TYPE } from '../../../evidence/model/kinds.ts'
import { Manifest } from '../../../evidence/model/manifest.ts'
import { checkpointOf } from '../../../evidence/pack/build.ts'
import { MANIFEST } from '../../../evidence/pack/layout.ts'
import { SignError } from '../../../evidence/sign/error.ts'
import { localKeySigner, type LocalSigner } from '../../../evidence/sign/local-key.ts'
import type { timestampWitness } from '../../../evidence/sign/sigstore.ts'
import { bundleBytes, statementBytes, statementOf } from '../../../evidence/sign/statement.ts'
import { CliError } from '../error.ts'
import { EXIT } from '../verb.ts'
import type { Answer, Call } from '../verb.ts'
import type { Action } from './action.ts'
import { bytesOf, privateKeyOf, writeNew } from './files.ts'

const MAX_FILE = 512 << 20
/** A larger JSON file is signed as a file, whatever it says. */
const MAX_STATEMENT = 16 << 20

type Kind = 'manifest' | 'statement' | 'file'
const SAID: Readonly<Record<Kind, string>> = {
  manifest: "the manifest of a pack: a checkpoint statement about it, as the pack's own signature",
  statement: 'an in-toto statement: its exact bytes in a DSSE envelope; `cosign verify-blob-attestation --bundle` takes it',
  file: 'a file: a signature over its bytes; `cosign verify-blob --bundle` takes it',
}

async function run(call: Call): Promise<Answer> {
  const [, file = ''] = call.words
  const [key, ...more] = call.texts('key')
  if (key === undefined || more.length > 0)
    throw new CliError('usage', 'One key signs.', 'Give --key=FILE once: cosign.key, or a private key in PEM.')
  const bytes = await bytesOf(call, file, MAX_FILE, 'file')
  const out = resolve(call.io.cwd, call.text('out') ?? `${file}.sigstore.json`)
  const tsa = call.text('tsa')
  const given = await privateKeyOf(call, key)
  try {
    const signer = localKeySigner({ id: 'local', ...given }, tsa === undefined ? [] : [await witnessOf(tsa)])
    const { kind, bundle } = await signAs(signer, bytes)
    await writeNew(out, bundleBytes(bundle), 0o644)
    return {
      exit: EXIT.ok,
      text: `${file} was signed as ${SAID[kind]}.\nBundle: ${out}`,
      data: { kind, bundle: out, sha256: sha256(bytes), public_key_pem: signer.publicKeyPem, timestamped: tsa !== undefined },
    }
  } catch (error) {
    if (!(error instanceof SignError)) throw error
    const code = error.code === 'unavailable' ? 'unavailable' : 'usage'
    throw new CliError(code, `${file} was not signed: ${error.message}.`, nextAfter(error), { cause: error })
  }
}

async function signAs(signer: LocalSigner, bytes: Uint8Array): Promise<{ readonly kind: Kind; readonly bundle: unknown }> {
  const value = bytes.length > MAX_STATEMENT ? undefined : jsonOf(bytes)
  const manifest = Manifest.safeParse(value)
  if (manifest.success) {
    const { repository, commits } = manifest.data
    const about = { repository, commit: commits.head, files: [{ path: MANIFEST, sha256: sha256(bytes) }] }
    return { kind: 'manifest', bundle: await signer.sign(statementBytes(statementOf('checkpoint', checkpointOf(manifest.data), about))) }
  }
  if (typeof value === 'object' && value !== null && '_type' in value && value._type === STATEMENT_TYPE)
    return { kind: 'statement', bundle: await signer.sign(bytes) }
  return { kind: 'file', bundle: await signer.signBlob(bytes) }
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes, { maxBytes: MAX_STATEMENT })
  } catch {
    return undefined
  }
}

function nextAfter({ code }: SignError): string {
  if (code === 'wrong-password') return 'Set COSIGN_PASSWORD to the password of the key.'
  if (code === 'unusable-key') return 'Use cosign.key, or make a key with `release-conductor keys generate`.'
  return 'Look at --tsa, and try again.'
}

/** The clients of Sigstore's services take longer to load than anything here to sign. */
async function witnessOf(tsa: string): Promise<ReturnType<typeof timestampWitness>> {
  return (await import('../../../evidence/sign/sigstore.ts')).timestampWitness(tsa)
}

export const sign: Action = {
  name: 'sign',
  usage: '<file> --key=cosign.key|key.pem [--out=FILE] [--tsa=URL]',
  examples: [
    ['release-conductor evidence sign evidence.zip --key=cosign.key', 'asks for nothing; the password of cosign.key is in COSIGN_PASSWORD'],
    ['release-conductor evidence sign manifest.json --key=release-key.pem --out=manifest.sigstore.json', 'the signature that belongs into a pack'],
  ],
  options: { key: { type: 'string', multiple: true }, out: { type: 'string' }, tsa: { type: 'string' } },
  meaning: {
    key: 'private key: cosign.key, or PEM (ECDSA P-256 or Ed25519)',
    out: 'file to write, which must not be there yet; default <file>.sigstore.json',
    tsa: 'timestamping authority (RFC 3161) to ask; default none, so that nothing is asked of anybody',
  },
  words: { least: 1, most: 1 },
  run,
}
