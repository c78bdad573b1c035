/** Tar, as layers use it: ustar with the long names of pax and GNU. Fed chunk by chunk, it holds no more than the files that are asked for. */
import { SbomError } from '../error.ts'

export type TarType = 'file' | 'link' | 'symlink' | 'folder' | 'other'

export interface TarEntry {
  /** Without `./` and `/` at either end. */
  readonly path: string
  readonly type: TarType
  readonly size: number
  /** Of links. */
  readonly target: string
}

export interface TarLimits {
  readonly entries: number
  /** Of one file that is kept. */
  readonly file: number
}

const BLOCK = 512
/** Of a long name or a pax header. */
const MAX_EXTRA = 64 << 10
const MAX_PATH = 4096
const TYPES: Readonly<Record<string, TarType>> = { '0': 'file', '\0': 'file', '7': 'file', '1': 'link', '2': 'symlink', '5': 'folder' }

interface Pending {
  readonly entry: TarEntry | null
  /** Typeflag of a header that speaks for the next entry. */
  readonly extra: string | null
  readonly kept: Uint8Array[] | null
  left: number
  padding: number
}

/** Calls `visit` for each entry, with the bytes of those for which `wants` says yes. */
export class TarReader {
  readonly #wants: (entry: TarEntry) => boolean
  readonly #visit: (entry: TarEntry, bytes: Uint8Array | null) => void
  readonly #limits: TarLimits
  #rest: Uint8Array = new Uint8Array()
  #pending: Pending | null = null
  #next: { path?: string; target?: string; size?: number } = {}
  #entries = 0
  #ended = false

  constructor(limits: TarLimits, wants: (entry: TarEntry) => boolean, visit: (entry: TarEntry, bytes: Uint8Array | null) => void) {
    this.#limits = limits
    this.#wants = wants
    this.#visit = visit
  }

  /** @throws SbomError `image-structure`, `limit` */
  push(chunk: Uint8Array): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    while (bytes.length > 0 && !this.#ended) {
      const pending = this.#pending
      if (pending === null) {
        if (bytes.length < BLOCK) break
        this.#header(bytes.subarray(0, BLOCK))
        bytes = bytes.subarray(BLOCK)
      } else {
        const taken = Math.min(bytes.length, pending.left)
        pending.kept?.push(Uint8Array.from(bytes.subarray(0, taken)))
        pending.left -= taken
        const skipped = pending.left > 0 ? 0 : Math.min(bytes.length - taken, pending.padding)
        pending.padding -= skipped
        bytes = bytes.subarray(taken + skipped)
      }
      if (this.#pending !== null && this.#pending.left === 0 && this.#pending.padding === 0) this.#finish(this.#pending)
    }
    this.#rest = this.#ended ? new Uint8Array() : Uint8Array.from(bytes)
  }

  /** @throws SbomError `image-structure` when the archive stops in the middle */
  end(): void {
    if (this.#pending !== null || this.#rest.length > 0) throw new SbomError('image-structure', 'a layer stops in the middle of a file')
  }

  #header(block: Uint8Array): void {
    if (block.every((byte) => byte === 0)) {
      this.#ended = true
      return
    }
    if (octal(block, 148, 8) !== checksum(block)) throw new SbomError('image-structure', 'the header of an entry has a wrong checksum')
    this.#entries += 1
    if (this.#entries > this.#limits.entries) throw new SbomError('limit', `a layer holds more than ${this.#limits.entries} entries`)
    const flag = String.fromCharCode(block[156] ?? 0)
    const isExtra = 'xgLK'.includes(flag)
    const size = (isExtra ? undefined : this.#next.size) ?? octal(block, 124, 12)
    if (isExtra && size > MAX_EXTRA) throw new SbomError('limit', `a header of ${size} bytes`)
    const padding = (BLOCK - (size % BLOCK)) % BLOCK
    if (isExtra) {
      this.#pending = { entry: null, extra: flag, kept: [], left: size, padding }
      return
    }
    const prefix = text(block, 257, 5) === 'ustar' ? text(block, 345, 155) : ''
    const name = text(block, 0, 100)
    const type = TYPES[flag] ?? 'other'
    const entry: TarEntry = {
      path: pathOf(this.#next.path ?? (prefix === '' ? name : `${prefix}/${name}`)),
      type,
      size,
      target: this.#next.target ?? text(block, 157, 100),
    }
    this.#next = {}
    const left = type === 'file' || type === 'other' ? size : 0
    const isWanted = type === 'file' && this.#wants(entry)
    if (isWanted && size > this.#limits.file)
      throw new SbomError('limit', `${entry.path.slice(0, 80)} has ${size} bytes; at most ${this.#limits.file} are read`)
    this.#pending = { entry, extra: null, kept: isWanted ? [] : null, left, padding: left === 0 ? 0 : padding }
  }

  #finish({ entry, extra, kept }: Pending): void {
    this.#pending = null
    const bytes = kept === null ? null : Buffer.concat(kept)
    if (entry !== null) this.#visit(entry, bytes)
    else if (bytes !== null) this.#speak(extra ?? '', bytes)
  }

  /** What a header says about the next entry. */
  #speak(flag: string, bytes: Uint8Array): void {
    if (flag === 'L') this.#next.path = text(bytes, 0, bytes.length)
    else if (flag === 'K') this.#next.target = text(bytes, 0, bytes.length)
    else if (flag === 'x')
      for (const [key, value] of paxRecords(bytes)) {
        if (key === 'path') this.#next.path = value
        else if (key === 'linkpath') this.#next.target = value
        else if (key === 'size') this.#next.size = sizeOf(value)
      }
  }
}

function text(block: Uint8Array, start: number, length: number): string {
  const field = block.subarray(start, start + length)
  const end = field.indexOf(0)
  return new TextDecoder().decode(end === -1 ? field : field.subarray(0, end))
}

/** Octal text, or GNU's binary form for large values. */
function octal(block: Uint8Array, start: number, length: number): number {
  const field = block.subarray(start, start + length)
  if (((field[0] ?? 0) & 0x80) !== 0) return sizeOf(String(field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0)))
  const digits = text(block, start, length).trim()
  if (!/^[0-7]{0,12}$/.test(digits)) throw new SbomError('image-structure', 'a number in the header of an entry is none')
  return digits === '' ? 0 : Number.parseInt(digits, 8)
}

function sizeOf(value: string): number {
  const size = Number(value)
  if (!/^\d{1,15}$/.test(value)) throw new SbomError('image-structure', `a file of ${value.slice(0, 40)} bytes`)
  return size
}

function checksum(block: Uint8Array): number {
  return block.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0)
}

/** `25 path=usr/lib/os-release\n` */
function paxRecords(bytes: Uint8Array): readonly (readonly [string, string])[] {
  const records: (readonly [string, string])[] = []
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at)
    const length = Number(new TextDecoder().decode(bytes.subarray(at, Math.max(space, at))))
    const record = new TextDecoder().decode(bytes.subarray(space + 1, at + length - 1))
    const equals = record.indexOf('=')
    if (space === -1 || !Number.isSafeInteger(length) || length <= space - at || at + length > bytes.length || equals === -1)
      throw new SbomError('image-structure', 'a pax header is malformed')
    records.push([record.slice(0, equals), record.slice(equals + 1)])
    at += length
  }
  return records
}

/** @throws SbomError `image-structure` for a path that leaves the image */
function pathOf(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..') || name.length > MAX_PATH || name.includes('\0'))
    throw new SbomError('image-structure', `${JSON.stringify(name.slice(0, 80))} leads out of the image`)
  return parts.join('/')
}
