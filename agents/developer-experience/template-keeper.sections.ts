/** What a template requires, held against what a file has. Pure. */
import type { Finding } from '../../evidence/model/finding.ts'
import { keptLines } from './template-keeper.merge.ts'
import type { Section } from './template-keeper.markers.ts'
import { told, type Prepared, type Text } from './template-keeper.prepare.ts'

export interface SectionState {
  readonly name: string
  readonly state: 'kept' | 'removed' | 'changed' | 'moved'
}

/** Each section is held against all versions that are given: as any of them has it is well, and so is none where one of them has none. */
export function sectionsOf(
  file: string,
  ours: Text,
  against: readonly Prepared[],
): { readonly states: SectionState[]; readonly findings: Finding[] } {
  const states: SectionState[] = []
  const findings: Finding[] = []
  const places = against.map(({ lines }) => keptLines(lines, ours.lines))
  for (const [name, section] of against[0]?.marks.sections ?? []) {
    const wanted = against.map(({ marks }) => marks.sections.get(name))
    const mine = ours.marks.sections.get(name)
    const broken = ours.marks.broken.get(name)
    if (mine === undefined && broken === undefined) {
      if (wanted.includes(undefined)) continue
      states.push({ name, state: 'removed' })
      findings.push({
        ...told(
          'section-removed',
          file,
          `The required section ${name} of ${against[0]?.path} is not in ${file}`,
          'Put it back, with its marks, as the template has it.',
        ),
        subject: name,
      })
    } else if (broken === undefined && wanted.some((one) => isSame(one, mine))) {
      const inPlace = wanted.some((one, at) => isSame(one, mine) && stands(places[at], one, mine))
      states.push({ name, state: inPlace ? 'kept' : 'moved' })
      if (!inPlace)
        findings.push({
          ...told(
            'section-moved',
            file,
            `The required section ${name} of ${against[0]?.path} has changed places in ${file} with other lines of the template`,
            'Put it where the template has it.',
          ),
          subject: name,
          ...(mine !== undefined && { line: mine.line }),
        })
    } else {
      states.push({ name, state: 'changed' })
      findings.push({
        ...told(
          'section-changed',
          file,
          `The required section ${name} of ${against[0]?.path} is another in ${file}: ${broken ?? firstDifference(section, mine)}`,
          'Bring it to what the template has, or change the template on the base branch.',
        ),
        subject: name,
        ...(mine !== undefined && { line: mine.line }),
      })
    }
  }
  return { states, findings }
}

/** Is it among the lines that both have in one order? Where it has changed places with more lines than its own, it is not. */
function stands(places: readonly number[] | undefined, wanted: Section | undefined, mine: Section | undefined): boolean {
  return wanted !== undefined && mine !== undefined && places?.[wanted.line - 1] === mine.line - 1
}

export function isSame(one: Section | undefined, other: Section | undefined): boolean {
  return one !== undefined && one.lines.join('\n') === other?.lines.join('\n')
}

/** In the words of the template: what a file has in its place may be nobody's business. */
function firstDifference(wanted: Section, mine: Section | undefined): string {
  const at = wanted.lines.findIndex((line, index) => line !== mine?.lines[index])
  return at === -1 ? 'it has more lines' : `line ${(mine?.line ?? 1) + at} should be \`${wanted.lines[at]?.trim().slice(0, 200)}\``
}
