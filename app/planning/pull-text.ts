/** Title, text and labels of a release pull request: the seven sections of the template, filled with what is known. Pure. */
import { SECTIONS } from '../../agents/developer-experience/lint-marshal.template.ts'
import type { Config } from '../../evidence/model/config.ts'
import { code, inline, prose } from '../github/markdown.ts'
import type { Change } from './changes.ts'
import { MOST_PATHS } from './history.ts'
import { tell, untold, type Section } from './notes.ts'
import { inputsPath, notesPath } from './run-inputs.ts'
import { demandOf, whyDemanded } from './version.ts'

/** What of the text the App keeps up to date: the part between these two lines, while nobody else changed it. */
export const KEPT = { begin: '<!-- release-conductor:planned -->', end: '<!-- release-conductor:planned end -->' } as const
/** Of GitHub's 65,536 characters; the rest is the other sections. */
const ROOM = 40_000

export interface Told {
  readonly version: string
  /** null: the first release. */
  readonly previous: string | null
  readonly changes: readonly Change[]
  readonly sections: readonly Section[]
  /** null: there is no config. */
  readonly config: Config | null
  readonly paths: readonly string[]
  readonly hotfix: boolean
  /** Who asked for it. */
  readonly owner: string | null
  /** The repository's own template; null: it has none. */
  readonly template: string | null
}

export function titleOf(version: string): string {
  return `chore(release): ${version}`
}

/** The planned part, between its two lines. */
export function plannedPart(told: Told): string {
  const { version, previous, changes, sections, config } = told
  const types = config?.release.notes.sections ?? []
  const more = untold(changes, types)
  const demanded = previous === null ? null : demandOf(previous, changes)
  const parts = [
    previous === null
      ? `${code(version)} is the first release.`
      : `${code(previous)} → ${code(version)}: ${whyDemanded(changes)} of ${changes.length === 1 ? 'one' : changes.length} in all${demanded === null ? '' : `, which asks for ${demanded.next} at the least`}.`,
    ...(sections.length === 0 ? [] : [tell(sections, (title) => `**${title}**`, ROOM)]),
    ...(more === 0 ? [] : [`${more} ${more === 1 ? 'commit changes' : 'commits change'} nothing that users see.`]),
  ]
  return [KEPT.begin, '', parts.join('\n\n'), '', KEPT.end].join('\n')
}

export function bodyOf(told: Told): string {
  const { version, config, paths, owner } = told
  const migrations = touched(told, config?.data.migrations?.path)
  const texts: Readonly<Record<(typeof SECTIONS)[number], string>> = {
    Impact: plannedPart(told),
    'Gates affected': gates(config),
    'Canary plan': canary(config),
    Rollback: [
      `${code('/rollback <reason>')} on this pull request takes all traffic back to ${told.previous === null ? 'what served before' : code(told.previous)} at once; a breach does so by itself.`,
      ...(migrations.length > 0
        ? [`It changes the schema (${some(migrations)}): the version before must run the new one, or going back is refused.`]
        : []),
    ].join('\n\n'),
    Runbooks: runbooks(paths),
    'Evidence paths': `The pack is ${code(`artifacts/release/${version}/evidence.zip`)}. On this branch: ${code(notesPath(version))}, ${code(inputsPath(version))}, ${code('CHANGELOG.md')}.`,
    'Risk and owner': `${riskOf(told)} risk: ${riskWhy(told)}. ${owner === null ? 'Whoever opened this pull request answers for it.' : `Asked for by ${inline(owner)}, who answers for it.`}`,
  }
  const canon = SECTIONS.map((title) => `## ${title}\n\n${texts[title]}\n`)
  return [...canon, ...ownSections(told.template)].join('\n')
}

/** Exactly one `type:` and one `risk:`, and what else is certain. */
export function labelsOf(told: Told): readonly string[] {
  const { changes, config, hotfix } = told
  const has = (type: string): boolean => changes.some((change) => change.type === type)
  const type = has('feat') ? 'type:feat' : has('security') ? 'type:security' : has('fix') || has('perf') ? 'type:fix' : 'type:ops'
  const risk = { Low: 'risk:low', Medium: 'risk:med', High: 'risk:high' }[riskOf(told)]
  const migrates = touched(told, config?.data.migrations?.path).length > 0
  return [type, risk, ...(migrates ? ['migration'] : []), ...(hotfix ? [config?.release.hotfix.label ?? 'hotfix'] : [])]
}

/** The part that is kept up to date, as it stands in a text; null: somebody took its lines out. */
export function keptIn(body: string): string | null {
  const text = body.replaceAll('\r\n', '\n')
  const from = text.indexOf(KEPT.begin)
  const to = text.indexOf(KEPT.end, from)
  return from === -1 || to === -1 ? null : text.slice(from, to + KEPT.end.length)
}

/** The text with another planned part, and everything around it as people left it; null: there is no place for it. */
export function withPlanned(body: string, part: string): string | null {
  const kept = keptIn(body)
  return kept === null ? null : body.replaceAll('\r\n', '\n').replace(kept, () => part)
}

function riskOf({ changes, previous, config, paths }: Told): 'Low' | 'Medium' | 'High' {
  if (changes.some(({ breaking }) => breaking !== null)) return 'High'
  const migrates = touched({ paths }, config?.data.migrations?.path).length > 0
  return previous === null || migrates || changes.some(({ type }) => type === 'feat') ? 'Medium' : 'Low'
}

function riskWhy({ changes, previous, config, paths }: Told): string {
  if (touched({ paths }, config?.data.migrations?.path).length > 0) return `${whyDemanded(changes)}, and the schema changes`
  return previous === null ? 'nothing was released before' : whyDemanded(changes)
}

function touched({ paths }: Pick<Told, 'paths'>, folder: string | undefined): readonly string[] {
  return folder === undefined ? [] : paths.filter((path) => path.startsWith(`${folder.replace(/\/+$/, '')}/`))
}

function gates(config: Config | null): string {
  const declared = Object.entries(config?.not_applicable ?? {})
  const left = declared.map(([gate, why]) => `- ${code(gate)}: not applicable, ${prose(why?.reason ?? '')}`)
  return [
    'Every gate looks at the head commit; what each one measured stands in its check below.',
    ...(left.length === 0 ? [] : [left.join('\n')]),
  ].join('\n\n')
}

function canary(config: Config | null): string {
  const lines = Object.entries(config?.environments ?? {}).map(
    ([name, { steps, bake }]) =>
      `- ${code(name)}: ${steps.join(' → ')} %, watched for ${typeof bake === 'string' ? bake : Object.values(bake).join(', ')} at each step`,
  )
  return lines.length === 0 ? 'The config names no environment yet, so nothing is promoted.' : lines.join('\n')
}

function runbooks(paths: readonly string[]): string {
  const changed = paths.filter((path) => /runbook/i.test(path))
  const seen = paths.length >= MOST_PATHS ? ` Looked at: the first ${MOST_PATHS} changed files.` : ''
  return `${changed.length === 0 ? 'No runbook is new or changed.' : `Changed: ${some(changed)}.`}${seen}`
}

function some(paths: readonly string[]): string {
  const more = paths.length - 5
  return `${paths.slice(0, 5).map(code).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** What a repository's own template asks beyond the seven. */
function ownSections(template: string | null): readonly string[] {
  const canon = SECTIONS.map((title) => title.toLowerCase())
  return (template ?? '')
    .replaceAll('\r\n', '\n')
    .split(/^(?=## )/m)
    .filter((part) => part.startsWith('## ') && !canon.includes((part.split('\n', 1)[0] ?? '').slice(3).trim().toLowerCase()))
    .map((part) => `${part.trimEnd()}\n`)
    .slice(0, 20)
}
