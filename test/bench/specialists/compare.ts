/** Two readers of the same files, class of fault by class of fault: what both see, what only one sees. Pure. */

/** A fault of a class in a file; the unit that two readers are compared by, since they name lines differently. */
export interface Seen {
  readonly file: string
  readonly class: string
}

export interface Compared {
  readonly class: string
  readonly both: number
  readonly onlyOurs: readonly string[]
  readonly onlyTheirs: readonly string[]
}

export function compare(classes: readonly string[], ours: readonly Seen[], theirs: readonly Seen[]): readonly Compared[] {
  return classes.map((name) => {
    const files = (seen: readonly Seen[]): ReadonlySet<string> => new Set(seen.filter((one) => one.class === name).map(({ file }) => file))
    const [mine, other] = [files(ours), files(theirs)]
    return {
      class: name,
      both: [...mine].filter((file) => other.has(file)).length,
      onlyOurs: [...mine].filter((file) => !other.has(file)).toSorted(),
      onlyTheirs: [...other].filter((file) => !mine.has(file)).toSorted(),
    }
  })
}

/** Of what the specialist sees, the share that we see too, in percent; 100 where it sees nothing. */
export function recallOf({ both, onlyTheirs }: Compared): number {
  return both + onlyTheirs.length === 0 ? 100 : (100 * both) / (both + onlyTheirs.length)
}
