/**
 * Signed notes as C2SP signed-note v1.0.0 defines them (https://c2sp.org/signed-note): a text, a blank line, and for each signature a line with the
 * key's name and base64 of a four-byte key id and the signature. Two of its signature types are read and written:
 *
 * - Ed25519, type 0x01: the id is the beginning of SHA-256(name || 0x0A || 0x01 || the 32-byte key).
 * - ECDSA on P-256 with SHA-256 in ASN.1 DER, type 0x02: the id is the beginning of SHA-256 over the key's SPKI DER form. Sigstore's Rekor v1 signs its
 *   checkpoints this way, and its tools read it.
 *
 * Signatures of keys that are not asked for are ignored, a witness's cosignature (type 0x04) among them. A known key's signature must hold.
 */
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { sha256 } from '../core/digest.ts'
import { decodeBase64 } from '../core/dsse.ts'
import { LedgerError } from './error.ts'

export interface NoteSignature {
  readonly name: string
  /** 8 hex digits. */
  readonly id: string
  readonly signature: Uint8Array
}

export interface Note {
  /** What is signed, with its last line end. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** Who may sign, under which name. */
export interface NoteKey {
  readonly name: string
  /** SPKI PEM, ECDSA P-256 or Ed25519. */
  readonly publicKeyPem: string
}

const MAX_BYTES = 256 * 1024
const MAX_SIGNATURES = 64
const DASH = '\u2014'
const NAME = /^[^\s+]{1,300}$/u
const ID_BYTES = 4

/** The note as a file. @param of.privateKeyPem PKCS #8 PEM, ECDSA P-256 or Ed25519 @throws LedgerError `note`, `unusable-key` */
export function writeNote(text: string, of: { readonly name: string; readonly privateKeyPem: string }): string {
  if (!text.endsWith('\n') || !isClean(text) || !NAME.test(of.name)) throw new LedgerError('note', 0, 'this text or key name cannot stand in a note')
  const key = readKey(() => createPrivateKey(of.privateKeyPem), 'the signing key is not an unencrypted private key in PEM')
  const signature = key.asymmetricKeyType === 'ed25519' ? sign(null, Buffer.from(text), key) : sign('sha256', Buffer.from(text), key)
  const line = Buffer.concat([Buffer.from(idOf(of.name, createPublicKey(key)), 'hex'), signature])
  return `${text}\n${DASH} ${of.name} ${line.toString('base64')}\n`
}

/** Bytes -> note, unverified: nothing of it may be believed yet. @throws LedgerError `note` */
export function readNote(bytes: Uint8Array): Note {
  if (bytes.length > MAX_BYTES) return malformed(`it has ${bytes.length} bytes, at most ${MAX_BYTES} are read`)
  const whole = textOf(bytes)
  const end = whole.lastIndexOf('\n\n')
  if (end === -1 || !whole.endsWith('\n') || !isClean(whole)) return malformed('it is not a text, a blank line and signatures')
  const lines = whole.slice(end + 2, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) return malformed(`it has more than ${MAX_SIGNATURES} signatures`)
  return { text: whole.slice(0, end + 1), signatures: lines.map(signatureOf) }
}

/**
 * The note's text, when a trusted key signed it and none of the trusted keys is shown with a signature that is not its own.
 * @returns the key that signed first
 * @throws LedgerError `note`, `signature`, `unusable-key`
 */
export function openNote<Key extends NoteKey>(note: Note, keys: readonly Key[]): Key {
  const known = keys.map((key) => {
    const publicKey = readKey(() => createPublicKey(key.publicKeyPem), `the key given for ${key.name} is not a public key in PEM`)
    return { key, publicKey, id: idOf(key.name, publicKey) }
  })
  const text = Buffer.from(note.text)
  let signer: Key | undefined
  for (const { name, id, signature } of note.signatures)
    for (const { key, publicKey } of known.filter((one) => one.key.name === name && one.id === id)) {
      const holds = verify(publicKey.asymmetricKeyType === 'ed25519' ? null : 'sha256', text, publicKey, signature)
      if (!holds) throw new LedgerError('signature', 0, `the signature by ${name} (key ${id}) is not over this text`)
      signer ??= key
    }
  if (signer !== undefined) return signer
  const by = note.signatures.slice(0, 3).map(({ name, id }) => `${name} (key ${id})`)
  throw new LedgerError('signature', 0, `no trusted key signed it; it is signed by ${by.join(', ')}`)
}

function signatureOf(line: string): NoteSignature {
  const [dash, name = '', text = '', ...more] = line.split(' ')
  if (dash !== DASH || !NAME.test(name) || more.length > 0) return malformed('a line after the text is no signature')
  let bytes: Uint8Array
  try {
    bytes = decodeBase64(text)
  } catch (cause) {
    return malformed('a signature is not standard base64', cause)
  }
  if (bytes.length <= ID_BYTES) return malformed('a signature has no bytes')
  return { name, id: Buffer.from(bytes.subarray(0, ID_BYTES)).toString('hex'), signature: bytes.subarray(ID_BYTES) }
}

function idOf(name: string, key: KeyObject): string {
  const spki = key.export({ type: 'spki', format: 'der' })
  const named = key.asymmetricKeyType === 'ed25519' ? Buffer.concat([Buffer.from(`${name}\n\u0001`), spki.subarray(-32)]) : spki
  return sha256(named).slice(0, 2 * ID_BYTES)
}

/** The cause is dropped on purpose: it must never carry a part of a private key. */
function readKey(read: () => KeyObject, otherwise: string): KeyObject {
  let key: KeyObject | undefined
  try {
    key = read()
  } catch {
    throw new LedgerError('unusable-key', 0, otherwise)
  }
  if (key.asymmetricKeyType === 'ed25519' || key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key
  throw new LedgerError('unusable-key', 0, `a ${key.asymmetricKeyType ?? 'secret'} key signs no checkpoints; use Ed25519 or ECDSA on P-256`)
}

/** No ASCII control character but the line end. */
function isClean(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) < 0x20 && text[at] !== '\n') return false
  return text.isWellFormed()
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    return malformed('it is not UTF-8', cause)
  }
}

function malformed(why: string, cause?: unknown): never {
  throw new LedgerError('note', 0, `this is no signed note: ${why}`, { cause })
}
