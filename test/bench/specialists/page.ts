/**
 * The tables of docs/specialists.md. `RC_TOOLS=$(.ci/tools) node test/bench/specialists/page.ts [specialist…]` writes them anew, or those that are
 * named; the interoperability tests make all again and compare.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { differencesOf, judged, type Difference } from './compare.ts'
import type { Part, Shown } from './part.ts'
import { PARTS } from './parts.ts'

export const PAGE = join(import.meta.dirname, '../../../docs/specialists.md')
const TOOLS = join(import.meta.dirname, '../../../.ci/tools')
export const BEGIN = '<!-- specialists: generated, do not edit -->'
export const END = '<!-- specialists: end -->'
/** Debian has it, in its own version. */
const OF_THE_SYSTEM: readonly string[] = ['promtool']

export function headingOf({ topic, specialist }: Part): string {
  return OF_THE_SYSTEM.includes(specialist) ? `## ${topic}: ${specialist}` : `## ${topic}: ${specialist} ${versionOf(specialist)}`
}

/** As `.ci/tools` installs it. */
function versionOf(specialist: string): string {
  const pin = new RegExp(`(?:^|[\\s(/])${specialist}(?:-bin)?(?:/v\\d+)?(?:==|@v)(\\d+\\.\\d+\\.\\d+)`, 'm').exec(readFileSync(TOOLS, 'utf8'))
  if (pin?.[1] === undefined) throw new Error(`.ci/tools installs no ${specialist}`)
  return pin[1]
}

export function sectionOf(part: Part, { what, compared }: Shown): string {
  const differences = differencesOf(compared, part.explained)
  const { specialist } = part
  const rows = compared.map((one) => {
    const { both, ours, theirs } = judged(one, differences)
    const cells = [both, ours.only, theirs.only, percent(ours.recall), percent(theirs.recall), ours.falseAlarms, theirs.falseAlarms]
    return `| ${one.class} | ${cells.join(' | ')} |`
  })
  const head = [
    'class',
    'both',
    'only ours',
    `only ${specialist}`,
    'recall, ours',
    `recall, ${specialist}`,
    'false alarms, ours',
    `false alarms, ${specialist}`,
  ]
  return [
    headingOf(part),
    `${what}.`,
    [`| ${head.join(' | ')} |`, `|${'---|'.repeat(head.length)}`, ...rows].join('\n'),
    ...whys(differences, specialist),
  ].join('\n\n')
}

/** What is not all is never rounded to it. */
function percent(value: number): string {
  return `${value < 100 ? Math.min(99, Math.round(value)) : 100} %`
}

const IS = { fault: 'a fault', alarm: 'none', elsewhere: 'told elsewhere' } as const

/** Each reason once, with how many it explains. */
function whys(differences: readonly Difference[], specialist: string): string[] {
  if (differences.length === 0) return []
  const rows = new Map<string, { readonly classes: Set<string>; count: number }>()
  for (const { class: name, onlyBy, reason } of differences) {
    const key = `${onlyBy === 'ours' ? 'ours' : specialist} | ${reason === null ? 'NOBODY HAS SAID | ' : `${IS[reason.is]} | ${reason.why}`}`
    const row = rows.get(key) ?? { classes: new Set(), count: 0 }
    row.classes.add(name)
    row.count += 1
    rows.set(key, row)
  }
  const lines = [...rows].map(
    ([key, { classes, count }]) => `| ${classes.size > 2 ? `${classes.size} classes` : [...classes].join(', ')} | ${count} | ${key} |`,
  )
  return [['| class | how many | only | it is | why |', '|---|---|---|---|---|', ...lines].join('\n')]
}

/** Runs one comparison in a folder of its own. */
export async function shown(part: Part): Promise<Shown> {
  const dir = mkdtempSync(join(tmpdir(), 'release-conductor-specialists-'))
  try {
    return await part.run(dir)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** The page with these sections in place of those that it had. */
export function withSections(page: string, sections: readonly string[]): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin === -1 || end < begin) throw new Error(`docs/specialists.md lacks the lines ${BEGIN} and ${END}`)
  return `${page.slice(0, begin + BEGIN.length)}\n\n${sections.join('\n\n')}\n\n${page.slice(end)}`
}

/** The section of a comparison as the page has it; null when it has none. */
export function sectionIn(page: string, part: Part): string | null {
  const begin = page.indexOf(`${headingOf(part)}\n`)
  if (begin === -1) return null
  const rest = page.slice(begin)
  return rest.slice(0, rest.search(/\n\n(?:## |<!-- specialists: end)/))
}

async function write(names: readonly string[]): Promise<void> {
  const page = readFileSync(PAGE, 'utf8')
  const sections: string[] = []
  for (const part of PARTS) {
    const kept = names.length === 0 || names.includes(part.specialist) ? null : sectionIn(page, part)
    if (kept === null) process.stderr.write(`${part.topic}: ${part.specialist}\n`)
    sections.push(kept ?? sectionOf(part, await shown(part)))
  }
  writeFileSync(PAGE, withSections(page, sections))
}

if (import.meta.main) await write(process.argv.slice(2))
