/**
 * Reads a tiled transparency log: its checkpoint, its leaves, and the inclusion proof of one of them. What is read is believed only after
 * `evidence/verify` has checked proof and checkpoint against the trusted root. https://github.com/C2SP/C2SP/blob/main/tlog-tiles.md
 */
import { createHash } from 'node:crypto'
import { SignError } from './error.ts'
import { addressOf, ask, type Patience } from './service.ts'

const SERVICE = 'the transparency log (tiles)'
const WIDTH = 256
const HASH = 32

export interface TiledLog {
  /** Base address; `/checkpoint` and `/tile/…` lie below it. */
  readonly url: string
  readonly patience?: Patience
}

export interface Checkpoint {
  readonly envelope: string
  readonly size: number
  /** Base64. */
  readonly root: string
  /** First four bytes of the id of each key that signed it. */
  readonly keyIds: readonly Buffer[]
}

/** @throws SignError */
export async function readCheckpoint(log: TiledLog): Promise<Checkpoint> {
  const { bytes } = await get(log, '/checkpoint', 20_000)
  const envelope = Buffer.from(bytes).toString('utf8')
  const [, size = '', root = ''] = envelope.split('\n')
  const signatures = [...envelope.matchAll(/^\u2014 \S{1,200} ([A-Za-z0-9+/]+={0,2})$/gm)]
  if (!/^(?:0|[1-9]\d{0,14})$/.test(size) || Buffer.from(root, 'base64').length !== HASH || signatures.length === 0)
    throw new SignError('bad-answer', `${SERVICE} did not answer with a checkpoint`)
  const keyIds = signatures.map(([, signature = '']) => Buffer.from(signature, 'base64').subarray(0, 4))
  return { envelope, size: Number(size), root, keyIds }
}

/**
 * Index of the newest leaf with this hash, looked for backwards.
 * @param of.from smallest index worth looking at @param of.most leaves looked at
 * @returns null when none of them is it
 */
export async function findLeaf(
  log: TiledLog,
  of: { readonly leaf: Buffer; readonly size: number; readonly from: number; readonly most: number },
): Promise<number | null> {
  const { leaf, size } = of
  const least = Math.max(of.from, size - of.most)
  for (let tile = Math.ceil(size / WIDTH) - 1; tile >= 0 && (tile + 1) * WIDTH > least; tile--) {
    const hashes = await readTile(log, 0, tile, size)
    for (let at = hashes.length / HASH - 1; at >= 0; at--) if (hashes.subarray(at * HASH, (at + 1) * HASH).equals(leaf)) return tile * WIDTH + at
  }
  return null
}

/** RFC 6962 audit path of a leaf in the tree of this size, from the leaf up. */
export async function inclusionProof(log: TiledLog, index: number, size: number): Promise<readonly Buffer[]> {
  const tiles = new Map<string, Buffer>()
  const tile = async (level: number, number: number): Promise<Buffer> => {
    const name = `${level}/${number}`
    const known = tiles.get(name) ?? (await readTile(log, level, number, size))
    tiles.set(name, known)
    return known
  }
  const path = async (from: number, to: number): Promise<Buffer[]> => {
    if (to - from === 1) return []
    const middle = from + split(to - from)
    return index < middle ? [...(await path(from, middle)), await root(middle, to)] : [...(await path(middle, to)), await root(from, middle)]
  }
  const root = async (from: number, to: number): Promise<Buffer> => {
    const count = to - from
    const height = Math.log2(count)
    if (Number.isInteger(height)) {
      const level = Math.floor(height / 8)
      const below = count / 2 ** (level * 8)
      const first = from / 2 ** (level * 8)
      const hashes = await tile(level, Math.floor(first / WIDTH))
      return rootOf(hashes.subarray((first % WIDTH) * HASH, ((first % WIDTH) + below) * HASH))
    }
    const middle = from + split(count)
    return node(await root(from, middle), await root(middle, to))
  }
  return path(0, size)
}

export function leafHash(entry: Uint8Array): Buffer {
  return createHash('sha256')
    .update(Buffer.from([0]))
    .update(entry)
    .digest()
}

async function readTile(log: TiledLog, level: number, number: number, size: number): Promise<Buffer> {
  const width = Math.min(WIDTH, Math.floor(size / 2 ** (level * 8)) - number * WIDTH)
  const partial = width < WIDTH ? `.p/${width}` : ''
  const { bytes } = await get(log, `/tile/${level}/${nameOf(number)}${partial}`, WIDTH * HASH)
  if (bytes.length !== width * HASH) throw new SignError('bad-answer', `${SERVICE} answered with ${bytes.length} bytes for a tile of ${width} hashes`)
  return Buffer.from(bytes)
}

/** 1234067 -> `x001/x234/067` */
function nameOf(number: number): string {
  const digits = String(number)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? []
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/')
}

function get({ url, patience }: TiledLog, path: string, maxBytes: number): ReturnType<typeof ask> {
  return ask({ service: SERVICE, url: addressOf(url, path), method: 'GET', accept: '*/*', maxBytes, ...(patience === undefined ? {} : { patience }) })
}

/** The greatest power of two below a count. */
function split(count: number): number {
  return 2 ** (Math.ceil(Math.log2(count)) - 1)
}

/** Of a whole number of hashes that is a power of two. */
function rootOf(hashes: Buffer): Buffer {
  if (hashes.length === HASH) return hashes
  const half = hashes.length / 2
  return node(rootOf(hashes.subarray(0, half)), rootOf(hashes.subarray(half)))
}

function node(left: Buffer, right: Buffer): Buffer {
  return createHash('sha256')
    .update(Buffer.from([1]))
    .update(left)
    .update(right)
    .digest()
}
