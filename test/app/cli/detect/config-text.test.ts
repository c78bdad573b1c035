import { expect, test } from 'vitest'
import { declarationsOf, detectedConfig, type Found, type FoundTopic } from '../../../../app/cli/detect/config-text.ts'
import { parseConfig } from '../../../../evidence/config/parse.ts'
import { gatePolicies } from '../../../../gates/index.ts'

const topic = (gate: FoundTopic['gate'], name: string, n: number, why = 'none was found'): FoundTopic => ({ gate, topic: name, n, why })
const FOUND: Found = {
  base: 'main',
  commit: 'c'.repeat(40),
  by: '@acme/leads',
  owners: ['@acme/leads', '@dev'],
  slos: ['slo/*.yaml'],
  deploy: 'ship.yml',
  conduct: 'prove.yml',
  topics: [topic('hardening', 'images', 3), topic('hardening', 'manifests', 0, 'say: "no" # cluster'), topic('slo', 'slo', 0)],
}

test('what is absent is declared by topic, and a gate without any topic as a whole', () => {
  expect(declarationsOf(FOUND.topics)).toEqual([
    ['hardening.manifests', 'say: "no" # cluster'],
    ['slo', 'none was found'],
  ])
  expect(declarationsOf([topic('slo', 'slo', 0, 'a'), topic('slo', 'logs', 0, 'b'), topic('slo', 'probes', 0, 'a')])).toEqual([['slo', 'a; b']])
})

test('the text is a config that says what was found', () => {
  const parsed = parseConfig(detectedConfig(FOUND), gatePolicies())
  expect(parsed.ok ? parsed.config : parsed.errors).toMatchObject({
    release: { base: ['main'] },
    people: { approvers: { promote: { teams: ['@acme/leads'], users: ['dev'] } } },
    conduct: { workflow: 'prove.yml' },
    slos: ['slo/*.yaml'],
    environments: { prod: { deploy: { workflow: 'ship.yml' } } },
    not_applicable: { 'hardening.manifests': { reason: 'say: "no" # cluster', by: '@acme/leads' }, slo: { by: '@acme/leads' } },
  })
})

test('of an empty repository it names nobody and declares what is asked', () => {
  const text = detectedConfig({ ...FOUND, owners: [], slos: [], deploy: null, conduct: null, topics: [] })
  expect(text).toContain('nobody may promote until somebody stands here')
  expect(parseConfig(text, gatePolicies())).toMatchObject({ ok: true, config: { environments: {}, not_applicable: {}, slos: [] } })
})
