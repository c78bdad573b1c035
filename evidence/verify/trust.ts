/** Whose signatures count, read once: names to keys, with an unusable list refused as a whole rather than trusted in part. */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { keyHint } from '../core/key-hint.ts'
import type { Config } from '../model/config.ts'
import { EvidenceError } from './error.ts'
import { readRoot, type Root } from './root.ts'
import type { Trust, TrustedKey, TrustedRoot, TrustedWorkflow } from './verifier.ts'

/** What is not named is not trusted. */
export function trustOf(of: Partial<Trust>): Trust {
  return { keys: of.keys ?? [], workflows: of.workflows ?? [], root: of.root ?? null }
}

/**
 * Whose signatures a release believes: what its config names on the base branch, and a trusted root for what is signed without a key.
 * @param root absent: no workflow is believed, whatever the config names @param more keys beside those of the config
 */
export function trustOfRelease(config: Pick<Config, 'trust' | 'evidence'>, root: TrustedRoot | undefined, more: readonly TrustedKey[] = []): Trust {
  return trustOf({
    keys: [...more, ...config.trust.keys.map((key) => ({ id: key.id, publicKeyPem: key.public_key }))],
    workflows: config.evidence.sign === 'key' ? [] : config.trust.workflows,
    root: root ?? null,
  })
}

const WORKFLOW = /^([A-Za-z0-9-]{1,39}\/[A-Za-z0-9._-]{1,100}\/\.github\/workflows\/[A-Za-z0-9._-]{1,100}\.ya?ml)@([0-9a-f]{40})$/

/** `owner/repo/.github/workflows/x.yml@<40 hex digits>`; null for anything else, since a tag can be moved. */
export function readWorkflow(text: string): TrustedWorkflow | null {
  const match = WORKFLOW.exec(text)
  return match === null ? null : { ref: match[1] ?? '', digest: match[2] ?? '' }
}

/** Is the name of a signer that of a workflow? A key's id has no slash. */
export function isWorkflow(signer: string): boolean {
  return signer.includes('/')
}

/** Hint -> trusted key. */
export type KeyRing = ReadonlyMap<string, { readonly id: string; readonly key: KeyObject }>

/** An unusable or ambiguous list is `no-trust`. */
export function readKeys(keys: readonly TrustedKey[]): KeyRing | EvidenceError {
  const ring = new Map<string, { id: string; key: KeyObject }>()
  for (const { id, publicKeyPem } of keys) {
    const key = readPublicKey(publicKeyPem)
    if (key === undefined)
      return new EvidenceError('no-trust', `the trusted key ${id} is not an ECDSA P-256 or Ed25519 public key in PEM (BEGIN PUBLIC KEY)`)
    const hint = keyHint(key)
    const other = ring.get(hint)
    if (other !== undefined && other.id !== id)
      return new EvidenceError('no-trust', `the keys ${other.id} and ${id} are the same key under two names`)
    ring.set(hint, { id, key })
  }
  return ring
}

const keyRings = new WeakMap<readonly TrustedKey[], KeyRing | EvidenceError>()
const roots = new WeakMap<TrustedRoot, Root | EvidenceError>()

/** Read once for each list: a pack asks hundreds of times. */
export function keysOf({ keys }: Trust): KeyRing | EvidenceError {
  const ring = keyRings.get(keys) ?? readKeys(keys)
  keyRings.set(keys, ring)
  return ring
}

/** null: none was given. */
export function rootOf({ root }: Trust): Root | EvidenceError | null {
  if (root === null) return null
  const read = roots.get(root) ?? readRoot(root.bytes)
  roots.set(root, read)
  return read
}

function readPublicKey(pem: string): KeyObject | undefined {
  if (!pem.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) return undefined
  try {
    const key = createPublicKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
    return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined
  } catch {
    return undefined
  }
}
