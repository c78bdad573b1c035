/** Where two JSON values differ, leaf by leaf. Pure, and bounded: a hostile value gives a short answer. */
import { canonicalize } from './canonical.ts'

export interface Difference {
  /** `thresholds.errors`, `reasons[0].message`; the prefix alone for the whole value. */
  readonly field: string
  /** JSON, shortened; `(absent)` where there is nothing. */
  readonly packed: string
  readonly recomputed: string
}

const MAX_DIFFERENCES = 50
const MAX_TEXT = 200
const ABSENT = '(absent)'

/** @param prefix stands before every field, such as `verdict` */
export function differences(packed: unknown, recomputed: unknown, prefix = ''): readonly Difference[] {
  const found: Difference[] = []
  walk(packed, recomputed, prefix, found)
  return found
}

function walk(packed: unknown, recomputed: unknown, field: string, found: Difference[]): void {
  if (found.length >= MAX_DIFFERENCES || packed === recomputed) return
  if (Array.isArray(packed) && Array.isArray(recomputed)) {
    for (let at = 0; at < Math.max(packed.length, recomputed.length); at++) walk(packed[at], recomputed[at], `${field}[${at}]`, found)
    return
  }
  if (isObject(packed) && isObject(recomputed)) {
    for (const key of [...new Set([...Object.keys(packed), ...Object.keys(recomputed)])].toSorted())
      walk(own(packed, key), own(recomputed, key), field === '' ? key : `${field}.${key}`, found)
    return
  }
  found.push({ field, packed: shown(packed), recomputed: shown(recomputed) })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function own(value: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined
}

function shown(value: unknown): string {
  if (value === undefined) return ABSENT
  const text = canonicalize(value)
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`
}
