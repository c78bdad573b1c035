/**
 * Files that say the version of what is released: which ones there may be, and the same file with another version. Nothing else in them moves, not a space.
 * Pure.
 */

/** At the root of the repository, when the config names none. */
export const KNOWN_FILES = [
  'package.json',
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pyproject.toml',
  'Cargo.toml',
  'Chart.yaml',
  'VERSION',
  'version.txt',
] as const
/** Largest file that is read, in bytes; GitHub gives no larger one in an answer. */
export const VERSION_FILE_MAX_BYTES = 1_000_000

type Span = readonly [from: number, to: number]

/** @param version `v2.1.0` @returns null when the file says no version where one is looked for */
export function withNewVersion(path: string, text: string, version: string): string | null {
  const bare = version.replace(/^v/, '')
  const spans = spansIn(path, text)
  if (spans.length === 0) return null
  return spans
    .toSorted(([a], [b]) => b - a)
    .reduce((whole, [from, to]) => whole.slice(0, from) + keepV(whole.slice(from, to), bare) + whole.slice(to), text)
}

/** Who writes `v1.2.3` gets `v1.2.4`. */
function keepV(old: string, bare: string): string {
  return old.startsWith('v') ? `v${bare}` : bare
}

function spansIn(path: string, text: string): readonly Span[] {
  const name = path.split('/').at(-1) ?? ''
  if (name.endsWith('.json')) {
    const own = ['version']
    // npm tells the version of the root package twice in a lock file.
    return (name === 'package-lock.json' || name === 'npm-shrinkwrap.json' ? [own, ['packages', '', 'version']] : [own]).flatMap((keys) => {
      const span = stringIn(text, keys)
      return span === null ? [] : [span]
    })
  }
  if (name.endsWith('.toml')) return inToml(text)
  if (/\.ya?ml$/.test(name)) return inYaml(text)
  const [line] = /^\s*v?\d+\.\d+\.\d+\S*/.exec(text) ?? []
  return line === undefined ? [] : [[line.length - line.trimStart().length, line.length]]
}

const TABLES = new Set(['project', 'package', 'tool.poetry', 'workspace.package'])

function inToml(text: string): readonly Span[] {
  let table = ''
  let at = 0
  const spans: Span[] = []
  for (const line of text.split('\n')) {
    table = /^\s*\[([\w.]+)\]\s*(?:#.*)?\r?$/.exec(line)?.[1] ?? (/^\s*\[/.test(line) ? '' : table)
    const [, head = '', value = ''] = /^(\s*version\s*=\s*["'])([^"']*)["']/.exec(line) ?? []
    if (head !== '' && TABLES.has(table)) spans.push([at + head.length, at + head.length + value.length])
    at += line.length + 1
  }
  return spans
}

/** Helm has one for the chart and one for what it installs; both are the release's. */
function inYaml(text: string): readonly Span[] {
  return [...text.matchAll(/^((?:version|appVersion):[ \t]*["']?)([^\s"'#]+)/gm)].map((match): Span => {
    const from = match.index + (match[1] ?? '').length
    return [from, from + (match[2] ?? '').length]
  })
}

/** Where the string behind these keys stands, without its quotes; null when it is not there, or the text is no JSON. */
function stringIn(text: string, keys: readonly string[]): Span | null {
  if (!isJson(text)) return null
  const path: (string | null)[] = []
  let key: string | null = null
  for (const match of text.matchAll(/"((?:[^"\\]|\\.)*)"(\s*:)?|[{}[\],]/g)) {
    const [token, content, colon] = match
    if (token === '{' || token === '[') path.push(key)
    else if (token === '}' || token === ']') path.pop()
    if (colon !== undefined) key = content ?? ''
    else if (content !== undefined && key === keys.at(-1) && isAt(path, keys)) return [match.index + 1, match.index + 1 + content.length]
    else if (token !== '{') key = null
  }
  return null
}

function isAt(path: readonly (string | null)[], keys: readonly string[]): boolean {
  // The outermost object has no key.
  return path.length === keys.length && keys.slice(0, -1).every((key, at) => path[at + 1] === key)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
