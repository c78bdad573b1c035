import { expect, test } from 'vitest'
import { expand, recipeOf, userOf } from '../../../agents/platform/infrasec.stages.ts'

test.each([
  ['a', 'a'],
  ['$A', '1'],
  ['${A}', '1'],
  ['${A}-${B:-2}', '1-2'],
  ['${E:-3}', '3'],
  ['${E-3}', null],
  ['${A:+4}', '4'],
  ['x${B:+4}', 'x'],
  ['$B', null],
  ['${A', null],
  ['', null],
])('%s -> %s', (text, expanded) => {
  expect(
    expand(
      text,
      new Map([
        ['A', '1'],
        ['E', ''],
      ]),
    ),
  ).toBe(expanded)
})

test('stages, their parents, and the user each ends with', () => {
  const recipe = recipeOf('ARG B=base\nFROM x AS base\nUSER a\nFROM ${B} AS next\nFROM next\nUSER b\nFROM x AS next\nFROM next\n')
  expect(recipe?.stages.map((stage) => [stage.line, stage.base, stage.parent?.line ?? null, userOf(stage)?.user ?? null])).toEqual([
    [2, 'x', null, 'a'],
    [4, 'base', 2, 'a'],
    [5, 'next', 4, 'b'],
    [7, 'x', null, null],
    [8, 'next', 7, null],
  ])
  expect(recipe?.globals).toHaveLength(1)
  expect(recipeOf('RUN x\n')).toBeNull()
})
