/** How the App signs, from the operator's file: its key, the clock beside the signature of a pack, and the log that the signature goes into. */
import { SignError } from '../evidence/sign/error.ts'
import { localKeySigner } from '../evidence/sign/local-key.ts'
import { timestampWitness, type Witness } from '../evidence/sign/sigstore.ts'
import type { Signer } from '../evidence/sign/signer.ts'
import { enterLog, findInLog, sizeOfLog, type ToLog } from '../evidence/sign/transparency.ts'
import type { Operator } from './operator.ts'
import type { LogPort } from './release/log-effect.ts'
import type { Log } from './release/ports.ts'

/** A pack is not held up by a clock that does not answer. */
const CLOCK = { timeoutMs: 3_000, attempts: 1, pauseMs: 0 }
/** An attempt goes on beside the canary; the next one begins by itself. */
const LOG = { timeoutMs: 20_000, attempts: 1, pauseMs: 0 }

export interface Signers {
  /** Signs what the App states. */
  readonly signer: Signer
  /** Signs the manifest of a pack, with a timestamp when the operator names an authority and it answers. */
  readonly sealer: Signer
  readonly publicKeyPem: string
}

export function signersOf(operator: Pick<Operator, 'signing' | 'tsaUrl'>, log: Pick<Log, 'warn'>): Signers {
  const key = { id: operator.signing.id, privateKeyPem: operator.signing.key }
  const signer = localKeySigner(key)
  const sealer = operator.tsaUrl === null ? signer : localKeySigner(key, [willing(timestampWitness(operator.tsaUrl, CLOCK), log)])
  return { signer, sealer, publicKeyPem: signer.publicKeyPem }
}

/** Without a log nothing is asked, and nobody wants an entry: the release knows from its settings. */
export function logOfPacks({ rekor, trustedRoot }: Pick<Operator, 'rekor' | 'trustedRoot'>, publicKeyPem: string): LogPort {
  const of = (bundle: unknown): ToLog => {
    if (rekor === null || trustedRoot === null) throw new SignError('not-loggable', 'the operator names no transparency log any more')
    return { bundle, publicKeyPem, log: { ...rekor, root: trustedRoot.bytes, patience: LOG } }
  }
  return {
    size: async () => sizeOfLog(of(null).log),
    find: async (bundle, from) => findInLog(of(bundle), from),
    enter: async (bundle) => enterLog(of(bundle)),
  }
}

/** Local signature first: what the clock cannot say now, nothing says, and the operator's log tells. */
function willing(witness: Witness, log: Pick<Log, 'warn'>): Witness {
  return {
    testify: (content, key) =>
      witness.testify(content, key).catch((error: unknown) => {
        log.warn({ error: error instanceof Error ? error.message : String(error) }, 'a pack was sealed without a timestamp')
        return { rfc3161Timestamps: [] }
      }),
  }
}
