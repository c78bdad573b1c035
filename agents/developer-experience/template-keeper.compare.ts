/** A file that came from a template, held against the version it came from and against the newest. Pure. */
import type { Finding } from '../../evidence/model/finding.ts'
import type { Inputs } from '../collect/inputs.ts'
import { behind as behindFinding, downgraded, drifted, unguarded, unknownVersion, type Given } from './template-keeper.findings.ts'
import { marksOf } from './template-keeper.markers.ts'
import { hunksOf, merged, type Conflict, type Hunk } from './template-keeper.merge.ts'
import { prepared, textOf, told, tooLong, type Prepared } from './template-keeper.prepare.ts'
import { isSame, sectionsOf, type SectionState } from './template-keeper.sections.ts'

type File = Inputs['templates']['files'][number]
type Versions = Inputs['templates']['templates'][number]['versions']

export interface Compared {
  readonly file: string
  readonly template: string
  /** Where it came from, as it says itself; null: it says none that there is. */
  readonly version: number | null
  readonly newest: number | null
  readonly behind: number
  readonly state: 'up-to-date' | 'drifted' | 'behind' | 'conflict' | 'not-compared'
  readonly sections: readonly SectionState[]
  /** Own changes beside the version it came from. */
  readonly drift: readonly Hunk[]
  readonly conflicts: readonly Conflict[]
  /** The file brought up to date; null: it is, or nobody can without a person. */
  readonly update: string | null
  readonly findings: readonly Finding[]
}

export function compared(file: File, versions: Versions): Compared {
  const last = versions.at(-1)
  const none: Compared = {
    file: file.path,
    template: file.template,
    version: null,
    newest: last?.version ?? null,
    behind: 0,
    state: 'not-compared',
    sections: [],
    drift: [],
    conflicts: [],
    update: null,
    findings: [],
  }
  const stopped = (...findings: readonly Finding[]): Compared => ({ ...none, findings })
  if (last === undefined)
    return stopped(
      told(
        'absent',
        file.path,
        `No version of its template ${file.template} lies on the base branch`,
        'Merge the template first, or correct its path.',
      ),
    )
  if (file.text === null)
    return stopped(told('file-unread', file.path, `It could not be read: ${file.why ?? 'no reason was given'}`, 'Commit it as a regular text file.'))
  const ours = textOf(file.text)
  if (ours === null) return stopped(tooLong(file.path))
  const newest = prepared(last, file)
  if (!('lines' in newest)) return stopped(...newest)
  const [named] = ours.marks.versions
  const entry = ours.marks.versions.length === 1 ? versions.find(({ version }) => version === named) : undefined
  if (entry === undefined) {
    const sections = sectionsOf(file.path, ours, [newest])
    return { ...none, sections: sections.states, findings: [unknownVersion(file, ours, versions), ...sections.findings] }
  }
  const from = prepared(entry, file)
  if (!('lines' in from)) return stopped(...from)
  return between(none, { file, ours, from, newest, versions })
}

function between(none: Compared, given: Given): Compared {
  const { file, ours, from, newest, versions } = given
  const behind = versions.filter(({ version }) => version > from.version).length
  const sections = sectionsOf(file.path, ours, [from, newest])
  const drift = hunksOf(from.lines, ours.lines)
  const both = merged(from.lines, ours.lines, newest.lines)
  const conflicts = 'conflicts' in both ? both.conflicts : []
  const update = behind === 0 || !('lines' in both) ? null : updated(file, both.lines, newest)
  const state = conflicts.length > 0 ? 'conflict' : behind > 0 ? 'behind' : drift.length > 0 ? 'drifted' : 'up-to-date'
  const findings = [
    ...downgraded(given),
    ...sections.findings,
    ...(behind === 0 ? [] : [behindFinding(given, behind, conflicts, update)]),
    ...(drift.length === 0 ? [] : [drifted(given, drift)]),
    ...(newest.marks.sections.size > 0 ? [] : [unguarded(newest)]),
  ]
  return { ...none, version: from.version, behind, state, sections: sections.states, drift, conflicts, update, findings }
}

function updated({ text, executable }: File, lines: readonly string[], newest: Prepared): string | null {
  if (executable) return null
  const marks = marksOf(lines)
  const isWhole = [...newest.marks.sections].every(([name, section]) => isSame(section, marks.sections.get(name)))
  if (!isWhole || marks.broken.size > 0 || marks.versions.length !== 1 || marks.versions[0] !== newest.version) return null
  return lines.join(text?.includes('\r\n') === true ? '\r\n' : '\n')
}
