import { PreviewPolicy } from '../evidence/model/config/previews.ts'
import { gate } from './gate.ts'
import type { Limits } from './gate.ts'
import { judgeMeasured, type TopicRules } from './measured-topics.ts'
import { plantedPreviewBudget } from './preview-budget.planted.ts'

function costRules({ preview_day_usd: most }: Limits): TopicRules {
  return {
    thresholds: { deployments: '>0', unpriced: '=0', past_ttl: '=0', most_usd: `<=${most.toFixed(6).replace(/\.?0+$/, '')}`, errors: '=0' },
    codes: { 'cost.over-budget': 'preview_budget.over-budget', 'cost.past-ttl': 'preview_budget.past-ttl' },
    other: 'preview_budget.unpriced',
    blind: ['preview_budget.unpriced'],
  }
}

const PREVIEWS: TopicRules = {
  thresholds: { deployments: '>0', unasked: '=0', dead: '=0', comments: '<=1', errors: '=0' },
  codes: {
    'preview.dead': 'preview_budget.dead',
    'preview.two-comments': 'preview_budget.two-comments',
    'preview.not-asked': 'preview_budget.not-asked',
    'preview.no-address': 'preview_budget.not-asked',
  },
  other: 'preview_budget.findings',
  blind: ['preview_budget.not-asked'],
}

export const previewBudget = gate<PreviewPolicy>({
  id: 'preview_budget',
  phase: 'P1',
  question: 'Does every preview answer, cost no more than its budget, and end in time?',
  why: 'Previews that nobody ends are paid for every day, and show what is no longer true.',
  version: 1,
  reads: ['preview-costs', 'previews'],
  dependsOn: ['policy'],
  budgets: ['preview_day_usd', 'preview_ttl'],
  policy: PreviewPolicy,
  notMeasured: 'preview_budget.not-measured',
  decide(input) {
    const of = {
      gate: 'preview_budget',
      notMeasured: 'preview_budget.not-measured',
      contradiction: 'preview_budget.contradiction',
      age: { most: input.policy.max_age, code: 'preview_budget.looked-too-long-ago' },
    } as const
    return judgeMeasured(of, input, { 'preview-costs': costRules(input.budgets), previews: PREVIEWS })
  },
  planted: plantedPreviewBudget,
})
