/** A decision record as text -> what it decides and whether that stands; and the draft of one that is missing. Pure. */

export interface DecisionRecord {
  readonly title: string
  /** Lower case; '' when it says none. */
  readonly status: string
  /** Sections that say something. */
  readonly sections: number
}

const HEADING = /^ {0,3}#{1,6} +(.+?) *#*$/
/** What a template leaves to be filled in. */
const BLANK = /^(?:<!--[\s\S]*-->|\{.*\}|\[.*\]|\.{3}|…|todo|tbd|n\/a)?$/i

/** Markdown: a first heading, a status (a line, a section or front matter), sections with words. */
export function recordOf(text: string): DecisionRecord {
  const body = text.replaceAll(/<!--[\s\S]*?-->/g, '')
  const parts: { readonly title: string; text: string }[] = [{ title: '', text: '' }]
  for (const line of body.split(/\r?\n/)) {
    const title = HEADING.exec(line)?.[1]
    if (title !== undefined) parts.push({ title, text: '' })
    else if (parts.length > 0) (parts.at(-1) ?? { text: '' }).text += `${line}\n`
  }
  const section = parts.find(({ title }) => /^(?:\d+\.? *)?status$/i.test(title))?.text.trim()
  const line = /^[ *_-]*status[ *_]*:[ *_]*([A-Za-z -]+)/im.exec(body)?.[1]
  const filled = parts.filter(({ title, text }) => !/^status$/i.test(title) && !BLANK.test(text.trim()))
  return {
    title: parts[1]?.title ?? '',
    status: (section?.split('\n')[0] ?? line ?? '').trim().toLowerCase(),
    sections: filled.filter(({ title }) => title !== '').length,
  }
}

export interface Draft {
  readonly title: string
  readonly pull: number
  readonly paths: readonly string[]
}

const MOST_PLACES = 20

/** For a person to fill in: what the release says of itself, and the places it changes. */
export function draftOf({ title, pull, paths }: Draft): string {
  const folders = [...new Set(paths.map((path) => (path.includes('/') ? path.split('/').slice(0, 2).join('/') : path)))]
  const places = folders.slice(0, MOST_PLACES).map((place) => `- \`${place.replaceAll(/[`\r\n]/g, ' ')}\``)
  const more = folders.length > MOST_PLACES ? [`- and ${folders.length - MOST_PLACES} more`] : []
  return [
    `# ${title.replaceAll(/\s+/g, ' ').trim() || 'A decision of high risk'}`,
    '',
    '## Status',
    '',
    'proposed',
    '',
    '## Context',
    '',
    `Pull request #${pull} is labelled risk:high. It changes:`,
    '',
    ...places,
    ...more,
    '',
    '## Decision',
    '',
    '<!-- What is done, and what was not done instead. -->',
    '',
    '## Consequences',
    '',
    '<!-- What gets better, what gets worse, and how it goes back. -->',
    '',
  ].join('\n')
}

/** `docs/adr/0007-split-the-cart.md`: the next number in the folder that has most records. */
export function nextPath(records: readonly string[], title: string): string {
  const folders = Map.groupBy(records, (path) => path.slice(0, path.lastIndexOf('/') + 1))
  const [folder = 'docs/adr/', inside = []] = [...folders].toSorted((a, b) => b[1].length - a[1].length)[0] ?? []
  const numbers = inside.map((path) => /(?:adr-?)?(\d{1,6})/i.exec(path.slice(folder.length))?.[1] ?? '0')
  const width = numbers[0]?.length ?? 4
  const next = String(Math.max(0, ...numbers.map(Number)) + 1).padStart(width, '0')
  const words = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60)
  return `${folder}${next}-${words || 'decision'}.md`
}
