/** A transparency log over loopback, of both generations: it keeps a real tree, answers as Rekor does, and signs with the log key of a `Sigstore`. */
import { sign } from 'node:crypto'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { loopback, type Asked, type Loopback, type Said } from '../loopback.ts'
import { sha256, spki, type Pair } from './authority.ts'
import { base64, checkpoint } from './log.ts'

const NAME = 'rekor.example'
const leaf = (data: Uint8Array): Buffer => sha256(Buffer.from([0]), data)
const node = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Buffer.from([1]), left, right)

export interface RekorOptions {
  /** Entries of others that are there before; default 300, which needs more than one tile. */
  readonly others?: number
  /** Adds an equal entry again, which Rekor refuses. */
  readonly forgetful?: boolean
  /** Does what it was asked, and the answer is lost. */
  readonly lost?: (asked: Asked) => boolean
  /** Says something else; null: nothing else. */
  readonly instead?: (asked: Asked) => Said | 'never' | null
}

export interface FakeRekor extends Loopback {
  /** How many entries of this kind of request were added. */
  readonly added: () => number
}

export async function fakeRekor(key: Pair, options: RekorOptions = {}): Promise<FakeRekor> {
  const bodies: Buffer[] = Array.from({ length: options.others ?? 300 }, (_, n) => Buffer.from(`other ${n}`))
  const id = sha256(spki(key.publicKey))
  let added = 0
  const place = (body: Buffer): number => bodies.findIndex((each) => each.equals(body))
  const add = (body: Buffer): number => {
    added += 1
    return bodies.push(body) - 1
  }
  const proof = (at: number): object => {
    const hashes = bodies.map(leaf)
    return { at, size: hashes.length, root: rootOf(hashes), path: proofOf(hashes, at) }
  }
  const note = (): string => checkpoint(NAME, bodies.length, base64(rootOf(bodies.map(leaf))), key, id)
  const v2 = (at: number): object => {
    const { size, root, path } = proof(at) as { size: number; root: Buffer; path: Buffer[] }
    return {
      logIndex: String(at),
      logId: { keyId: base64(id) },
      kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
      integratedTime: '0',
      inclusionPromise: null,
      inclusionProof: {
        logIndex: String(at),
        rootHash: base64(root),
        treeSize: String(size),
        hashes: path.map(base64),
        checkpoint: { envelope: note() },
      },
      canonicalizedBody: base64(bodies[at] ?? Buffer.alloc(0)),
    }
  }
  const v1 = (at: number): object => {
    const { size, root, path } = proof(at) as { size: number; root: Buffer; path: Buffer[] }
    const body = base64(bodies[at] ?? Buffer.alloc(0))
    const said = { body, integratedTime: 1_795_000_000, logID: id.toString('hex'), logIndex: at }
    const signedEntryTimestamp = base64(sign('sha256', Buffer.from(canonicalize(said)), key.privateKey))
    const inclusionProof = {
      checkpoint: note(),
      hashes: path.map((hash) => hash.toString('hex')),
      logIndex: at,
      rootHash: root.toString('hex'),
      treeSize: size,
    }
    return { [uuidOf(at)]: { ...said, verification: { signedEntryTimestamp, inclusionProof } } }
  }
  const uuidOf = (at: number): string => leaf(bodies[at] ?? Buffer.alloc(0)).toString('hex')

  const answer = (asked: Asked): Said | 'never' => {
    const instead = options.instead?.(asked)
    if (instead != null) return instead
    const route = `${asked.method} ${asked.path}`
    if (route === 'POST /api/v2/log/entries') {
      const body = bodyV2(asked)
      const known = options.forgetful === true ? -1 : place(body)
      return known >= 0
        ? { status: 409, body: { code: 6, message: `an equivalent entry already exists in the transparency log with index ${known}` } }
        : { status: 201, body: v2(add(body)) }
    }
    if (route === 'GET /api/v2/checkpoint') return { body: note() }
    const tile = /^GET \/api\/v2\/tile\/(\d+)\/([x/\d]+?)(?:\.p\/(\d+))?$/.exec(route)
    if (tile !== null) return tileOf(bodies.map(leaf), Number(tile[1]), Number((tile[2] ?? '').replaceAll(/[x/]/g, '')), Number(tile[3] ?? 256))
    if (route === 'POST /api/v1/log/entries') {
      const body = bodyV1(JSON.parse(asked.body.toString()))
      const known = place(body)
      return known >= 0
        ? { status: 409, headers: { location: `http://elsewhere.example/api/v1/log/entries/${uuidOf(known)}` }, body: { code: 409 } }
        : { status: 201, body: v1(add(body)) }
    }
    if (route === 'POST /api/v1/log/entries/retrieve') {
      const { entries } = JSON.parse(asked.body.toString()) as { entries: unknown[] }
      const known = place(bodyV1(entries[0]))
      return { body: known < 0 ? [] : [v1(known)] }
    }
    const got = /^GET \/api\/v1\/log\/entries\/([0-9a-f]+)$/.exec(route)?.[1]
    const at = bodies.findIndex((_, index) => uuidOf(index) === got)
    return at < 0 ? { status: 404 } : { body: v1(at) }
  }
  const heard = (asked: Asked): Said | 'never' => {
    const said = answer(asked)
    return options.lost?.(asked) === true ? { status: 502 } : said
  }
  return Object.assign(await loopback(heard), { added: () => added })
}

function bodyV2(asked: Asked): Buffer {
  const { hashedRekordRequestV002: request } = JSON.parse(asked.body.toString()) as {
    hashedRekordRequestV002: { digest: string; signature: object }
  }
  const hashedRekordV002 = { data: { algorithm: 'SHA2_256', digest: request.digest }, signature: request.signature }
  return Buffer.from(canonicalize({ apiVersion: '0.0.2', kind: 'hashedrekord', spec: { hashedRekordV002 } }))
}

const hash = (data: Uint8Array): object => ({ algorithm: 'sha256', value: sha256(data).toString('hex') })

function bodyV1(proposal: unknown): Buffer {
  const { spec } = proposal as { spec: { proposedContent: { envelope: string; verifiers: string[] } } }
  const { envelope, verifiers } = spec.proposedContent
  const { payload, signatures } = JSON.parse(envelope) as { payload: string; signatures: { sig: string }[] }
  return Buffer.from(
    canonicalize({
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec: {
        envelopeHash: hash(Buffer.from(envelope)),
        payloadHash: hash(Buffer.from(payload, 'base64')),
        signatures: [{ signature: signatures[0]?.sig, verifier: verifiers[0] }],
      },
    }),
  )
}

/** 256 hashes of a level; a level stands eight above the one before. */
function tileOf(leaves: readonly Buffer[], level: number, number: number, width: number): Said {
  let hashes = [...leaves]
  for (let step = 0; step < level * 8; step++)
    hashes = Array.from({ length: Math.floor(hashes.length / 2) }, (_, n) =>
      node(hashes[2 * n] ?? Buffer.alloc(0), hashes[2 * n + 1] ?? Buffer.alloc(0)),
    )
  const tile = hashes.slice(number * 256, number * 256 + width)
  return tile.length === width ? { body: Buffer.concat(tile) } : { status: 404 }
}

function split(size: number): number {
  let half = 1
  while (half * 2 < size) half *= 2
  return half
}

function rootOf(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves
  if (only !== undefined && leaves.length === 1) return only
  const half = split(leaves.length)
  return node(rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)))
}

function proofOf(leaves: readonly Buffer[], index: number): Buffer[] {
  if (leaves.length === 1) return []
  const half = split(leaves.length)
  return index < half
    ? [...proofOf(leaves.slice(0, half), index), rootOf(leaves.slice(half))]
    : [...proofOf(leaves.slice(half), index - half), rootOf(leaves.slice(0, half))]
}
