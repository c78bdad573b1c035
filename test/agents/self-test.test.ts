import { describe, expect, test } from 'vitest'
import type { Report } from '../../agents/agent.ts'
import { AGENTS } from '../../agents/index.ts'
import type { ListedAgent } from '../../agents/index.ts'
import { agentCases, selfTestCases } from '../../agents/self-test.ts'
import { GATES } from '../../gates/index.ts'
import { receiptLacks } from '../../gates/self-test.ts'
import { faultsMissed } from './faults.ts'

const FINE: Report = { findings: [], measurements: [], files: [], notes: 'fine', next: 'nothing' }
function crash(): Report {
  throw new Error('boom')
}

const crying: Report = { ...FINE, findings: [{ rule: 'a.b', severity: 'error', message: 'm', next: 'n' }] }

describe.each(AGENTS.map((agent) => [agent.name, agent] as const))('%s', (_name, agent) => {
  const reds = agent.planted.filter((planted) => planted.expected === 'red').length

  test('replaced by a constant ok: every planted fault goes red, in the check and in the receipt', () => {
    const constant: ListedAgent = { ...agent, assess: () => FINE }
    expect(faultsMissed(constant)).toHaveLength(reds)
    const list = AGENTS.map((one) => (one === agent ? constant : one))
    for (const gate of GATES.filter((gate) => agent.gate.includes(gate.id))) {
      expect(receiptLacks(gate, { cases: selfTestCases(gate, list) }, [agent.name])).toHaveLength(reds)
      expect(receiptLacks(gate, { cases: selfTestCases(gate) }, [agent.name])).toEqual([])
    }
  })

  test('replaced by a constant error, a crash, or warnings only: nothing is taken for seen', () => {
    expect(faultsMissed({ ...agent, assess: () => crying })).toHaveLength(agent.planted.length)
    expect(faultsMissed({ ...agent, assess: crash })).toHaveLength(agent.planted.length)
    const soft = (...given: Parameters<ListedAgent['assess']>): Report => {
      const report = agent.assess(...given)
      return { ...report, findings: report.findings.map((finding) => ({ ...finding, severity: 'warning' })) }
    }
    expect(faultsMissed({ ...agent, assess: soft })).toHaveLength(reds)
  })

  test('case names are unique and its unit is its name', () => {
    const cases = agentCases(agent)
    expect(new Set(cases.map((one) => one.name)).size).toBe(cases.length)
    expect(new Set(cases.map((one) => one.unit))).toEqual(new Set([agent.name]))
  })
})

test('a receipt holds the gate and every agent that feeds it', () => {
  const units = Object.fromEntries(GATES.map((gate) => [gate.id, [...new Set(selfTestCases(gate).map((one) => one.unit))]]))
  expect(units).toEqual({
    policy_ci: ['gate:policy_ci', 'lint-marshal', 'cicd-engineer', 'policy-gatekeeper'],
    hardening: ['gate:hardening', 'platform-devops', 'infrasec', 'template-keeper'],
    supply_chain: ['gate:supply_chain', 'supply-chain-lead', 'artifactory-steward'],
    slo: ['gate:slo', 'slo-librarian', 'probe-master', 'dashboardsmith', 'log-curator'],
    perf: ['gate:perf', 'perf-engineer', 'capacity-oracle'],
    preview_budget: ['gate:preview_budget', 'cost-finops', 'preview-concierge'],
    all_required_gates: ['gate:all_required_gates'],
  })
})
