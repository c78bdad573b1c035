/** Runs a gate on its planted inputs: the proof that it can turn red (SPEC part 4). Pure. */
import type { SelfTestPredicate } from '../evidence/model/statement.ts'
import type { Gate } from './gate.ts'

export type SelfTestCase = SelfTestPredicate['cases'][number]

/** Unit name of a gate's own cases in a receipt. */
export function gateUnit(gate: Pick<Gate, 'id'>): string {
  return `gate:${gate.id}`
}

/** Every planted input -> what was expected and what came out. A gate that throws blocks, so a throw counts as red. */
export function gateCases(gate: Gate): SelfTestCase[] {
  return gate.planted().map(({ name, expected, input }) => {
    let got: 'red' | 'green' = 'red'
    try {
      got = gate.decide(input).verdict === 'pass' ? 'green' : 'red'
    } catch {
      got = 'red'
    }
    return { name, unit: gateUnit(gate), expected, got }
  })
}

/** What a receipt lacks to be a proof for this gate; empty when nothing. @param units names of the agents whose statements the gate reads */
export function receiptLacks(gate: Gate, receipt: Pick<SelfTestPredicate, 'cases'>, units: readonly string[]): string[] {
  const lacks = receipt.cases
    .filter((one) => one.got !== one.expected)
    .map((one) => `${one.unit}: "${one.name}" should be ${one.expected} and was ${one.got}`)
  const own = new Set(receipt.cases.filter((one) => one.unit === gateUnit(gate)).map((one) => `${one.expected} ${one.name}`))
  for (const { name, expected } of plantedNames(gate)) if (!own.has(`${expected} ${name}`)) lacks.push(`${gateUnit(gate)}: "${name}" was not run`)
  for (const unit of units)
    for (const expected of ['red', 'green'] as const)
      if (!receipt.cases.some((one) => one.unit === unit && one.expected === expected)) lacks.push(`${unit} has no ${expected} case`)
  return lacks
}

type PlantedName = Pick<ReturnType<Gate['planted']>[number], 'name' | 'expected'>
const names = new WeakMap<Gate, readonly PlantedName[]>()

/** Made once: a gate's planted inputs never change, every receipt is held against their names, and making them costs more than that. */
function plantedNames(gate: Gate): readonly PlantedName[] {
  const known = names.get(gate) ?? gate.planted().map(({ name, expected }) => ({ name, expected }))
  names.set(gate, known)
  return known
}

/** Agents that the receipt says feed the gate: each of them must have spoken. */
export function unitsOf(gate: Gate, receipt: Pick<SelfTestPredicate, 'cases'>): string[] {
  return [...new Set(receipt.cases.map((one) => one.unit))].filter((unit) => unit !== gateUnit(gate))
}
