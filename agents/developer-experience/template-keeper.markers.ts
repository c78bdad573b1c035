/** What comments of a template and of its files say: `release-conductor: template v3`, and which lines are required. Pure. */

/** The comment opens with whatever the file's syntax has, and may be closed on the same line. */
const MARKER =
  /^[^\p{L}\p{N}"'`]{0,20}release-conductor: (?:template v(?<version>0|[1-9]\d{0,5})|required (?<edge>begin|end) (?<name>[a-z0-9][a-z0-9-]{0,60}))\s*(?:-->|\*\/\s*(?:-?\}\})?)?\s*$/u
const PLACEHOLDER = /@@([^@\s]{1,100})@@/g

export interface Section {
  /** 1-based line of its first mark. */
  readonly line: number
  /** With both marks: a mark that opens a comment and does not close it would take out all of it. */
  readonly lines: readonly string[]
}

export interface Marks {
  readonly versions: readonly number[]
  readonly sections: ReadonlyMap<string, Section>
  /** Sections that are no whole, each in words. */
  readonly broken: ReadonlyMap<string, string>
}

export function marksOf(lines: readonly string[]): Marks {
  const versions: number[] = []
  const sections = new Map<string, Section>()
  const broken = new Map<string, string>()
  let open: { readonly name: string; readonly at: number } | null = null
  for (const [at, line] of lines.entries()) {
    const { version, edge, name = '' } = line.includes('release-conductor:') ? (MARKER.exec(line)?.groups ?? {}) : {}
    if (version !== undefined) versions.push(Number(version))
    if (edge === 'begin') {
      if (open !== null) broken.set(open.name, `it is not ended before line ${at + 1}`)
      open = { name, at }
    }
    if (edge === 'end') {
      if (open?.name !== name) broken.set(name, `line ${at + 1} ends what was not begun`)
      else if (at - open.at < 2) broken.set(name, `nothing stands in it at line ${at + 1}`)
      else if (sections.has(name)) broken.set(name, `it stands twice, at line ${open.at + 1} again`)
      else sections.set(name, { line: open.at + 1, lines: lines.slice(open.at, at + 1) })
      open = null
    }
  }
  if (open !== null) broken.set(open.name, 'it is not ended')
  return { versions, sections, broken }
}

/** @param values by name; a name that is not among them is unknown */
export function filledIn(text: string, values: Readonly<Record<string, string>>): { readonly text: string; readonly unknown: readonly string[] } {
  const unknown = new Set<string>()
  const filled = text.replaceAll(PLACEHOLDER, (whole, name: string) => {
    if (Object.hasOwn(values, name)) return values[name] ?? ''
    unknown.add(name)
    return whole
  })
  return { text: filled, unknown: [...unknown] }
}
