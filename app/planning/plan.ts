/** What is known -> the whole release pull request: version, files, text, labels; or why there is none, and what to do. Pure. */
import type { Config } from '../../evidence/model/config.ts'
import { LONG_TEXT, fit } from '../github/limits.ts'
import { prose } from '../github/markdown.ts'
import { withVersion } from './changelog.ts'
import { changesOf, type Change } from './changes.ts'
import type { History } from './history.ts'
import { EXECUTABLE, inTheWay } from './modes.ts'
import { sectionsOf, tell, untold, type Section } from './notes.ts'
import { bodyOf, labelsOf, plannedPart, titleOf, type Told } from './pull-text.ts'
import { inputsPath, notesPath, runInputs } from './run-inputs.ts'
import { before, demandOf, taken, tooLow, type Unfit } from './version.ts'
import { KNOWN_FILES, withNewVersion } from './version-files.ts'

export const CHANGELOG = 'CHANGELOG.md'
export const TEMPLATE = '.github/pull_request_template.md'
/** In Markdown, of a changelog or notes. */
const ROOM = 60_000

export interface Known {
  readonly version: string
  /** Names of all tags. */
  readonly tags: readonly string[]
  readonly base: { readonly branch: string; readonly commit: string }
  /** It mends a version that is out. */
  readonly hotfix: boolean
  readonly history: History
  /** null: there is none. */
  readonly config: Config | null
  /** Texts of files at the base's commit, as far as they are there: {@link wantedFiles}. */
  readonly files: ReadonlyMap<string, string>
  /** Git's modes there of {@link wantedFiles}, as far as they are there. */
  readonly modes: ReadonlyMap<string, string>
  /** Open issues with the config's label; null: not asked. */
  readonly knownIssues: readonly { readonly number: number; readonly title: string }[] | null
  readonly owner: string | null
  /** Such as 2026-11-26. */
  readonly day: string
}

export interface Plan {
  readonly version: string
  readonly previous: string | null
  readonly branch: string
  readonly base: Known['base']
  readonly hotfix: boolean
  /** Of the release commit. */
  readonly message: string
  readonly files: readonly { readonly path: string; readonly text: string; readonly executable?: boolean }[]
  readonly title: string
  readonly body: string
  /** The part of the body that is kept up to date. */
  readonly planned: string
  readonly labels: readonly string[]
  /** A hotfix whose mending change is still to come. */
  readonly draft: boolean
  readonly changes: number
  /** Version files that are wanted and were left as they are. */
  readonly unbumped: readonly string[]
}

export interface NoPlan {
  readonly code: Unfit['code'] | 'nothing' | 'no-file'
  readonly message: string
  readonly next: string
}

export function branchOf(version: string): string {
  return `release/${version}`
}

/** Files to read before planning, out of those at the root. @param root names there */
export function wantedFiles(config: Config | null, root: readonly string[]): readonly string[] {
  const named = config?.release.version_files ?? []
  return [
    ...new Set([...(root.includes(CHANGELOG) ? [CHANGELOG] : []), ...(named.length > 0 ? named : KNOWN_FILES.filter((name) => root.includes(name)))]),
  ]
}

/** The version before it, whose tag the history is read from. */
export const previousOf = before

export function isPlan(plan: Plan | NoPlan): plan is Plan {
  return 'branch' in plan
}

export function planRelease(known: Known): Plan | NoPlan {
  const { version, tags, base, hotfix, history, config, files } = known
  const previous = before(version, tags)
  const changes = changesOf(history)
  const unfit = taken(version, tags) ?? tooLow(version, previous, changes)
  if (unfit !== null) return unfit
  if (changes.length === 0 && previous !== null && !hotfix)
    return {
      code: 'nothing',
      message: `There is nothing to release: ${base.branch} has no change since ${previous}.`,
      next: 'Merge what the release is for, then ask again.',
    }
  const other = inTheWay(known.modes)
  if (other !== null)
    return {
      code: 'no-file',
      message: `${other.path} is ${other.is}: a release would put a file in its place.`,
      next: `Make it a file${other.path === CHANGELOG ? '' : ', or name in `release.version_files` the files that hold the version'}.`,
    }
  const types = config?.release.notes.sections ?? ['feat', 'fix', 'perf', 'security']
  const sections = sectionsOf(changes, types)
  const told: Told = { ...known, previous, changes, sections, paths: history.paths, template: files.get(TEMPLATE) ?? null }
  const bump = previous === null ? null : demandOf(previous, changes).bump
  const listed = tell(sections, (title) => `### ${title}`, ROOM)
  const wanted = [...files.keys()].filter((path) => path !== CHANGELOG && path !== TEMPLATE)
  const bumped = wanted.map((path) => ({ path, text: withNewVersion(path, files.get(path) ?? '', version) }))
  const bit = (path: string) => (known.modes.get(path) === EXECUTABLE ? { executable: true } : {})
  return {
    version,
    previous,
    branch: branchOf(version),
    base,
    hotfix,
    message: `${titleOf(version)}\n\nVersion, changelog, notes and run inputs, planned from ${base.branch} at ${base.commit.slice(0, 12)}.\n`,
    title: titleOf(version),
    body: fit(bodyOf(told), LONG_TEXT),
    planned: plannedPart(told),
    labels: labelsOf(told),
    draft: hotfix && changes.length === 0,
    changes: changes.length,
    unbumped: bumped.flatMap(({ path, text }) => (text === null ? [path] : [])),
    files: [
      ...bumped.flatMap(({ path, text }) => (text === null ? [] : [{ path, text, ...bit(path) }])),
      {
        path: CHANGELOG,
        text: withVersion(files.get(CHANGELOG) ?? null, { version, day: known.day, body: listed === '' ? quiet(changes) : listed }),
        ...bit(CHANGELOG),
      },
      { path: notesPath(version), text: notes(known, previous, { changes, sections, types }) },
      { path: inputsPath(version), text: runInputs({ version, previous, bump, base }, config) },
    ],
  }
}

function quiet(changes: readonly Change[]): string {
  return changes.length === 0 ? 'The change that this version is for is on its way.' : 'Nothing that users see.'
}

/** `release_notes/<version>.md`: semver, changes, risks, rollback, known issues (SPEC part 2). */
function notes(
  { version, knownIssues, history }: Known,
  previous: string | null,
  { changes, sections, types }: { readonly changes: readonly Change[]; readonly sections: readonly Section[]; readonly types: readonly string[] },
): string {
  const more = untold(changes, types)
  const breaking = changes.filter((change) => change.breaking !== null).length
  const issues = knownIssues?.slice(0, 50).map(({ number, title }) => `- #${number} ${prose(title)}`) ?? []
  const parts = [
    `# ${version}`,
    previous === null ? 'The first release.' : `After ${previous}; the changes ask for ${demandOf(previous, changes).next} at the least.`,
    '## Changes',
    ...(sections.length === 0 ? [quiet(changes)] : [tell(sections, (title) => `### ${title}`, ROOM)]),
    ...(more === 0 || sections.length === 0 ? [] : [`And ${more} that users do not see.`]),
    ...(history.cut ? ['The history is longer than what was read: older changes are not told.'] : []),
    '## Risks',
    breaking === 0
      ? 'No change is marked as breaking.'
      : `${breaking} ${breaking === 1 ? 'change is' : 'changes are'} marked as breaking: see above.`,
    '## Rollback',
    previous === null
      ? 'There is no version to go back to.'
      : `All traffic goes back to ${previous}: \`/rollback <reason>\` on the release pull request.`,
    '## Known issues',
    knownIssues === null ? 'Not asked: this was planned without GitHub.' : issues.length === 0 ? 'None is known.' : issues.join('\n'),
  ]
  return `${parts.join('\n\n')}\n`
}
