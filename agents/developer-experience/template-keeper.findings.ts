/** What is told of one templated file beside its required sections. Pure. */
import type { Finding } from '../../evidence/model/finding.ts'
import type { Inputs } from '../collect/inputs.ts'
import { marksOf } from './template-keeper.markers.ts'
import type { Conflict, Hunk } from './template-keeper.merge.ts'
import { told, type Prepared, type Text } from './template-keeper.prepare.ts'

type File = Inputs['templates']['files'][number]
type Versions = Inputs['templates']['templates'][number]['versions']

/** From how many versions behind on it is an error. */
const TOO_FAR = 2

export interface Given {
  readonly file: File
  readonly ours: Text
  readonly from: Prepared
  readonly newest: Prepared
  readonly versions: Versions
}

export function unknownVersion(file: File, { marks: { versions: said } }: Text, versions: Versions): Finding {
  const known = versions.map(({ version }) => `v${version}`).slice(-10)
  if (said.length === 1)
    return told(
      'unknown-version',
      file.path,
      `It says that it came from v${said[0]} of ${file.template}; the base branch has ${known.join(', ')}`,
      'Correct the version, or keep that version of the template.',
    )
  const how = said.length === 0 ? 'does not say' : `says in ${said.length} ways`
  return told(
    'no-version',
    file.path,
    `It ${how} from which version of ${file.template} it came`,
    `Give it one comment \`release-conductor: template v${versions.at(-1)?.version ?? 1}\`, with the version it came from.`,
  )
}

/** A release that takes a file back to an older version would take back what the newer one requires. */
export function downgraded({ file, from, versions }: Given): Finding[] {
  const [before, ...more] = marksOf((file.before ?? '').split(/\r?\n/)).versions
  if (before === undefined || more.length > 0 || before <= from.version || !versions.some(({ version }) => version === before)) return []
  return [
    told('downgraded', file.path, `The release takes it from v${before} back to v${from.version} of ${file.template}`, `Keep it at v${before}.`),
  ]
}

export function behind({ file, from, newest }: Given, count: number, conflicts: readonly Conflict[], update: string | null): Finding {
  const [first] = conflicts
  const where = conflicts.slice(0, 10).map(({ line }) => line)
  const message = [
    `It came from v${from.version} of ${file.template}, which is at v${newest.version}: ${count === 1 ? 'one version' : `${count} versions`} behind`,
    ...(first === undefined ? [] : [`it and the template changed the same lines, at line ${where.join(', ')}`]),
  ].join('; ')
  const next =
    first !== undefined
      ? 'Bring it up to date by hand: templates/drift.json shows what each has there.'
      : file.executable
        ? 'Bring it up to date by hand: a plan would take away that it can be executed.'
        : update === null
          ? 'Bring its required sections to what the newest version has; then a plan can do the rest.'
          : '`release-conductor run --phase=P0 --plan` shows it brought up to date.'
  return {
    ...told('behind', file.path, message, next, count >= TOO_FAR ? 'error' : 'warning'),
    ...(first !== undefined && { line: first.line }),
  }
}

export function drifted({ file, from }: Given, drift: readonly Hunk[]): Finding {
  const { line } = drift[0] ?? { line: 1 }
  const message = `It has ${drift.length === 1 ? 'one change' : `${drift.length} changes`} of its own beside v${from.version} of ${file.template}, the first at line ${line}`
  return { ...told('drifted', file.path, message, 'Nothing to do if they are meant; templates/drift.json lists them.', 'info'), line }
}

export function unguarded({ path }: Prepared): Finding {
  const next = 'Put `release-conductor: required begin NAME` and `required end NAME` around what no file may lose.'
  return told('no-required-section', path, 'The template requires nothing: any of its lines may go unseen', next, 'warning')
}
