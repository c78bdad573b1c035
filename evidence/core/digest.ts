/** SHA-256 over exact bytes, and over the canonical form of a value; and the name that Git gives a file. */
import { hash } from 'node:crypto'
import { canonicalize } from './canonical.ts'

/** Bytes or UTF-8 text -> 64 hex digits. */
export function sha256(bytes: Uint8Array | string): string {
  return hash('sha256', bytes)
}

/** RFC 8785 value -> 64 hex digits. */
export function digestOf(value: unknown): string {
  return sha256(canonicalize(value))
}

/** UTF-8 text -> the 40 hex digits by which Git knows a file of it (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects). */
export function gitBlob(text: string): string {
  return hash('sha1', `blob ${Buffer.byteLength(text)}\0${text}`)
}
