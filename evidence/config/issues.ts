/** Zod's issues -> problems a person can act on: where, what is wrong, what was expected, and an example that would be right. */
import { stringify } from 'yaml'
import type { z } from 'zod'
import { readDocument } from './document.ts'
import type { Places } from './document.ts'
import { EXAMPLE } from './example.ts'
import { nearest } from './nearest.ts'
import { keyOf } from './problem.ts'
import type { ConfigProblem } from './problem.ts'
import { keysAt } from './tree.ts'

type Issue = z.core.$ZodIssue

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
}

/** @param known keys that the map at a path may have; for a gate's own policy, whose keys the config does not know */
export function problemsOf(
  issues: readonly Issue[],
  data: unknown,
  places: Places,
  under: readonly PropertyKey[] = [],
  known: (path: readonly PropertyKey[]) => readonly string[] = keysAt,
): ConfigProblem[] {
  const problems = issues.flatMap((issue) => problemsOfOne({ ...issue, path: [...under, ...issue.path] }, data, places, known))
  return problems.sort((a, b) => a.line - b.line || a.column - b.column)
}

function problemsOfOne(issue: Issue, data: unknown, places: Places, known: (path: readonly PropertyKey[]) => readonly string[]): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const keys = known(issue.path)
    return issue.keys.map((key) => {
      const path = [...issue.path, key]
      const suggestion = nearest(key, keys)
      const expected = keys.length === 0 ? 'no key of this name' : `one of ${keys.join(', ')}`
      const meant = suggestion === undefined ? {} : { suggestion }
      const message = `unknown key ${quoted(key)}${suggestion === undefined ? '' : `; did you mean ${quoted(suggestion)}?`}`
      return {
        ...places.key(path),
        key: keyOf(path),
        message,
        expected,
        example: exampleOf(suggestion === undefined ? issue.path : [...issue.path, suggestion]),
        ...meant,
      }
    })
  }
  const { path } = issue
  const here = { key: keyOf(path), example: exampleOf(path) }
  const value = at(data, path)
  if (issue.code === 'invalid_key') {
    const names = issue.issues.flatMap((inner) => (inner.code === 'invalid_value' ? inner.values.map(String) : []))
    const suggestion = nearest(String(path.at(-1)), names)
    const expected = names.length > 0 ? `one of ${names.join(', ')}` : (issue.issues[0]?.message ?? 'another name')
    const message = `${quoted(path.at(-1))} cannot be a key here${suggestion === undefined ? '' : `; did you mean ${quoted(suggestion)}?`}`
    return [{ ...places.key(path), ...here, message, expected, ...(suggestion === undefined ? {} : { suggestion }) }]
  }
  if (value === undefined) {
    const message = `${quoted(path.at(-1))} is missing`
    const parent = path.slice(0, -1)
    const place = typeof parent.at(-1) === 'number' ? places.value(parent) : places.key(parent)
    return [{ ...place, ...here, message, expected: expectedOf(issue) }]
  }
  const suggestion = issue.code === 'invalid_value' && typeof value === 'string' ? nearest(value, issue.values.map(String)) : undefined
  return [
    {
      ...places.value(path),
      ...here,
      message: `found ${found(value)}`,
      expected: expectedOf(issue),
      ...(suggestion === undefined ? {} : { suggestion }),
    },
  ]
}

function expectedOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(', ')}`
    case 'too_small':
      return `${bound(issue.origin)} ${issue.inclusive === false ? 'more than' : 'at least'} ${String(issue.minimum)}`
    case 'too_big':
      return `${bound(issue.origin)} ${issue.inclusive === false ? 'less than' : 'at most'} ${String(issue.maximum)}`
    default:
      return issue.message
  }
}

function bound(origin: string): string {
  if (origin === 'string') return 'text with a length of'
  if (origin === 'array' || origin === 'set') return 'a list with a length of'
  return 'a number of'
}

function quoted(word: unknown): string {
  return `\`${String(word).slice(0, 100)}\``
}

function found(value: unknown): string {
  if (value === null) return 'nothing (an empty value)'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return 'a map'
  if (typeof value === 'string') return `the text ${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)}`
  return `${typeof value === 'boolean' ? 'the boolean' : 'the number'} ${JSON.stringify(value)}`
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let here = value
  for (const part of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return undefined
    here = (here as Record<PropertyKey, unknown>)[part]
  }
  return here
}

let example: unknown

/** The line of {@link EXAMPLE} for a path; the nearest one around it when the example has no such key. */
export function exampleOf(path: readonly PropertyKey[]): string {
  if (example === undefined) {
    const document = readDocument(EXAMPLE)
    example = document.ok ? document.value : {}
  }
  for (let depth = path.length; depth > 0; depth--) {
    const value = exampleAt(example, path.slice(0, depth))
    if (value === undefined) continue
    const name = path.slice(0, depth).findLast((part) => typeof part === 'string' && part !== '*')
    const line = flow(name, value)
    return line.length <= 160 ? line : flow(name, shortened(value))
  }
  return 'version: 1\nrelease:\n  base: [main]'
}

function flow(name: PropertyKey | undefined, value: unknown): string {
  const options = { lineWidth: 0, flowCollectionPadding: true }
  if (JSON.stringify(value).includes('\\n')) return stringify(name === undefined ? value : { [String(name)]: value }, options).trim()
  const text = stringify(value, { ...options, collectionStyle: 'flow' }).trim()
  return name === undefined ? text : `${String(name)}: ${text}`
}

/** The first entries of a long example are example enough. */
function shortened(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shortened)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, 2)
      .map(([key, child]) => [key, shortened(child)]),
  )
}

function exampleAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let here = value
  for (const part of path) {
    if (typeof here !== 'object' || here === null) return undefined
    here = Object.hasOwn(here, part)
      ? (here as Record<PropertyKey, unknown>)[part]
      : typeof part === 'number' || part === '*' || !/^[a-z_]+$/.test(String(part)) || isNamed(here)
        ? Object.values(here)[0]
        : undefined
  }
  return here
}

/** A map whose keys the user chooses: every value looks like the first. */
function isNamed(map: object): boolean {
  const values = Object.values(map)
  return values.length > 0 && values.every((value) => typeof value === 'object' && value !== null && !Array.isArray(value)) && values.length === 1
}
