import { expect, test } from 'vitest'
import { phaseAnswer, type PhaseSaid } from '../../../app/cli/phase-answer.ts'
import { AGENTS } from '../../../agents/index.ts'
import type { Handover } from '../../../evidence/model/handover.ts'
import { EXIT } from '../../../app/cli/verb.ts'

function response(name: string, rule: string): Handover['responses'][number] {
  const agent = AGENTS.find((one) => one.name === name)
  if (agent === undefined) throw new Error(name)
  return {
    schema_version: 1,
    topic: agent.topic,
    agent: { id: agent.id, name, version: 1 },
    response: {
      phase: 'P0',
      agent: agent.id,
      result: 'ok',
      artifacts: [],
      links: { prs: [], runs: [], dashboards: [], releases: [] },
      verdicts: [],
      notes: `${name} looked`,
      next: 'Do it.',
      trace_id: '0'.repeat(32),
    },
    findings: [{ rule, severity: 'error', message: `${rule} is told`, next: 'Mend it.' }],
    inputs: [],
    made_at: '2026-11-22T12:00:00.000Z',
  }
}

const THREE = [response('infrasec', 'image.user-root'), response('adr-arbiter', 'adr.absent'), response('supply-chain-lead', 'lock.absent')]

function said(declared: PhaseSaid['declared'], responses: Handover['responses'] = THREE) {
  const handover: Handover = { schema_version: 1, phase: 'P0', responses, self_tests: [], deployments: [], files: [] }
  const subject = { sha: 'a'.repeat(40), base: 'main', repository: { owner: 'acme', name: 'shop' } }
  return phaseAnswer({ phase: 'P0', subject, handover, verdicts: [], declared, out: null })
}

test('what is declared absent is not asked, and nothing of it is to be done; the data keeps it', () => {
  const { data, text, exit } = said({ supply_chain: { reason: 'nothing is installed', by: '@acme/team' } })
  expect(text).toMatch(/supply-chain-lead +not asked +supply-chain is declared not applicable/)
  expect(text).not.toContain('lock.absent')
  expect(text).toContain('image.user-root')
  expect(data).toMatchObject({
    responses: [{ declared_absent: false }, { declared_absent: false }, { declared_absent: true }],
    findings: [{ rule: 'image.user-root' }, { rule: 'adr.absent' }, { rule: 'lock.absent', declared_absent: true }],
  })
  expect(exit).toBe(EXIT.indeterminate)
})

test('an agent that feeds no gate is asked whatever is declared', () => {
  expect(said({ hardening: { reason: 'no image', by: '@acme/team' } }).text).toMatch(/adr-arbiter +ok/)
})

test('one rule that is broken a hundred times hides no other', () => {
  const often = response('infrasec', 'image.user-root')
  const [finding] = often.findings
  if (finding === undefined) throw new Error('no finding')
  const responses = [{ ...often, findings: Array.from({ length: 100 }, () => ({ ...finding })) }, response('supply-chain-lead', 'lock.absent')]
  const { text } = said({}, responses)
  expect(text).toContain('lock.absent')
  expect(text).toContain('… and 71 more; --json shows all.')
})
