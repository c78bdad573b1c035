/** The contract of a comparison with one specialist; each is one file, and one line in `parts.ts`. */
import { tool } from '../../support/tools.ts'
import { Unavailable } from '../benchmark.ts'
import type { Compared, Seen } from './compare.ts'
import type { Explained } from './explained.ts'

export interface Part {
  /** What both are shown, as a heading. */
  readonly topic: string
  /** Its name, and that of the program. */
  readonly specialist: string
  /** Who is right where the two differ, and why. */
  readonly explained: readonly Explained[]
  /** @param dir an empty folder @throws Unavailable when the specialist, or what is to be read, cannot be had */
  run(dir: string): Promise<Shown>
}

export interface Shown {
  /** `213 files` */
  readonly what: string
  readonly compared: readonly Compared[]
}

/** Class -> our rules, and the specialist's. */
export type Classes = Readonly<Record<string, { readonly ours: readonly string[]; readonly theirs: readonly string[] }>>

/** A rule that somebody named about a file -> what it counts as. */
export function seenBy(side: 'ours' | 'theirs', classes: Classes, said: readonly { readonly file: string; readonly rule: string }[]): Seen[] {
  return said.flatMap(({ file, rule }) =>
    Object.entries(classes)
      .filter(([, rules]) => rules[side].includes(rule))
      .map(([name]) => ({ file, class: name })),
  )
}

/** @param folder of `.ci/tools`, where it is no program of the system */
export function programOf(name: string, folder = ''): string {
  const program = tool(`${folder}${name}`) ?? tool(name)
  if (program === null) throw new Unavailable(`${name} is not installed; RC_TOOLS=$(.ci/tools) has it`)
  return program
}
