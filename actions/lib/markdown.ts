/** Markdown of job summaries. */

export const SIGN = {
  pass: '✅ pass',
  fail: '❌ fail',
  indeterminate: '⚪ indeterminate',
  waived: '🟡 waived',
  not_applicable: '➖ not applicable',
} as const

/** Text as it stands, lines and all, for between `<pre>` and `</pre>`. */
export function preformatted(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Text of others cannot make markup, tables, links or mentions. */
export function escape(text: string): string {
  return text
    .slice(0, 1000)
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_[\]|#~]/g, String.raw`\$&`)
    .replaceAll('@', '&#64;')
}
