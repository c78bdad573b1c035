/**
 * Other people's words inside our Markdown: shown as they are, with no effect. No mention pings, no line starts with a command, no HTML, no link, no
 * image, no cross reference, nothing invisible or reversed (SECURITY rows 21, 23, 28).
 */

/** Control characters but the line feed, format and bidirectional characters, separators of lines, blank letters: what a reader cannot see. */
const INVISIBLE = /(?!\n)\p{Cc}|\p{Cf}|\p{Cs}|\p{Co}|\p{Zl}|\p{Zp}|\p{Default_Ignorable_Code_Point}|\u2800/gu

/** What a reader cannot see becomes a space; lone surrogates become the replacement character. */
export function visible(text: string): string {
  return text.toWellFormed().replace(/\r\n?/g, '\n').replace(INVISIBLE, ' ')
}

/** One line of text from outside, escaped for Markdown prose, tables and headings. */
export function inline(text: string): string {
  return block(text.replace(/\s+/g, ' ').trim())
}

/** Several lines of text from outside, escaped; line ends stay. */
export function block(text: string): string {
  return withoutReferences(
    visible(text)
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .replace(/[\\`*_{}[\]()#+!|~$-]/g, (character) => `\\${character}`),
  )
    .replace(/^[ \t]+/gm, '')
    .replace(/^\//gm, '\\/')
    .replace(/^(\d+)\./gm, '$1\\.')
}

/** One line of text from outside for a document that is read as plain text too: only what could have an effect is escaped. */
export function prose(text: string): string {
  return withoutReferences(
    visible(text)
      .replace(/\s+/g, ' ')
      .trim()
      .replaceAll('<!--', '<\u2060!--')
      .replace(/[\\`*[\]<|~$]|&(?=#?[A-Za-z0-9]+;)|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, (character) => `\\${character}`)
      .replace(/^(?:[#>+=/-]|\d+(?=[.)]))/, (start) => (/^\d/.test(start) ? `${start}\\` : `\\${start}`)),
  )
}

/** Text from outside as code in a line: the fence is longer than any run of backticks inside. */
export function code(text: string): string {
  const plain = visible(text).replace(/\s+/g, ' ').replaceAll('<!--', '<\u2060!--').trim()
  if (plain === '') return '` `'
  const longest = Math.max(0, ...(plain.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = plain.startsWith('`') || plain.endsWith('`') ? ' ' : ''
  return `${fence}${pad}${plain}${pad}${fence}`.replace(/\|/g, '\\|')
}

/** A picture, with words for whoever does not see it. @param url an address of ours */
export function image(words: string, url: string): string {
  return `![${inline(words)}](${encodeURI(url).replace(/[()]/g, '')})`
}

/** A hidden line by which our own comment or issue is found again. Only letters, digits, `:`, `.`, `/` and single hyphens go in. */
export function marker(of: string): string {
  return `<!-- release-conductor:${of.replace(/[^A-Za-z0-9:./-]/g, '-').replace(/-{2,}/g, '-')} -->`
}

/** A word joiner after the sign: it looks the same, and neither a mention nor a reference nor a link comes of it. */
function withoutReferences(text: string): string {
  return text
    .replace(/@/g, '@\u2060')
    .replace(/#(?=\d)/g, '#\u2060')
    .replace(/\b(GH\\?)-(?=\d)/gi, '$1-\u2060')
    .replace(/:\/\//g, ':\u2060//')
    .replace(/\bwww\./gi, (found) => `${found.slice(0, 3)}\u2060.`)
}
