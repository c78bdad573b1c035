import { describe, expect, test } from 'vitest'
import { pass } from '../../evidence/model/verdict.ts'
import type { Decision } from '../../evidence/model/verdict.ts'
import type { Gate } from '../../gates/gate.ts'
import { GATES } from '../../gates/index.ts'
import { gateCases, gateUnit, receiptLacks, unitsOf } from '../../gates/self-test.ts'

function crash(): Decision {
  throw new Error('boom')
}

function lacks(gate: Gate, decide: Gate['decide']): string[] {
  return receiptLacks(gate, { cases: gateCases({ ...gate, decide }) }, [])
}

function count(gate: Gate, expected: string): number {
  return gate.planted().filter((one) => one.expected === expected).length
}

describe.each(GATES.map((gate) => [gate.id, gate] as const))('%s', (_id, gate) => {
  const planted = gate.planted()

  test('every planted input comes out as it should, red and green both planted, names unique', () => {
    expect(gateCases(gate).filter((one) => one.got !== one.expected)).toEqual([])
    expect(new Set(planted.map((one) => one.expected))).toEqual(new Set(['red', 'green']))
    expect(new Set(planted.map((one) => one.name)).size).toBe(planted.length)
  })

  test('a gate replaced by a constant yes, a constant no or a throw has no receipt', () => {
    const measured = { n: 1, window: 'w', source: 's', query: 'q', data_digest: '0'.repeat(64) }
    expect(lacks(gate, () => pass({ metrics: { a: 1 }, thresholds: { a: '=1' }, measured }, gate.notMeasured))).toHaveLength(count(gate, 'red'))
    expect(lacks(gate, () => pass({ metrics: {}, thresholds: {}, measured: null }, gate.notMeasured))).toHaveLength(count(gate, 'green'))
    expect(lacks(gate, crash)).toHaveLength(count(gate, 'green'))
  })

  test('a receipt must hold every case of the gate, and a red and a green of every agent that speaks', () => {
    const cases = gateCases(gate)
    expect(receiptLacks(gate, { cases }, [])).toEqual([])
    expect(receiptLacks(gate, { cases: cases.slice(1) }, [])).toEqual([`${gateUnit(gate)}: "${cases[0]?.name}" was not run`])
    expect(receiptLacks(gate, { cases }, ['somebody'])).toEqual(['somebody has no red case', 'somebody has no green case'])
    const theirs = { name: 'x', unit: 'somebody', expected: 'red', got: 'red' } as const
    expect(receiptLacks(gate, { cases: [...cases, theirs] }, ['somebody'])).toEqual(['somebody has no green case'])
    expect(unitsOf(gate, { cases: [...cases, theirs] })).toEqual(['somebody'])
  })
})
