/** Lines of three texts, held against each other: what one changed, and both changes together where they do not meet. Pure. */

/** What one text has in place of lines of another. */
export interface Hunk {
  /** 1-based, in the second text; what was taken away stood before it. */
  readonly line: number
  readonly removed: readonly string[]
  readonly added: readonly string[]
}

export interface Conflict {
  /** 1-based, in our text. */
  readonly line: number
  readonly base: readonly string[]
  readonly ours: readonly string[]
  readonly theirs: readonly string[]
}

export type Merge = { readonly lines: readonly string[] } | { readonly conflicts: readonly Conflict[] }

type Lines = readonly string[]

export function hunksOf(from: Lines, to: Lines): readonly Hunk[] {
  const kept = keptLines(from, to)
  const hunks: Hunk[] = []
  let [a, b] = [0, 0]
  for (let next = 0; next <= from.length; next += 1) {
    const at = next === from.length ? to.length : (kept[next] ?? -1)
    if (at === -1) continue
    if (next > a || at > b) hunks.push({ line: b + 1, removed: from.slice(a, next), added: to.slice(b, at) })
    ;[a, b] = [next + 1, at + 1]
  }
  return hunks
}

/**
 * Both changes of one base. Between two lines that all three have, whoever changed nothing gives way; where both changed it, and not to the same, they
 * conflict. Lines are compared whole.
 */
export function merged(base: Lines, ours: Lines, theirs: Lines): Merge {
  const [inOurs, inTheirs] = [keptLines(base, ours), keptLines(base, theirs)]
  const lines: string[] = []
  const conflicts: Conflict[] = []
  let [b, o, t] = [0, 0, 0]
  for (let next = 0; next <= base.length; next += 1) {
    const end = next === base.length
    const [atOurs, atTheirs] = end ? [ours.length, theirs.length] : [inOurs[next] ?? -1, inTheirs[next] ?? -1]
    if (atOurs === -1 || atTheirs === -1) continue
    const parts = { base: base.slice(b, next), ours: ours.slice(o, atOurs), theirs: theirs.slice(t, atTheirs) }
    const chosen = chosenOf(parts)
    if (chosen === null) conflicts.push({ line: o + 1, ...parts })
    else lines.push(...chosen)
    if (!end) lines.push(base[next] ?? '')
    ;[b, o, t] = [next + 1, atOurs + 1, atTheirs + 1]
  }
  return conflicts.length === 0 ? { lines } : { conflicts }
}

function chosenOf({ base, ours, theirs }: Omit<Conflict, 'line'>): Lines | null {
  if (same(ours, base) || same(ours, theirs)) return theirs
  return same(theirs, base) ? ours : null
}

function same(a: Lines, b: Lines): boolean {
  return a.length === b.length && a.every((line, at) => line === b[at])
}

/**
 * For each line of `from` its place in `to`, or -1: a longest common subsequence, whose places only rise. Time and room grow with the product of what lies
 * between the first and the last difference, so callers bound the lines.
 */
export function keptLines(from: Lines, to: Lines): readonly number[] {
  let head = 0
  while (head < from.length && head < to.length && from[head] === to[head]) head += 1
  let tail = 0
  while (tail < from.length - head && tail < to.length - head && from[from.length - 1 - tail] === to[to.length - 1 - tail]) tail += 1
  const [rows, columns] = [from.length - head - tail, to.length - head - tail]
  const numbers = new Map<string, number>()
  const [a, b] = [numbered(from.slice(head, head + rows), numbers), numbered(to.slice(head, head + columns), numbers)]
  const width = columns + 1
  /** Longest that is left from each pair of places on. */
  const left = new Uint16Array((rows + 1) * width)
  for (let row = rows - 1; row >= 0; row -= 1) {
    const number = a[row]
    for (let column = columns - 1, at = row * width + column; column >= 0; column -= 1, at -= 1)
      left[at] = number === b[column] ? (left[at + width + 1] ?? 0) + 1 : Math.max(left[at + width] ?? 0, left[at + 1] ?? 0)
  }
  const kept = from.map((_, at) => (at < head ? at : at >= from.length - tail ? at - from.length + to.length : -1))
  for (let [row, column] = [0, 0]; row < rows && column < columns;) {
    const at = row * width + column
    if (a[row] === b[column]) {
      kept[head + row] = head + column
      row += 1
      column += 1
    } else if ((left[at + width] ?? 0) >= (left[at + 1] ?? 0)) row += 1
    else column += 1
  }
  return kept
}

/** Equal lines have equal numbers, which are compared sooner. */
function numbered(lines: Lines, numbers: Map<string, number>): Int32Array {
  return Int32Array.from(lines, (line) => {
    const number = numbers.get(line) ?? numbers.size
    numbers.set(line, number)
    return number
  })
}
