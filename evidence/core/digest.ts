/** SHA-256 over exact bytes, and over the canonical form of a value. */
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
