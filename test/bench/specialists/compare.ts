/** Two readers of the same things, class of fault by class of fault: what both see, what only one sees, and who is then right. Pure. */
import type { Explained } from './explained.ts'

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

export interface Difference {
  readonly class: string
  readonly file: string
  readonly onlyBy: 'ours' | 'theirs'
  /** null: nobody has said why. */
  readonly reason: Explained | null
}

/** The first reason that fits is taken. */
export function differencesOf(compared: readonly Compared[], explained: readonly Explained[]): readonly Difference[] {
  return compared.flatMap((one) =>
    (['theirs', 'ours'] as const).flatMap((onlyBy) =>
      (onlyBy === 'ours' ? one.onlyOurs : one.onlyTheirs).map((file): Difference => {
        const fits = (each: Explained): boolean =>
          each.onlyBy === onlyBy &&
          (each.class === null || each.class === one.class) &&
          (each.file instanceof RegExp ? each.file.test(file) : each.file === null || each.file === file)
        return { class: one.class, file, onlyBy, reason: explained.find(fits) ?? null }
      }),
    ),
  )
}

export interface Judged {
  readonly class: string
  readonly both: number
  readonly ours: Side
  readonly theirs: Side
  readonly unexplained: number
}

export interface Side {
  /** Only this one sees it. */
  readonly only: number
  /** Of these no fault. */
  readonly falseAlarms: number
  /** Of all faults that either sees, the share that this one sees, in percent; 100 where there is none. */
  readonly recall: number
}

export function judged(compared: Compared, differences: readonly Difference[]): Judged {
  const of = (onlyBy: 'ours' | 'theirs', is: Explained['is']): number =>
    differences.filter((one) => one.class === compared.class && one.onlyBy === onlyBy && one.reason?.is === is).length
  const faults = compared.both + of('ours', 'fault') + of('theirs', 'fault')
  const side = (onlyBy: 'ours' | 'theirs', only: number): Side => ({
    only,
    falseAlarms: of(onlyBy, 'alarm'),
    recall: faults === 0 ? 100 : (100 * (compared.both + of(onlyBy, 'fault'))) / faults,
  })
  return {
    class: compared.class,
    both: compared.both,
    ours: side('ours', compared.onlyOurs.length),
    theirs: side('theirs', compared.onlyTheirs.length),
    unexplained: differences.filter((one) => one.class === compared.class && one.reason === null).length,
  }
}
