/** What changed, told as Markdown: for the changelog, the release notes and the pull request. Others' words have no effect in it. Pure. */
import { prose } from '../github/markdown.ts'
import type { Change } from './changes.ts'

/** A thing to be told, of one kind. */
export interface Section {
  readonly title: string
  readonly lines: readonly string[]
}

const TITLES: Readonly<Record<string, string>> = {
  feat: 'Features',
  fix: 'Fixes',
  perf: 'Performance',
  security: 'Security',
  revert: 'Taken back',
  docs: 'Documentation',
  refactor: 'Refactoring',
  build: 'Build',
  ci: 'Continuous integration',
  test: 'Tests',
  style: 'Style',
  chore: 'Chores',
}
const LONGEST = 300

/** Breaking changes first, then the types that the config tells, in its order. A section without a line is left out. @param types `release.notes.sections` */
export function sectionsOf(changes: readonly Change[], types: readonly string[]): readonly Section[] {
  const broken = changes.filter(({ breaking }) => breaking !== null)
  const sections = [
    { title: 'Breaking changes', lines: unique(broken.map((change) => line(change, change.breaking ?? ''))) },
    ...types.map((type) => ({ title: titleOf(type), lines: unique(changes.filter((change) => change.type === type).map((change) => line(change))) })),
  ]
  return sections.filter(({ lines }) => lines.length > 0)
}

/** How many changes no section tells. */
export function untold(changes: readonly Change[], types: readonly string[]): number {
  return changes.filter(({ type, breaking }) => breaking === null && (type === null || !types.includes(type))).length
}

function titleOf(type: string): string {
  return TITLES[type] ?? `${type.charAt(0).toUpperCase()}${type.slice(1)}`
}

function line({ scope, subject, pull, sha }: Change, said = ''): string {
  const words = cut(said === '' ? subject : said)
  const where = pull === null ? sha.slice(0, 7) : `#${pull}`
  return `- ${scope === null || scope.trim() === '' ? '' : `**${prose(cut(scope))}:** `}${prose(words)} (${where})`
}

function cut(text: string): string {
  const characters = Array.from(text.replace(/\s+/g, ' ').trim())
  return characters.length <= LONGEST ? characters.join('') : `${characters.slice(0, LONGEST - 1).join('')}…`
}

function unique(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)]
}

/** @param heading such as `### ` or bold @param room bytes for all of it; what has no room is counted instead */
export function tell(sections: readonly Section[], heading: (title: string) => string, room: number): string {
  const parts: string[] = []
  let left = room
  let omitted = 0
  for (const { title, lines } of sections) {
    const fitting: string[] = []
    left -= Buffer.byteLength(heading(title)) + 4
    for (const each of lines) {
      left -= Buffer.byteLength(each) + 1
      if (left < 0) break
      fitting.push(each)
    }
    omitted += lines.length - fitting.length
    if (fitting.length > 0) parts.push(`${heading(title)}\n\n${fitting.join('\n')}`)
  }
  if (omitted > 0) parts.push(`… and ${omitted} more, told in CHANGELOG.md.`)
  return parts.join('\n\n')
}
