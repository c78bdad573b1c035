/** Whose signatures a release believes: what its config names on the base branch, and the operator's trusted root for what is signed without a key. */
import type { Config } from '../../evidence/model/config.ts'
import { trustOf } from '../../evidence/verify/trust.ts'
import type { Trust, TrustedKey, TrustedRoot } from '../../evidence/verify/verifier.ts'

/** @param root absent: no workflow is believed, whatever the config names @param more keys beside those of the config */
export function trustOfRelease(config: Pick<Config, 'trust' | 'evidence'>, root: TrustedRoot | undefined, more: readonly TrustedKey[] = []): Trust {
  return trustOf({
    keys: [...more, ...config.trust.keys.map((key) => ({ id: key.id, publicKeyPem: key.public_key }))],
    workflows: config.evidence.sign === 'key' ? [] : config.trust.workflows,
    root: root ?? null,
  })
}
