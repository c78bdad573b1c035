/**
 * What Sigstore's library leaves open in a transparency log entry: the checkpoint is read strictly, proof and checkpoint name one tree, and the entry was
 * made for this very certificate or key. https://github.com/C2SP/C2SP/blob/main/tlog-checkpoint.md
 */
import { createPublicKey, X509Certificate } from 'node:crypto'
import { CoreError } from '../core/error.ts'
import { parseJson } from '../core/json.ts'
import type { LogEntry } from './bundle.ts'
import { EvidenceError } from './error.ts'

const SIGNATURE_LINE = /^\u2014 \S{1,200} ([A-Za-z0-9+/]+={0,2})$/
const SIZE = /^(?:0|[1-9]\d{0,17})$/

/** @param spki DER of the key that made the signature @returns what is wrong with the entry */
export function wrongEntry(entry: LogEntry, spki: Buffer): EvidenceError | undefined {
  const problem = wrongProof(entry) ?? wrongBody(entry, spki)
  return problem === undefined ? undefined : new EvidenceError('bad-log-entry', `the log entry is not believed: ${problem}`)
}

function wrongProof({ inclusionProof: proof, inclusionPromise: promise, logIndex }: LogEntry): string | undefined {
  const [note = '', signatures = '', ...rest] = proof.checkpoint.envelope.split('\n\n')
  const [origin = '', size = '', root = ''] = note.split('\n')
  if (rest.length > 0 || origin === '' || !SIZE.test(size) || !isBase64(root)) return 'its checkpoint has no origin, size and root'
  const lines = signatures.split('\n')
  if (lines.pop() !== '' || lines.length === 0 || lines.some((line) => !isBase64(SIGNATURE_LINE.exec(line)?.[1] ?? '')))
    return 'its checkpoint is not a signed note'
  if (size !== proof.treeSize || root !== proof.rootHash) return 'its proof is for another tree than its checkpoint'
  if (promise === undefined && logIndex !== proof.logIndex) return 'it stands at another place than its proof says'
  return undefined
}

function isBase64(text: string): boolean {
  return text !== '' && Buffer.from(text, 'base64').toString('base64') === text
}

/** An entry for the same signature under another key is about somebody else. */
function wrongBody(entry: LogEntry, spki: Buffer): string | undefined {
  try {
    const body = parseJson(Buffer.from(entry.canonicalizedBody, 'base64'))
    const keys = verifiers(body, entry.kindVersion).map(spkiOf)
    return keys.length === 1 && keys[0]?.equals(spki) === true ? undefined : 'it was made for another key or certificate'
  } catch (cause) {
    if (cause instanceof CoreError) return `its body cannot be read: ${cause.message}`
    return 'its body names no key'
  }
}

/** PEM or DER of every key or certificate that the body names. */
function verifiers(body: unknown, { kind, version }: LogEntry['kindVersion']): readonly Buffer[] {
  const spec = at(body, 'spec')
  if (version === '0.0.2' && kind !== 'intoto') {
    const inside = at(spec, kind === 'dsse' ? 'dsseV002' : 'hashedRekordV002')
    const signatures = kind === 'dsse' ? at(inside, 'signatures') : [at(inside, 'signature')]
    return list(signatures).map((signature) => {
      const verifier = at(signature, 'verifier')
      return base64(at(at(verifier, 'x509Certificate') ?? at(verifier, 'publicKey'), 'rawBytes'))
    })
  }
  if (kind === 'hashedrekord') return [base64(at(at(at(spec, 'signature'), 'publicKey'), 'content'))]
  if (kind === 'dsse') return list(at(spec, 'signatures')).map((signature) => base64(at(signature, 'verifier')))
  return list(at(at(at(spec, 'content'), 'envelope'), 'signatures')).map((signature) => base64(at(signature, 'publicKey')))
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function base64(value: unknown): Buffer {
  return Buffer.from(typeof value === 'string' ? value : '', 'base64')
}

function spkiOf(keyOrCertificate: Buffer): Buffer {
  const isPem = keyOrCertificate.subarray(0, 11).toString('latin1') === '-----BEGIN '
  const isKey = isPem ? keyOrCertificate.includes('PUBLIC KEY-----') : !isCertificate(keyOrCertificate)
  const key = isKey
    ? createPublicKey(isPem ? keyOrCertificate.toString('latin1') : { key: keyOrCertificate, format: 'der', type: 'spki' })
    : new X509Certificate(keyOrCertificate).publicKey
  return key.export({ type: 'spki', format: 'der' })
}

function isCertificate(der: Buffer): boolean {
  try {
    return new X509Certificate(der).raw.length > 0
  } catch {
    return false
  }
}
