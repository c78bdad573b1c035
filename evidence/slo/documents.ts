/** Text of one file -> its OpenSLO objects, each with the places of its keys, and every problem with their heads. Pure. */
import { readDocument, type Places } from '../config/document.ts'
import { problemsOf } from '../config/issues.ts'
import type { z } from 'zod'
import { Header } from './model.ts'
import { exampleFor, type SloProblem } from './problem.ts'

export interface SloObject {
  readonly path: string
  readonly kind: Header['kind']
  readonly name: string
  readonly spec: unknown
  /** Line of the object's first key. */
  readonly line: number
  /** `spec` against a schema: its value, or every problem. */
  check<Value>(schema: z.ZodType<Value>): { readonly value: Value } | { readonly problems: readonly SloProblem[] }
  /** One problem of ours, at a key below `spec`. */
  problem(key: readonly PropertyKey[], message: string, expected: string): SloProblem
}

/** At most; the text of each is at most what a config may be. */
const MOST_OBJECTS = 200

export function readObjects(path: string, text: string): { readonly objects: readonly SloObject[]; readonly problems: readonly SloProblem[] } {
  const [objects, problems]: [SloObject[], SloProblem[]] = [[], []]
  const parts = partsOf(text)
  if (parts.length > MOST_OBJECTS)
    return {
      objects,
      problems: [{ path, ...START, message: `the file holds ${parts.length} objects`, expected: `at most ${MOST_OBJECTS}`, example: 'kind: SLO' }],
    }
  for (const { text: part, before } of parts) {
    const document = readDocument(part)
    if (!document.ok) {
      problems.push(...document.problems.map((each) => told(path, before, each)))
      continue
    }
    const places = shifted(document.places, before)
    const head = Header.safeParse(document.value)
    if (!head.success) {
      problems.push(...problemsOf(head.error.issues, document.value, places, [], () => []).map((each) => told(path, 0, each)))
      continue
    }
    objects.push(objectOf(path, head.data, document.value, places))
  }
  return { objects, problems }
}

const START = { line: 1, column: 1, key: '' }

function objectOf(path: string, head: Header, whole: unknown, places: Places): SloObject {
  return {
    path,
    kind: head.kind,
    name: head.metadata.name,
    spec: head.spec,
    line: places.key(['kind']).line,
    check(schema) {
      const read = schema.safeParse(head.spec)
      if (read.success) return { value: read.data }
      return { problems: problemsOf(read.error.issues, whole, places, ['spec'], () => []).map((each) => told(path, 0, each)) }
    },
    problem(key, message, expected) {
      const name = ['spec', ...key.map(String)].join('.')
      return { path, ...places.value(['spec', ...key]), key: name, message, expected, example: exampleFor(name) }
    },
  }
}

function told(path: string, before: number, problem: Omit<SloProblem, 'path'>): SloProblem {
  const { line, column, key, message, expected } = problem
  return { path, line: line + before, column, key, message, expected, example: exampleFor(key) }
}

/** Documents of a stream, each with the number of lines before it. */
function partsOf(text: string): { readonly text: string; readonly before: number }[] {
  const parts: { text: string; before: number }[] = []
  let [from, lines]: [string[], number] = [[], 0]
  const end = (): void => {
    const part = from.join('\n')
    if (from.some((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))) parts.push({ text: part, before: lines - from.length })
    from = []
  }
  for (const line of text.split('\n')) {
    if (/^---(?:\s|$)/.test(line)) {
      end()
      lines += 1
      continue
    }
    from.push(line)
    lines += 1
  }
  end()
  return parts
}

function shifted(places: Places, before: number): Places {
  return {
    value(path) {
      const { line, column } = places.value(path)
      return { line: line + before, column }
    },
    key(path) {
      const { line, column } = places.key(path)
      return { line: line + before, column }
    },
  }
}
