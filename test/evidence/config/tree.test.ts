import { expect, test } from 'vitest'
import { readDocument } from '../../../evidence/config/document.ts'
import { EXAMPLE } from '../../../evidence/config/example.ts'
import { allPaths, keysAt, nodeAt } from '../../../evidence/config/tree.ts'

function pathsIn(value: unknown, path: readonly string[] = []): readonly string[] {
  if (typeof value !== 'object' || value === null) return [path.join('.')]
  const entries = Array.isArray(value) ? value.map((item) => ['*', item] as const) : Object.entries(value)
  return [path.join('.'), ...entries.flatMap(([key, child]) => pathsIn(child, [...path, key]))]
}

test('the example shows every key of the schema', () => {
  const document = readDocument(EXAMPLE)
  if (!document.ok) throw new Error('the example is refused')
  const shown = pathsIn(document.value).map((path) =>
    path
      .replace(/^environments\.prod/, 'environments.*')
      .replace(/^not_applicable\.[a-z_]+/, 'not_applicable.*')
      .replace(/^gates\.hardening/, 'gates.*')
      .replace(/\.inputs\.target$/, '.inputs.*')
      .replace(/\.(bake|deadline)\.\d+$/, '.$1.*')
      .replace(/^budgets\.max_image_mb\..+$/, 'budgets.max_image_mb.*'),
  )
  expect(
    allPaths()
      .map((path) => path.join('.'))
      .filter((path) => !shown.includes(path)),
  ).toEqual([])
})

test('maps and lists are walked by any name and any index', () => {
  expect(keysAt(['environments', 'anything'])).toContain('steps')
  expect(keysAt(['gates'])).toContain('hardening')
  expect(nodeAt(['trust', 'keys', 7, 'id'])?.type).toBe('string')
  expect(nodeAt(['no', 'such'])).toBeUndefined()
  expect(nodeAt(['toString'])).toBeUndefined()
})
