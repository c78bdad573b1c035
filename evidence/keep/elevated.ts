/** Which entries of a pack may hold personal data or more than everybody should see: reading one is written down with its reason, before it is shown. */

/** Sign-in and provisioning records, what agents collected as it was (addresses of authors, texts of people), logs, and the ledger with everybody's commands. */
export const ELEVATED: readonly string[] = ['identity/**', 'inputs/**', 'logs/**', 'audit/**']

/** @param patterns exact paths, `*` for a part of one segment, `**` for anything; case does not matter: a disk that folds it must not open what this closes */
export function isElevated(path: string, patterns: readonly string[] = ELEVATED): boolean {
  return patterns.some((pattern) => matches(pattern.toLowerCase(), path.toLowerCase()))
}

/** In time of pattern times path, whatever the pattern: a regular expression would not promise that. */
function matches(pattern: string, path: string): boolean {
  const tokens = pattern.match(/\*\*+|\*|[^*]/gs) ?? []
  // reached[i]: the tokens so far can end before character i.
  let reached = Array.from({ length: path.length + 1 }, (_, at) => at === 0)
  for (const token of tokens) {
    const next = Array.from({ length: path.length + 1 }, () => false)
    for (let at = 0; at <= path.length; at++) {
      if (token.startsWith('*')) {
        const grown = at > 0 && next[at - 1] === true && (token.length > 1 || path[at - 1] !== '/')
        next[at] = reached[at] === true || grown
      } else next[at] = at > 0 && reached[at - 1] === true && path[at - 1] === token
    }
    reached = next
  }
  return reached[path.length] === true
}
