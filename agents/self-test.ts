/** Runs agents on their planted inputs: the proof that they find what they are there to find, and leave the healthy twin alone. Pure. */
import type { SelfTestPredicate } from '../evidence/model/statement.ts'
import { gateCases } from '../gates/self-test.ts'
import type { Gate } from '../gates/gate.ts'
import { AGENTS, sees } from './index.ts'
import type { ListedAgent } from './index.ts'

export type SelfTestCase = SelfTestPredicate['cases'][number]

/**
 * Every planted input -> what was expected and what came out. Red: the planted rules are found, each as an error. Green: no error is found. An `assess`
 * that throws, or finds other rules than those planted, has not seen the fault: red then counts as green, and green as red.
 */
export function agentCases(agent: ListedAgent): SelfTestCase[] {
  const known = ANSWERED.get(agent) ?? answered(agent)
  ANSWERED.set(agent, known)
  return [...known]
}

/** `assess` is pure and the planted inputs are fixed, so a second run in one process could only say the same. */
const ANSWERED = new WeakMap<ListedAgent, readonly SelfTestCase[]>()

function answered(agent: ListedAgent): SelfTestCase[] {
  return agent.planted.map(({ catches, expected, inputs, rules = [] }, index) => ({
    name: `${catches} #${index + 1}`,
    unit: agent.name,
    expected,
    got: answer(agent, sees(agent, inputs), expected, rules),
  }))
}

function answer(
  agent: ListedAgent,
  inputs: Parameters<ListedAgent['assess']>[0],
  expected: 'red' | 'green',
  rules: readonly string[],
): 'red' | 'green' {
  try {
    const errors = agent.assess(inputs, agent.policy.parse({})).findings.filter((finding) => finding.severity === 'error')
    if (expected === 'green') return errors.length === 0 ? 'green' : 'red'
    return rules.length > 0 && rules.every((rule) => errors.some((finding) => finding.rule === rule)) ? 'red' : 'green'
  } catch {
    return expected === 'red' ? 'green' : 'red'
  }
}

/** All cases of one gate's receipt: its own, and those of every agent that feeds it. */
export function selfTestCases(gate: Gate, agents: readonly ListedAgent[] = AGENTS): SelfTestCase[] {
  return [...gateCases(gate), ...agents.filter((agent) => agent.gate.includes(gate.id)).flatMap(agentCases)]
}
