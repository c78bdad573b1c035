/** Is a version within a range, as npm means it? */
import Range from 'semver/classes/range.js'

/** `^1.2.3`, `~1.2.3`, `1.2.3`, against such a version: nearly every question, and semver takes longer to read one range than to list a package. */
const PLAIN = /^([~^]?)(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/

/** Ranges that were read; one for each lock file. */
export type Ranges = Map<string, Range | null>

/** What is no range of versions, but a tag or a URL, holds every version. */
export function isWithin(version: string, range: string, ranges: Ranges): boolean {
  const [wanted, found] = [PLAIN.exec(range), PLAIN.exec(version)]
  if (wanted !== null && found !== null && found[1] === '') return isPlainlyWithin(found, wanted)
  return rangeOf(range, ranges)?.test(version) !== false
}

function isPlainlyWithin(found: RegExpExecArray, wanted: RegExpExecArray): boolean {
  const [x, y, z] = [Number(found[2]), Number(found[3]), Number(found[4])]
  const [a, b, c] = [Number(wanted[2]), Number(wanted[3]), Number(wanted[4])]
  if (wanted[1] === '~') return x === a && y === b && z >= c
  if (wanted[1] === '' || (a === 0 && b === 0)) return x === a && y === b && z === c
  return a === 0 ? x === 0 && y === b && z >= c : x === a && (y > b || (y === b && z >= c))
}

function rangeOf(text: string, ranges: Ranges): Range | null {
  const known = ranges.get(text)
  if (known !== undefined) return known
  let range: Range | null
  try {
    range = new Range(text, { loose: true, includePrerelease: true })
  } catch {
    range = null
  }
  ranges.set(text, range)
  return range
}
