/** CHANGELOG.md with one version more, or with that version told anew. What people wrote stays as it is. Pure. */
const HEAD = '# Changelog\n'
/** `## [1.2.3] - 2026-01-31`, `## v1.2.3`, `# 1.2.3`, `## [Unreleased]` */
const HEADING = /^#{1,3} +\[?(?:v?\d+\.\d+\.\d+[^\s\]]*|unreleased)\]?.*$/im
const UNRELEASED = /^#{1,3} +\[?unreleased\]?.*$/im

/**
 * @param before the file as it is; null: there is none
 * @param of `day` such as 2026-11-26; `body` below the heading
 * @returns the new section stands above the newest one, below an `Unreleased` one
 */
export function withVersion(before: string | null, of: { readonly version: string; readonly day: string; readonly body: string }): string {
  const section = `## ${of.version} - ${of.day}\n\n${of.body.trim()}\n`
  if (before === null || before.trim() === '') return `${HEAD}\n${section}`
  const eol = before.includes('\r\n') ? '\r\n' : '\n'
  const text = before.replaceAll('\r\n', '\n')
  const [rest, at] = without(text, of.version)
  const place = at ?? placeIn(rest)
  const above = rest.slice(0, place).trimEnd()
  const below = rest.slice(place).trimStart()
  const parts = [...(above === '' ? [] : [`${above}\n`]), section, ...(below === '' ? [] : [below])]
  return parts.join('\n').replaceAll('\n', eol)
}

/** Its own section of an earlier plan goes, and the new one takes its place. */
function without(text: string, version: string): readonly [rest: string, at: number | null] {
  const heading = `## ${version} - `
  const at = text.startsWith(heading) ? 0 : text.indexOf(`\n${heading}`) + 1
  if (at === 0 && !text.startsWith(heading)) return [text, null]
  const after = text.slice(at + heading.length)
  const next = HEADING.exec(after)
  return [text.slice(0, at) + (next === null ? '' : after.slice(next.index)), at]
}

function placeIn(text: string): number {
  const unreleased = UNRELEASED.exec(text)
  const from = unreleased === null ? 0 : unreleased.index + unreleased[0].length
  const next = HEADING.exec(text.slice(from))
  return next === null ? text.length : from + next.index
}
