/**
 * Positions of a release's ledger, as checkpoints of C2SP tlog-checkpoint (https://c2sp.org/tlog-checkpoint): origin, number of entries and root of the
 * Merkle tree over them, in a signed note whose key name is the origin. A leaf is an entry's canonical line without its line end.
 *
 * A checkpoint that somebody keeps outside the store is what finds a cut tail and a rewritten history. It binds its signer too: two checkpoints of one
 * log that do not agree, both signed, are proof that the signer showed two histories.
 */
import { canonicalize } from '../core/canonical.ts'
import { decodeBase64 } from '../core/dsse.ts'
import { HASH_SIZE, leafHash, MerkleTree } from '../core/merkle.ts'
import type { LedgerEntry } from './chain.ts'
import { LedgerError } from './error.ts'
import { openNote, readNote, writeNote, type Note } from './note.ts'

export interface Checkpoint {
  readonly origin: string
  /** Entries. */
  readonly size: number
  /** SHA-256, 64 hex digits. */
  readonly root: string
}

/** Signs a checkpoint: its note, as a file. */
export interface Notary {
  sign(checkpoint: Checkpoint): string
}

const LINE_END = 0x0a
const ORIGIN = 'release-conductor.github.io/ledger'
const SIZE = /^(?:0|[1-9]\d{0,15})$/

/** `7#12`, pull request 12 of repository 7 -> `release-conductor.github.io/ledger/7/12` */
export function originOf(release: string): string {
  return `${ORIGIN}/${release.split('#').map(encodeURIComponent).join('/')}`
}

/** Hash of an entry as a leaf. */
export function leafOf(entry: LedgerEntry): Uint8Array {
  return leafHash(Buffer.from(canonicalize(entry)))
}

export function treeOf(entries: readonly LedgerEntry[]): MerkleTree {
  return new MerkleTree(entries.map(leafOf))
}

/** The same from the ledger's file, as `writeLedger` makes it and `readLedger` checked it. */
export function treeOfLines(file: Uint8Array): MerkleTree {
  const tree = new MerkleTree()
  for (let start = 0, end = file.indexOf(LINE_END); end !== -1; start = end + 1, end = file.indexOf(LINE_END, start))
    tree.append(leafHash(file.subarray(start, end)))
  return tree
}

/** Where a tree stands, or stood. @throws RangeError when it never was of that size */
export function checkpointAt(origin: string, tree: MerkleTree, size: number = tree.size): Checkpoint {
  return { origin, size, root: Buffer.from(tree.root(size)).toString('hex') }
}

/** The text that is signed. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root, 'hex').toString('base64')}\n`
}

/** @param privateKeyPem PKCS #8 PEM, ECDSA P-256 or Ed25519; it is read at each signature */
export function notary(privateKeyPem: string): Notary {
  return { sign: (checkpoint) => writeNote(checkpointText(checkpoint), { name: checkpoint.origin, privateKeyPem }) }
}

/** The checkpoint of a ledger as it is, signed: the file that a pack carries. @throws LedgerError `empty`, `unusable-key` */
export function signedPosition(entries: readonly LedgerEntry[], by: Notary): Uint8Array {
  const [first] = entries
  if (first === undefined) throw new LedgerError('empty', 0, 'a ledger without an entry has no position')
  return Buffer.from(by.sign(checkpointAt(originOf(first.release), treeOf(entries))))
}

/** Text of a note -> checkpoint. Extension lines are tolerated, as the specification asks, and mean nothing here. @throws LedgerError `note` */
export function readCheckpoint({ text }: Pick<Note, 'text'>): Checkpoint {
  const [origin = '', size = '', hash = '', ...extensions] = text.slice(0, -1).split('\n')
  const root = bytesOf(hash)
  if (origin === '' || !SIZE.test(size) || !Number.isSafeInteger(Number(size)) || root?.length !== HASH_SIZE || extensions.includes(''))
    throw new LedgerError('note', 0, 'this is no checkpoint: its lines are an origin, a size and the base64 of a SHA-256 hash')
  return { origin, size: Number(size), root: Buffer.from(root).toString('hex') }
}

/**
 * Bytes of a signed checkpoint -> checkpoint, when one of the keys signed it under the origin's name.
 * @param keys SPKI PEM, ECDSA P-256 or Ed25519
 * @throws LedgerError `note`, `signature`, `unusable-key`
 */
export function openCheckpoint<Key extends { readonly publicKeyPem: string }>(
  bytes: Uint8Array,
  keys: readonly Key[],
): { readonly checkpoint: Checkpoint; readonly signer: Key } {
  const note = readNote(bytes)
  const checkpoint = readCheckpoint(note)
  const { key } = openNote(
    note,
    keys.map((key) => ({ key, name: checkpoint.origin, publicKeyPem: key.publicKeyPem })),
  )
  return { checkpoint, signer: key }
}

/**
 * Is the checkpoint a position of this ledger?
 * @throws LedgerError `other-log`; `empty` when it speaks of no entry; `cut` when the ledger does not reach it, at its first missing entry; `fork` when the entries up to it were others
 */
export function checkCheckpoint(log: { readonly origin: string; readonly tree: MerkleTree }, { origin, size, root }: Checkpoint): void {
  const { tree } = log
  if (origin !== log.origin) throw new LedgerError('other-log', 0, `the checkpoint is of ${origin}, the ledger is ${log.origin}`)
  if (size === 0) throw new LedgerError('empty', 0, 'the checkpoint was made of no entry, so it proves nothing')
  if (size > tree.size)
    throw new LedgerError(
      'cut',
      tree.size,
      `the checkpoint was made of ${size} entries, the ledger has ${tree.size}: its tail was cut, or it is older`,
    )
  if (checkpointAt(origin, tree, size).root !== root)
    throw new LedgerError('fork', Math.max(0, size - 1), `the first ${size} entries are not those the checkpoint was made of: history was rewritten`)
}

/**
 * Is one of these histories the beginning of the other?
 * @throws LedgerError `other-log`; `fork` at the first entry that differs
 */
export function checkSameHistory(one: readonly LedgerEntry[], other: readonly LedgerEntry[]): void {
  const [first, second] = [one[0], other[0]]
  if (first !== undefined && second !== undefined && first.release !== second.release)
    throw new LedgerError('other-log', 0, `one ledger is of release ${first.release}, the other of ${second.release}`)
  for (let at = 0; at < Math.min(one.length, other.length); at += 1)
    if (canonicalize(one[at]) !== canonicalize(other[at])) throw new LedgerError('fork', at, `the two histories part at entry ${at}`)
}

function bytesOf(base64: string): Uint8Array | null {
  try {
    return decodeBase64(base64)
  } catch {
    return null
  }
}
