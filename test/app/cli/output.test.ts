import { expect, test } from 'vitest'
import { printable, table } from '../../../app/cli/output.ts'

test('columns stand under each other, the last one runs free', () => {
  expect(
    table(
      ['a', 'b'],
      [
        ['long one', 'x'],
        ['s', 'y  z\nq'],
      ],
    ),
  ).toBe('a         b\nlong one  x\ns         y z q')
})

test('control characters and text direction marks are shown as unknown', () => {
  expect(printable('a\u001b[31mb\u202ec\nd\te')).toBe('a�[31mb�c\nd\te')
})
