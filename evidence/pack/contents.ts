/** The documents of a pack, read strictly: each fits its schema, and is in the one byte form of its value. */
import type { z } from 'zod'
import { canonicalize } from '../core/canonical.ts'
import { DRAWINGS, type Drawn } from '../chart/drawings.ts'
import { CoreError } from '../core/error.ts'
import { parseJson } from '../core/json.ts'
import { Verdict } from '../model/verdict.ts'
import { firstIssues } from '../verify/predicates.ts'
import type { Contents } from './contract.ts'
import { GoNoGo, RolloutSeries, SelfTests } from './documents.ts'
import { PackError } from './error.ts'
import { CONFIG, GO_NO_GO, RELEASE_NOTES, SELF_TEST } from './layout.ts'

const MAX_BYTES = 64 * 1024 * 1024

/** Bytes -> value of the schema, when they are its canonical JSON. */
export function readDocument<Value>(path: string, bytes: Uint8Array, schema: z.ZodType<Value>): Value | PackError {
  try {
    const value = parseJson(bytes, { maxBytes: MAX_BYTES })
    const parsed = schema.safeParse(value)
    if (!parsed.success) return new PackError('document', path, `${path} does not fit its schema: ${firstIssues(parsed.error)}`)
    if (!Buffer.from(canonicalize(value)).equals(bytes)) return new PackError('document', path, `${path} is not canonical JSON`)
    return parsed.data
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause
    return new PackError('document', path, `${path} is not strict JSON: ${cause.message}`, { cause })
  }
}

/** Every document that is there; what does not fit is reported. */
export function readDocuments(
  files: ReadonlyMap<string, Uint8Array>,
  errors: PackError[],
): Pick<Contents, 'goNoGo' | 'selfTests' | 'verdicts' | 'series' | 'drawings'> {
  const one = <Value>(path: string, schema: z.ZodType<Value>): Value | null => {
    const bytes = files.get(path)
    if (bytes === undefined) return null
    const answer = readDocument(path, bytes, schema)
    if (!(answer instanceof PackError)) return answer
    errors.push(answer)
    return null
  }
  const all = <Value>(isOne: (path: string) => boolean, schema: z.ZodType<Value>): Map<string, Value> => {
    const found = new Map<string, Value>()
    for (const path of files.keys()) {
      const value = isOne(path) ? one(path, schema) : null
      if (value !== null) found.set(path, value)
    }
    return found
  }
  for (const path of [CONFIG, RELEASE_NOTES])
    if (files.has(path) && !isText(files.get(path))) errors.push(new PackError('document', path, `${path} is empty or not UTF-8 text`))
  return {
    goNoGo: one(GO_NO_GO, GoNoGo),
    selfTests: one(SELF_TEST, SelfTests),
    verdicts: all((path) => path.startsWith('verdicts/'), Verdict),
    drawings: new Map(
      DRAWINGS.flatMap((drawing) =>
        [...all((path) => drawing.isOf(path), drawing.schema)].flatMap(([path, value]) => drawnFrom(drawing, path, value)),
      ),
    ),
    series: all((path) => /^slo\/[^/]+-\d+\.json$/.test(path), RolloutSeries),
  }
}

function drawnFrom(drawing: (typeof DRAWINGS)[number], path: string, value: unknown): readonly (readonly [string, Drawn])[] {
  const drawn = drawing.drawn(value)
  return drawn === null ? [] : [[path, drawn]]
}

function isText(bytes: Uint8Array | undefined): boolean {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim() !== ''
  } catch {
    return false
  }
}
