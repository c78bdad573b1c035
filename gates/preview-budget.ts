import { PreviewPolicy } from '../evidence/model/config/previews.ts'
import type { Reason } from '../evidence/model/verdict.ts'
import { gate } from './gate.ts'
import type { Limits } from './gate.ts'
import { plantedPreviewBudget } from './preview-budget.planted.ts'
import { judgeTopics, type TopicRule } from './topics.ts'

const CODES = {
  findings: 'preview_budget.findings',
  contradiction: 'preview_budget.contradiction',
  expired: 'preview_budget.exception-expired',
  notMeasured: 'preview_budget.not-measured',
} as const

function unmeasured(what: string): Reason {
  return {
    code: CODES.notMeasured,
    message: `No statement carries numbers about ${what}`,
    next: 'Run phase P1 again and look at the log of the agents.',
  }
}

/** One that may cost more for a while is the dearest, so the limit then holds by the count of those above it. */
function costRules({ preview_day_usd: most }: Limits, { exceptions }: PreviewPolicy): TopicRule {
  const mayCostMore = exceptions.some(({ rule }) => rule === 'cost.over-budget')
  return {
    topic: 'preview-costs',
    unmeasured: unmeasured('what previews cost'),
    thresholds: {
      deployments: '>0',
      unpriced: '=0',
      past_ttl: '=0',
      over_budget: '=0',
      ...(!mayCostMore && { most_usd: `<=${most.toFixed(6).replace(/\.?0+$/, '')}` }),
    },
    codes: { 'cost.over-budget': 'preview_budget.over-budget', 'cost.past-ttl': 'preview_budget.past-ttl' },
    other: 'preview_budget.unpriced',
    blind: ['preview_budget.unpriced'],
    exceptable: { 'cost.over-budget': 'over_budget', 'cost.past-ttl': 'past_ttl' },
  }
}

const PREVIEWS: TopicRule = {
  topic: 'previews',
  unmeasured: unmeasured('previews'),
  thresholds: { deployments: '>0', unasked: '=0', dead: '=0', comments: '<=1' },
  codes: {
    'preview.dead': 'preview_budget.dead',
    'preview.two-comments': 'preview_budget.two-comments',
    'preview.not-asked': 'preview_budget.not-asked',
    'preview.no-address': 'preview_budget.not-asked',
    'preview.not-up': 'preview_budget.not-asked',
  },
  blind: ['preview_budget.not-asked'],
  exceptable: { 'preview.dead': 'dead' },
}

export const previewBudget = gate<PreviewPolicy>({
  id: 'preview_budget',
  phase: 'P1',
  question: 'Does every preview answer, cost no more than its budget, and end in time?',
  why: 'Previews that nobody ends are paid for every day, and show what is no longer true.',
  version: 2,
  reads: ['preview-costs', 'previews'],
  dependsOn: ['policy'],
  budgets: ['preview_day_usd', 'preview_ttl'],
  policy: PreviewPolicy,
  notMeasured: 'preview_budget.not-measured',
  decide({ budgets, evidence, now, policy }) {
    return judgeTopics(
      {
        gate: 'preview_budget',
        rules: [costRules(budgets, policy), PREVIEWS],
        codes: CODES,
        exceptions: policy.exceptions,
        age: { most: policy.max_age, code: 'preview_budget.looked-too-long-ago' },
      },
      { evidence, now },
    )
  },
  planted: plantedPreviewBudget,
})
