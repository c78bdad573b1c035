/** The list of gates that are built. */
import type { z } from 'zod'
import type { GateId } from '../evidence/model/phases.ts'
import { allRequiredGates } from './all-required-gates.ts'
import type { Gate } from './gate.ts'
import { hardening } from './hardening.ts'
import { perf } from './perf.ts'
import { policyCi } from './policy-ci.ts'
import { previewBudget } from './preview-budget.ts'
import { slo } from './slo.ts'
import { supplyChain } from './supply-chain.ts'

export const GATES: readonly Gate[] = [policyCi, hardening, supplyChain, slo, perf, previewBudget, allRequiredGates]

/** Undefined for a gate that is not built yet. */
export function gateById(id: GateId): Gate | undefined {
  return GATES.find((gate) => gate.id === id)
}

/** Settings of every gate, for the config to be checked with. */
export function gatePolicies(): Partial<Record<GateId, z.ZodType>> {
  return Object.fromEntries(GATES.map((gate) => [gate.id, gate.policy]))
}
