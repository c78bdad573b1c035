import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Rollout, TRANSITIONS } from '../../app/release/state.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const README = readFileSync(join(ROOT, 'app/README.md'), 'utf8')
const APP = readFileSync(join(ROOT, 'app.yml'), 'utf8')

/** Arrows of the one state diagram. */
function arrows(markdown: string): string[] {
  const picture = /```mermaid\nstateDiagram\n([\s\S]*?)```/.exec(markdown)?.[1] ?? ''
  return picture
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => /^ {4}(\S+) --> (\S+)$/.exec(line)?.slice(1, 3).join(' --> ') ?? `not an arrow: ${line}`)
}

/** First cells of the table whose head names this column, without backticks. */
function column(markdown: string, head: string): string[] {
  const [, body = ''] = markdown.split(new RegExp(`^\\| ${head} \\|.*\\n\\|[-|]+\\|\\n`, 'm'))
  const rows = body.split('\n')
  return rows
    .slice(
      0,
      rows.findIndex((row) => !row.startsWith('|')),
    )
    .map((row) => /^\| `([^`]+)`/.exec(row)?.[1] ?? `no name: ${row}`)
}

describe('the state diagram', () => {
  const drawn = arrows(README)
  const inCode = Object.entries(TRANSITIONS).flatMap(([from, to]) => to.map((state) => `${from} --> ${state}`))

  test('shows every transition of the table, each once', () => {
    expect(inCode.length).toBeGreaterThan(30)
    expect(inCode.filter((arrow) => !drawn.includes(arrow))).toEqual([])
    expect(new Set(drawn).size).toBe(drawn.length)
  })

  test('shows no transition that the table does not have', () => {
    expect(drawn.filter((arrow) => !inCode.includes(arrow))).toEqual(['[*] --> draft', '[*] --> proving'])
  })

  test('a missing and an invented arrow are both seen', () => {
    expect(arrows('```mermaid\nstateDiagram\n    a --> b\n    oops\n```')).toEqual(['a --> b', 'not an arrow:     oops'])
    expect(arrows('no picture')).toEqual([])
  })
})

test('the stages are those of a rollout', () => {
  expect(column(README, 'stage').toSorted()).toEqual([...Rollout.shape.stage.options].toSorted())
})

test('the permissions are those of the manifest', () => {
  const block = /default_permissions:\n((?: {2}.*\n)+)/.exec(APP)?.[1] ?? ''
  const asked = [...block.matchAll(/^ {2}([a-z_]+): ([a-z]+)/gm)].map((match) => `${match[1]}: ${match[2]}`)
  expect(asked.length).toBeGreaterThan(5)
  expect(column(README, 'permission').toSorted()).toEqual(asked.toSorted())
})
