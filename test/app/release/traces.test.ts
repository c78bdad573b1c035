import { expect, test } from 'vitest'
import { newestTraces, traceIds, traceLine, traceLinks } from '../../../app/release/traces.ts'

const ID = '4bf92f3577b34da6a3ce929d0e0e4736'
const sample = (at: number, traces: readonly string[]) => ({ at, canary: null, stable: null, note: '', traces })

test('five ids at most, each once, the newest first', () => {
  expect(newestTraces([sample(1, ['a', 'b', 'c']), sample(2, ['c', 'd', 'e', 'f']), { at: 3, canary: null, stable: null, note: '' }])).toEqual([
    'c',
    'd',
    'e',
    'f',
    'a',
  ])
})

test.each(['', 'a b', 'x'.repeat(65), '`', ']( http://evil', '../..', '<b>', '@all', 'ä'])('%j could be more than an id, and is none', (id) => {
  expect(traceIds([id, ID])).toEqual([ID])
})

test('links where the operator names a place to look, else the ids alone', () => {
  expect(traceLine(traceLinks([ID], 'https://traces.example/t/{trace_id}?x=(1)'))).toBe(
    `Requests of the canary that failed or were slow, by trace: [\`${ID}\`](https://traces.example/t/${ID}?x=1)`,
  )
  expect(traceLine(traceLinks([ID, 'b'], null))).toBe(`Requests of the canary that failed or were slow, by trace: \`${ID}\`, \`b\``)
  expect(traceLine([])).toBe('')
})
