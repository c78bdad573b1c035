import { z } from 'zod'
import { digestOf } from '../evidence/core/digest.ts'
import type { GateId } from '../evidence/model/phases.ts'
import { pass } from '../evidence/model/verdict.ts'
import type { Reason, Verdict } from '../evidence/model/verdict.ts'
import { gate } from './gate.ts'
import type { GateInput, Planted } from './gate.ts'
import { SPECIMEN_BUDGETS, SPECIMEN_NOW, specimenVerdict } from './specimen.ts'
import { no } from './statement.ts'

/** Every built gate that must hold before the merge: those of P0 to P5. A test compares it with the list of gates. No setting can shorten it. */
export const REQUIRED_FOR_MERGE: readonly GateId[] = ['policy_ci', 'hardening', 'supply_chain', 'slo', 'perf', 'preview_budget']

const HOLDS: readonly Verdict['verdict'][] = ['pass', 'waived', 'not_applicable']
const THRESHOLDS = { required: '>0', not_held: '=0' }

const Policy = z.strictObject({})
type Policy = z.infer<typeof Policy>

function lacking(id: GateId, verdicts: readonly Verdict[]): Reason[] {
  const code = 'all_required_gates.gate-not-held'
  const own = verdicts.filter((verdict) => verdict.gate === id)
  if (own.length === 0) return [{ code, message: `${id} has no verdict on this commit`, next: `Wait for ${id}, or run its phase again.` }]
  return own
    .filter((verdict) => !HOLDS.includes(verdict.verdict))
    .map((verdict) => ({
      code,
      message: `${id} is ${verdict.verdict}: ${verdict.reasons.map((reason) => reason.message).join('; ')}`.slice(0, 1000),
      next: verdict.reasons[0]?.next ?? `Look at the check of ${id}.`,
    }))
}

function plant(name: string, expected: 'red' | 'green', verdicts: readonly Verdict[]): Planted<Policy> {
  return { name, expected, input: { evidence: new Map(), verdicts, policy: {}, budgets: SPECIMEN_BUDGETS, now: SPECIMEN_NOW } }
}

export const allRequiredGates = gate<Policy>({
  id: 'all_required_gates',
  phase: 'P6',
  question: 'Does every gate that must hold before the merge hold on this very commit?',
  why: 'A release is proven as a whole or not at all.',
  version: 1,
  reads: [],
  dependsOn: [],
  readsVerdicts: true,
  policy: Policy,
  notMeasured: 'all_required_gates.not-measured',
  decide({ verdicts }: GateInput<Policy>) {
    const read = verdicts
      .filter((verdict) => REQUIRED_FOR_MERGE.includes(verdict.gate))
      .toSorted((a, b) => (a.gate === b.gate ? (a.verdict < b.verdict ? -1 : 1) : a.gate < b.gate ? -1 : 1))
    const reasons = REQUIRED_FOR_MERGE.flatMap((id) => lacking(id, read))
    const commits = new Set(read.map((verdict) => verdict.sha))
    if (commits.size > 1)
      reasons.push({
        code: 'all_required_gates.gate-not-held',
        message: 'The verdicts speak of different commits',
        next: 'Run the phases again on the head commit.',
      })
    const held = REQUIRED_FOR_MERGE.filter((id) => lacking(id, read).length === 0).length
    const metrics = { required: REQUIRED_FOR_MERGE.length, held, not_held: REQUIRED_FOR_MERGE.length - held }
    const measured = {
      n: read.length,
      window: [...commits].join(', ') || 'no commit',
      source: 'verdicts',
      query: REQUIRED_FOR_MERGE.join(', ') || 'none',
      data_digest: digestOf(read),
    }
    if (reasons.length > 0)
      return no(read.some((verdict) => verdict.verdict === 'fail') ? 'fail' : 'indeterminate', reasons, { metrics, measured }, THRESHOLDS)
    return pass({ metrics, thresholds: THRESHOLDS, measured }, 'all_required_gates.not-measured')
  },
  planted() {
    const [first, ...rest] = REQUIRED_FOR_MERGE
    if (first === undefined) return [plant('no gate is required', 'red', [])]
    const passed = REQUIRED_FOR_MERGE.map((id) => specimenVerdict(id, 'pass'))
    const others = rest.map((id) => specimenVerdict(id, 'pass'))
    return [
      plant('every gate passes', 'green', passed),
      plant('one is waived', 'green', [...others, specimenVerdict(first, 'waived')]),
      plant('one is not applicable', 'green', [...others, specimenVerdict(first, 'not_applicable')]),
      plant('one fails', 'red', [...others, specimenVerdict(first, 'fail')]),
      plant('one is indeterminate', 'red', [...others, specimenVerdict(first, 'indeterminate')]),
      plant('one is absent', 'red', others),
      plant('one speaks of another commit', 'red', [...others, { ...specimenVerdict(first, 'pass'), sha: 'd'.repeat(40) }]),
      plant('one passes and fails', 'red', [...passed, specimenVerdict(first, 'fail')]),
      plant('no verdict at all', 'red', []),
    ]
  },
})
