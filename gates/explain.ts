/** A gate in words, for `gates explain` and the check's details. Pure. */
import { z } from 'zod'
import { REASONS } from '../evidence/model/reasons.ts'
import { PhaseName } from '../evidence/model/phases.ts'
import type { Gate } from './gate.ts'

/** Gate -> plain text: question, why, what it reads, its settings as JSON Schema, its reason codes with the next action, and its planted faults. */
export function explain(gate: Gate): string {
  const codes = Object.entries(REASONS).filter(([code]) => code.startsWith(`${gate.id}.`) || code.startsWith('gate.'))
  return [
    `${gate.id} (${gate.phase}, ${PhaseName[gate.phase]}), version ${gate.version}`,
    '',
    gate.question,
    `Why: ${gate.why}`,
    '',
    'Reads',
    ...list(
      gate.reads.map((topic) => `evidence on ${topic}`),
      gate.readsVerdicts === true ? 'the verdicts of the other gates' : 'nothing',
    ),
    '',
    'Evidence is stale when one of these changes',
    ...list(gate.dependsOn, 'nothing but the commit'),
    '',
    `Settings (gates.${gate.id} in .github/release-conductor.yml)`,
    ...JSON.stringify(z.toJSONSchema(gate.policy, { io: 'input' }), null, 2)
      .split('\n')
      .map((line) => `  ${line}`),
    '',
    'Budgets and targets it holds numbers against',
    ...list(
      (gate.budgets ?? [])
        .map((key) => `${key === 'headroom' ? 'targets' : 'budgets'}.${key}`)
        .map((key) => `${key}: \`release-conductor config explain ${key}\``),
      'none',
    ),
    '',
    'Reason codes',
    ...codes.map(([code, meaning]) => `  ${code}: ${meaning}`),
    '',
    'Self-test: planted inputs',
    ...gate.planted().map((planted) => `  ${planted.expected === 'red' ? 'must block' : 'must pass '}  ${planted.name}`),
    '',
  ].join('\n')
}

function list(items: readonly string[], none: string): string[] {
  return items.length === 0 ? [`  ${none}`] : items.map((item) => `  ${item}`)
}
