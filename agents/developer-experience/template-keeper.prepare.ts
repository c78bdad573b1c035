/** One version of a template, filled in for one file, or what is wrong with it. Pure. */
import type { Finding } from '../../evidence/model/finding.ts'
import type { Inputs } from '../collect/inputs.ts'
import { filledIn, marksOf, type Marks } from './template-keeper.markers.ts'

type Version = Inputs['templates']['templates'][number]['versions'][number]
type File = Inputs['templates']['files'][number]

/** The comparison takes the square of it. */
const MOST_LINES = 2000

export interface Text {
  readonly lines: readonly string[]
  readonly marks: Marks
}

export interface Prepared extends Text {
  readonly version: number
  readonly path: string
}

/** Whatever its lines end with: a checkout may turn them. */
export function textOf(text: string): Text | null {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  return lines.length > MOST_LINES + 1 ? null : { lines, marks: marksOf(lines) }
}

export function tooLong(path: string): Finding {
  return told('too-long', path, `It has more than ${MOST_LINES} lines, and was not compared`, 'Split it.')
}

export function told(rule: string, path: string, message: string, next: string, severity: Finding['severity'] = 'error'): Finding {
  return { rule: `template.${rule}`, severity, path: path.slice(0, 500), message: message.slice(0, 1000), next: next.slice(0, 1000) }
}

export function prepared({ version, path, text, why }: Version, { path: file, values }: File): Prepared | readonly Finding[] {
  if (text === null)
    return [told('unread', path, `The template could not be read: ${why ?? 'no reason was given'}`, 'Make it a regular text file of a normal size.')]
  const filled = filledIn(text, values)
  if (filled.unknown.length > 0) {
    const names = filled.unknown.slice(0, 10).map((name) => `@@${name}@@`)
    return [
      told(
        'unknown-placeholder',
        path,
        `Nobody says what stands in place of ${names.join(', ')} for ${file}`,
        `Say it under gates.hardening.templates, in \`values\` of ${file}.`,
      ),
    ]
  }
  const read = textOf(filled.text)
  if (read === null) return [tooLong(path)]
  const { versions, broken } = read.marks
  const wrong = [...broken].map(([name, what]) =>
    told(
      'invalid',
      path,
      `Its required section ${name} is none: ${what}`,
      'Give each section one `required begin NAME` and one `required end NAME`.',
    ),
  )
  if (versions.length !== 1 || versions[0] !== version)
    wrong.push(
      told(
        'invalid',
        path,
        versions.length === 0
          ? 'The template does not say its version'
          : `The template says v${versions.join(' and v')}, and lies as version ${version}`,
        `Give it one comment \`release-conductor: template v${version}\`.`,
      ),
    )
  return wrong.length > 0 ? wrong : { ...read, version, path }
}
