/** Levenshtein distance, capped: anything over `most` edits counts as `most + 1`. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return Math.min(row[b.length] ?? most + 1, most + 1)
}

/** The known word that was probably meant, or undefined when none is near. At most a third of the letters, and never more than three, may differ. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const given = word.slice(0, 100).toLowerCase().replaceAll('-', '_')
  let best: { word: string; edits: number } | undefined
  for (const candidate of known) {
    const most = Math.min(3, Math.max(1, Math.floor(candidate.length / 3)))
    const edits = distance(given, candidate.toLowerCase().replaceAll('-', '_'), most)
    if (edits <= most && (best === undefined || edits < best.edits)) best = { word: candidate, edits }
  }
  return best?.word
}
