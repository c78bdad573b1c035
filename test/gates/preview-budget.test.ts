import { expect, test } from 'vitest'
import type { Finding } from '../../evidence/model/finding.ts'
import { previewBudget } from '../../gates/preview-budget.ts'
import { specimen, SPECIMEN_BUDGETS, SPECIMEN_NOW } from '../../gates/specimen.ts'

const NUMBERS = {
  'preview-costs': { deployments: 5, unpriced: 0, past_ttl: 0, over_budget: 0, most_usd: 2.4 },
  previews: { deployments: 5, unasked: 0, dead: 0, comments: 1 },
}
const found = (rule: string): Finding => ({ rule, severity: 'error', subject: 'pr-7', message: `${rule} is told`, next: `mend ${rule}` })

function decide(rule: string | null, budget = 3) {
  const evidence = Object.entries(NUMBERS).map(([topic, numbers]) => {
    const own = rule !== null && (topic === 'previews') === rule.startsWith('preview.') ? [found(rule)] : []
    const metrics = { ...numbers, errors: own.length, warnings: 0 }
    return [topic, [specimen({ gate: 'preview_budget', topic, phase: 'P1', metrics, thresholds: {}, n: 5, findings: own })]] as const
  })
  const budgets = { ...SPECIMEN_BUDGETS, preview_day_usd: budget }
  return previewBudget.decide({ evidence: new Map(evidence), verdicts: [], policy: previewBudget.policy.parse({}), budgets, now: SPECIMEN_NOW })
}

test('it says what was measured against what', () => {
  expect(decide(null)).toMatchObject({
    verdict: 'pass',
    thresholds: { most_usd: '<=3', unpriced: '=0', past_ttl: '=0', dead: '=0', comments: '<=1' },
    measured: { n: 10 },
  })
  expect(decide(null, 2.4).verdict).toBe('pass')
  expect(decide(null, 2.39).verdict).not.toBe('pass')
})

test.each([
  ['cost.over-budget', 'fail', 'preview_budget.over-budget'],
  ['cost.past-ttl', 'fail', 'preview_budget.past-ttl'],
  ['cost.unpriced', 'indeterminate', 'preview_budget.unpriced'],
  ['cost.unknown-currency', 'indeterminate', 'preview_budget.unpriced'],
  ['preview.dead', 'fail', 'preview_budget.dead'],
  ['preview.not-asked', 'indeterminate', 'preview_budget.not-asked'],
  ['preview.no-address', 'indeterminate', 'preview_budget.not-asked'],
  ['preview.not-up', 'indeterminate', 'preview_budget.not-asked'],
  ['preview.two-comments', 'fail', 'preview_budget.two-comments'],
])('%s makes it %s', (rule, verdict, code) => {
  expect(decide(rule)).toMatchObject({ verdict, reasons: [{ code, next: `mend ${rule}` }] })
})
