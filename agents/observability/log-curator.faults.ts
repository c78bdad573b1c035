/** Planted faults of log-curator: lines that say everything, and the same with one thing wrong. */
import type { PlantedInput } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'
import { SloPolicy } from '../../evidence/model/config/slo.ts'

type Needs = 'logs' | 'policy'
type Sample = Inputs['logs']['samples'][number]
type Line = Sample['lines'][number]

const FIELDS = SloPolicy.parse({}).logs.fields

export function line(nth: number, form: Line['form'] = 'json', without: readonly string[] = []): Line {
  return { line: nth, form, has: form === 'json' ? ['level', 'message', ...FIELDS].filter((field) => !without.includes(field)).toSorted() : [] }
}

export function given(lines: readonly Line[] = [line(1), line(2)], over: Partial<Sample> = {}): Inputs['logs'] {
  const sample = { source: 'logs/shop.jsonl', sha256: 'd'.repeat(64), lines: [...lines], cut: false, problem: null, ...over }
  return { at: '2026-01-15T12:00:00.000Z', head: 'b'.repeat(40), samples: [sample] }
}

/** @param logs what `gates.slo.logs` says */
export function policyOf(logs: object = { retention: '30d' }): Inputs['policy'] {
  const config = { version: 1, release: { base: ['main'] }, gates: { slo: { logs } } }
  return { base: 'a'.repeat(40), path: '.github/release-conductor.yml', text: JSON.stringify(config) }
}

function red(catches: string, rule: string, logs: Inputs['logs'], policy = policyOf()): PlantedInput<Needs> {
  return { catches, expected: 'red', inputs: { logs, policy }, rules: [rule] }
}

function green(catches: string, logs: Inputs['logs'], policy = policyOf()): PlantedInput<Needs> {
  return { catches, expected: 'green', inputs: { logs, policy } }
}

export const planted: readonly PlantedInput<Needs>[] = [
  green('a plain-text line', given()),
  red('a plain-text line', 'log.plain-text', given([line(1), line(2, 'text')])),
  ...FIELDS.map((field) => red('a missing field', 'log.missing-field', given([line(1), line(2, 'json', [field])]))),
  green('a missing field', given([line(1, 'json', ['level'])])),
  red('a multi-line stack trace outside JSON', 'log.stack-trace', given([line(1), line(2, 'stack')])),
  green('a multi-line stack trace outside JSON', given([line(1)], { source: 'loki:loki.example' })),
  red('a retention that nobody set', 'log.no-retention', given(), policyOf({})),
  green('a retention that nobody set', given(), policyOf({ retention: '1h' })),
  red('nothing measured', 'log.empty', given([])),
  red('nothing measured', 'log.unread', given([], { problem: 'it is not UTF-8 text', sha256: null })),
  green('nothing measured', given([line(1)])),
]
