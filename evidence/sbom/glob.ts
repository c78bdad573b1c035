/** The globs of `workspaces`: `packages/*`, `apps/**`, `!packages/old`. Enough to tell which folders of a lock file are workspaces. */

/** Does the folder belong to the list? The last pattern that matches decides. */
export function isListed(folder: string, patterns: readonly string[]): boolean {
  let listed = false
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!')
    const plain = (negated ? pattern.slice(1) : pattern).replace(/^(?:\.?\/)+/, '').replace(/\/+$/, '')
    if (matches(folder.split('/'), plain.split('/'))) listed = !negated
  }
  return listed
}

function matches(parts: readonly string[], patterns: readonly string[]): boolean {
  if (parts.length > 40 || patterns.length > 40) return false
  let row = [true, ...parts.map(() => false)]
  for (const pattern of patterns) {
    const next = [pattern === '**' && row[0] === true]
    for (const [at, part] of parts.entries())
      next.push(pattern === '**' ? next[at] === true || row[at + 1] === true : row[at] === true && matchesPart(part, pattern))
    row = next
  }
  return row.at(-1) === true
}

/** `*` and `?` within one name, in time that grows with the product of the lengths. */
function matchesPart(part: string, pattern: string): boolean {
  if (pattern === '*') return true
  if (part.length > 214 || pattern.length > 214) return false
  let row = [true, ...Array.from(part, () => false)]
  for (const mark of pattern) {
    const next = [mark === '*' && row[0] === true]
    for (let at = 0; at < part.length; at += 1)
      next.push(mark === '*' ? next[at] === true || row[at + 1] === true : row[at] === true && (mark === '?' || mark === part[at]))
    row = next
  }
  return row.at(-1) === true
}
