/** `evidence verify --rekor`: the signature of a pack's manifest stands in a transparency log. A pack is signed first and logged later, so the entry lies beside it. */
import { sha256 } from '../../../evidence/core/digest.ts'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { parseJson } from '../../../evidence/core/json.ts'
import { MANIFEST, MANIFEST_SIGNATURE } from '../../../evidence/pack/layout.ts'
import { EvidenceError } from '../../../evidence/verify/error.ts'
import type { Trust } from '../../../evidence/verify/verifier.ts'
import { verifyBundle } from '../../../evidence/verify/verify.ts'
import { CliError } from '../error.ts'
import { EXIT } from '../verb.ts'
import type { Answer, Call } from '../verb.ts'
import { bytesOf } from './files.ts'

const MAX_BUNDLE = 32 << 20

/** @param of.files of the pack @param of.trust with the root that names the log @throws CliError `usage`, `not-found` */
export async function logAnswer(call: Call, of: { readonly files: ReadonlyMap<string, Uint8Array>; readonly trust: Trust }): Promise<Answer> {
  if (of.trust.root === null)
    throw new CliError(
      'usage',
      'Nothing says whose transparency log counts.',
      'Add --trusted-root=FILE: trusted_root.json of the Sigstore instance, from somewhere you trust.',
    )
  const file = call.text('log-bundle')
  const logged = file === undefined ? of.files.get(MANIFEST_SIGNATURE) : await bytesOf(call, file, MAX_BUNDLE, 'logged signature')
  const error = logged === undefined ? new EvidenceError('no-log-entry', `${MANIFEST_SIGNATURE} is not in the pack`) : wrong(logged, of)
  const name = file ?? MANIFEST_SIGNATURE
  if (error === null) return { exit: EXIT.ok, text: `${name}: the transparency log holds this pack's signature.`, data: { ok: true, bundle: name } }
  const next =
    file === undefined
      ? '\nA pack holds no entry of itself: get evidence.sigstore.json from the release, and add --log-bundle=evidence.sigstore.json.'
      : ''
  return {
    exit: EXIT.no,
    text: `${name}: ${error.code}: ${error.message}.${next}`,
    data: { ok: false, bundle: name, code: error.code, message: error.message },
  }
}

function wrong(
  logged: Uint8Array,
  { files, trust }: { readonly files: ReadonlyMap<string, Uint8Array>; readonly trust: Trust },
): EvidenceError | null {
  const [manifest, signature] = [files.get(MANIFEST), files.get(MANIFEST_SIGNATURE)]
  if (manifest === undefined || signature === undefined) return new EvidenceError('malformed', 'the pack has no signed manifest')
  const subjects = [{ name: MANIFEST, sha256: sha256(manifest) }]
  const answer = verifyBundle({ bundle: logged, trust, expect: { kinds: ['checkpoint'], logged: true, subjects } })
  if (answer instanceof EvidenceError) return answer
  if (envelopeOf(logged) === envelopeOf(signature)) return null
  return new EvidenceError('bad-signature', 'it is another signature than the one inside the pack')
}

/** Of a bundle that was verified, or stands in a pack that was. */
function envelopeOf(bundle: Uint8Array): string {
  return canonicalize((parseJson(bundle) as { readonly dsseEnvelope?: unknown }).dsseEnvelope ?? null)
}
