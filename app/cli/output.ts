/** How answers look: tables for people, one JSON document for programs, and control characters for nobody. */
import type { Answer, Io, Verb } from './verb.ts'
import { EXIT } from './verb.ts'

/** Text from outside must not move the cursor or colour the terminal of whoever reads it. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/gu, '�')
}

/** Columns as wide as their widest cell; the last one runs free. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map((cell) => printable(cell).replaceAll(/\s+/g, ' ')))
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export function printAnswer(io: Io, answer: Answer, json: boolean): void {
  if (json) io.out(`${JSON.stringify(answer.data)}\n`)
  else if (answer.text !== '') io.out(`${printable(answer.text)}\n`)
}

export function printError(io: Io, error: { readonly code: string; readonly message: string; readonly next: string }, json: boolean): void {
  if (json) io.out(`${JSON.stringify({ error: { code: error.code, message: error.message, next: error.next } })}\n`)
  else io.err(`${printable(`${error.message}\n${error.next}`)}\n`)
}

const EXIT_MEANINGS: readonly (readonly [number, string])[] = [
  [EXIT.ok, 'ok'],
  [EXIT.no, 'a gate said no, or what was checked is wrong'],
  [EXIT.usage, 'usage or config'],
  [EXIT.indeterminate, 'indeterminate: nothing was proven'],
  [EXIT.unauthorised, 'not authorised'],
  [EXIT.unavailable, 'a dependency is unavailable'],
]

export function overview(verbs: readonly Verb[]): string {
  return [
    'Release Conductor: gates that block, canaries that come back by themselves, evidence a stranger can verify.',
    '',
    'release-conductor <command> [options]',
    '',
    table(
      ['command', 'what it does'],
      verbs.map((verb) => [verb.name, verb.summary]),
    ),
    '',
    'Start here:',
    '  release-conductor init --version=v3.0.0     prepare a release in this repository',
    '  release-conductor validate --phase=P0       what would the gates say, before anybody else sees it',
    '  release-conductor status                    where the release stands',
    '',
    'Every command takes --json (one document on standard output) and --help (with examples).',
    '',
    table(
      ['exit', 'means'],
      EXIT_MEANINGS.map(([code, means]) => [String(code), means]),
    ),
  ].join('\n')
}

export function helpOf(verb: Verb): string {
  const options = Object.entries(verb.meaning).map(([name, what]) => [`  --${name}${verb.options[name]?.type === 'string' ? '=…' : ''}`, what])
  const examples = verb.examples.map(([command, what]) => `  ${command}\n      ${what}`)
  return [
    `release-conductor ${verb.name} ${verb.usage}`.trimEnd(),
    '',
    verb.summary,
    ...(options.length === 0 ? [] : ['', 'Options:', table(['  --json', 'one JSON document instead of text'], options)]),
    '',
    'Examples:',
    ...examples,
  ].join('\n')
}
