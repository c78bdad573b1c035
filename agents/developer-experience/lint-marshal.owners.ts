/**
 * Who owns a path by CODEOWNERS, as GitHub decides it: the last matching line wins, and a line without owners takes ownership away.
 * Written here because gitignore matchers differ where it matters: for GitHub `docs/*` does not reach into `docs/a/`, and `!` and `[a-z]` do not work.
 * https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
 */
import type { Finding } from '../../evidence/model/finding.ts'
import type { Inputs } from '../collect/inputs.ts'

export interface OwnerLine {
  readonly line: number
  readonly pattern: string
  readonly owners: readonly string[]
}

/** Text of CODEOWNERS -> its lines, in order. A backslash keeps a space or `#` inside a pattern. */
export function ownerLines(text: string): OwnerLine[] {
  return text.split(/\r?\n/).flatMap((content, index) => {
    const [pattern, ...rest] = content.match(/(?:\\.|\S)+/g) ?? []
    if (pattern === undefined || pattern.startsWith('#')) return []
    const comment = rest.findIndex((word) => word.startsWith('#'))
    return [{ line: index + 1, pattern, owners: comment === -1 ? rest : rest.slice(0, comment) }]
  })
}

/** More wildcards than any honest pattern has, fewer than a regular expression can choke on. */
const MAX_STARS = 10

/** Pattern -> matcher over repository-relative paths; null when GitHub would skip the line. */
export function ownerPattern(pattern: string): RegExp | null {
  if (pattern.startsWith('!') || /[[\]]/.test(pattern) || pattern.split('*').length > MAX_STARS) return null
  const directory = pattern.endsWith('/')
  const body = pattern.replace(/^\//, '').replace(/\/$/, '')
  if (body === '') return null
  const anchored = pattern.startsWith('/') || body.includes('/')
  let source = anchored ? '^' : '^(?:.*/)?'
  const parts = body.split('/')
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1
    if (part === '**') source += last ? '.+' : '(?:.*/)?'
    else source += `${segment(part)}${last ? '' : '/'}`
  }
  // `docs/*` means the files of that directory only; any other name means also everything below it.
  if (directory) source += '/.+'
  else if (!(anchored && parts.length > 1 && parts.at(-1) === '*')) source += '(?:/.*)?'
  return new RegExp(`${source}$`, 's')
}

function segment(part: string): string {
  return part.replaceAll(/\\(.)|\*+|\?|[.+^${}()|\\]/g, (found, escaped?: string) => {
    if (escaped !== undefined) return escaped.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    if (found.startsWith('*')) return '[^/]*'
    return found === '?' ? '[^/]' : `\\${found}`
  })
}

const MAX_NAMED = 50

/** The file and the changed paths -> what is not owned, by whom it cannot be owned, and lines that do nothing. */
export function ownerFindings(
  codeowners: Inputs['codeowners'],
  paths: readonly string[],
): { readonly findings: Finding[]; readonly unowned: number } {
  const { file, problems } = codeowners
  if (file === null) {
    const next = 'Add .github/CODEOWNERS with an owner for every path.'
    return { findings: [{ rule: 'owners.absent', severity: 'error', message: 'The repository has no CODEOWNERS file', next }], unowned: paths.length }
  }
  const findings: Finding[] = []
  const lines = ownerLines(file.text)
  for (const problem of problems) {
    const unknown = /owner/i.test(problem.kind)
    const who = lines.find((line) => line.line === problem.line)?.owners.join(' ')
    findings.push({
      rule: unknown ? 'owners.unknown' : 'owners.invalid-line',
      severity: 'error',
      path: file.path,
      line: problem.line,
      message: `GitHub says of line ${problem.line} (${who ?? 'no owner'}): ${problem.kind}: ${problem.message}`.slice(0, 1000),
      next: unknown ? 'Name people and teams that exist and have write access.' : 'Correct the line; GitHub skips it as it is.',
    })
  }
  const matchers = lines.flatMap((line) => {
    const matcher = ownerPattern(line.pattern)
    if (matcher !== null) return [{ matcher, owners: line.owners }]
    if (!problems.some((problem) => problem.line === line.line))
      findings.push({
        rule: 'owners.invalid-line',
        severity: 'error',
        path: file.path,
        line: line.line,
        message: `The pattern ${line.pattern} means nothing to GitHub`.slice(0, 1000),
        next: 'Write it without `!` and `[ ]`.',
      })
    return []
  })
  const unowned = paths.filter((path) => (matchers.findLast((line) => line.matcher.test(path))?.owners.length ?? 0) === 0)
  for (const path of unowned.slice(0, MAX_NAMED))
    findings.push({
      rule: 'owners.path-unowned',
      severity: 'error',
      path: path.slice(0, 500),
      message: `Nobody owns ${path}`.slice(0, 1000),
      next: `Add a line for it to ${file.path}.`,
    })
  if (unowned.length > MAX_NAMED)
    findings.push({
      rule: 'owners.path-unowned',
      severity: 'error',
      message: `Nobody owns ${unowned.length - MAX_NAMED} more changed paths`,
      next: `Add lines for them to ${file.path}.`,
    })
  return { findings, unowned: unowned.length }
}
