import { describe, expect, test } from 'vitest'
import { evaluate, holds, plain, strict, text, toData } from '../../support/github/actions/expression.ts'

const STATUS = { success: true, failure: false, cancelled: false }
const contexts = {
  github: strict('github', { sha: 'abc', event: toData({ inputs: { on: true } }) }),
  inputs: strict('inputs', { flag: false, count: 3, name: 'shop' }),
  steps: toData({ build: { outputs: { id: '7' }, outcome: 'success' } }),
  needs: strict('needs', {}),
  env: toData({}),
}
const value = (template: string) => plain(evaluate(template, 'step', { contexts }, 'here'))
const asks = (template: string | undefined, status = STATUS) => holds(template, 'step-if', { contexts, status }, 'here')

describe('values', () => {
  test.each([
    ['${{ github.sha }}', 'abc'],
    ['${{ inputs.flag }}', false],
    ['${{ inputs.count }}', 3],
    ['at ${{ inputs.count }} of ${{ inputs.name }}', 'at 3 of shop'],
    ["${{ inputs.flag && 'yes' || 'no' }}", 'no'],
    ["${{ contains(inputs.name, 'ho') == (1 < 2) }}", true],
    ["${{ format('{0}}}{1}', 'a', 'b') }}", 'a}b'],
    ["${{ fromJSON('[1,2]')[1] >= 2 && !inputs.flag }}", true],
    ["${{ startsWith('shop', 'sh') != endsWith('shop', 'op') }}", false],
    ['${{ join(fromJSON(\'["a","b"]\'), \'-\') }}', 'a-b'],
    ['${{ toJSON(github.event.inputs) }}', '{\n  "on": true\n}'],
    ['${{ steps.build.outputs.id }}', '7'],
    ['${{ steps.build.outputs.nothing }}', null],
    ['${{ env.UNSET }}', null],
    ['no expression', 'no expression'],
  ])('%s', (template, expected) => {
    expect(value(template)).toStrictEqual(expected)
  })

  test('null reads as an empty string in text', () => {
    expect(text('<${{ env.UNSET }}>', 'step', { contexts }, 'here')).toBe('<>')
  })
})

describe('conditions', () => {
  const failed = { success: false, failure: true, cancelled: false }
  test.each([
    [undefined, true, false],
    ['inputs.count > 2', true, false],
    ['${{ inputs.count > 2 }}', true, false],
    ['always()', true, true],
    ['failure()', false, true],
    ['always() && inputs.flag', false, false],
    ["inputs.name == 'always()'", false, false],
    ['!cancelled()', true, true],
    ["''", false, false],
  ])('%j is %j after success and %j after a failure', (template, afterSuccess, afterFailure) => {
    expect([asks(template), asks(template, failed)]).toStrictEqual([afterSuccess, afterFailure])
  })

  test('text around an expression would always be true, so it is refused', () => {
    expect(() => asks('x ${{ inputs.flag }}')).toThrow(expect.objectContaining({ code: 'bad-expression' }) as Error)
  })
})

test.each(['${{ github.nope }}', '${{ inputs.nope }}', '${{ needs.build.result }}'])('%s is refused by name', (template) => {
  expect(() => value(template)).toThrow(expect.objectContaining({ code: 'unknown-value' }) as Error)
})
