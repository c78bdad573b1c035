import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ReasonCode } from '../../evidence/model/reasons.ts'
import { GateId } from '../../evidence/model/phases.ts'
import { gateById, GATES } from '../../gates/index.ts'

test('every built gate has its own file, and is found by its id only', () => {
  const files = readdirSync(join(import.meta.dirname, '../../gates'))
  for (const gate of GATES) expect(files).toContain(`${gate.id.replaceAll('_', '-')}.ts`)
  expect(new Set(GATES.map((gate) => gate.id)).size).toBe(GATES.length)
  expect(GateId.options.filter((id) => gateById(id) !== undefined).toSorted()).toEqual(GATES.map((gate) => gate.id).toSorted())
})

test('settings have a default, and the code for "not measured" is the gate’s own', () => {
  for (const gate of GATES) {
    expect(gate.policy.safeParse({}).success).toBe(true)
    expect(gate.policy.safeParse({ unheard: 1 }).success).toBe(false)
    expect(ReasonCode.parse(gate.notMeasured)).toBe(`${gate.id}.not-measured`)
  }
})
