import { z } from 'zod'
import { canonicalize } from '../../evidence/core/canonical.ts'
import { parseConfig } from '../../evidence/config/parse.ts'
import type { Config } from '../../evidence/model/config.ts'
import { PreviewPolicy } from '../../evidence/model/config/previews.ts'
import type { Finding } from '../../evidence/model/finding.ts'
import { milliseconds } from '../../evidence/model/primitives.ts'
import { agent } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'
import { capped, count } from '../tally.ts'
import { byTenant, costed, usd, type Costed } from './cost-finops.costs.ts'
import { planted } from './cost-finops.faults.ts'

export const costFinops = agent({
  id: 'A7',
  name: 'cost-finops',
  phase: ['P1'],
  gate: ['preview_budget'],
  topic: 'preview-costs',
  question: 'Does each preview cost no more than it may, and does none outlive its time?',
  why: 'What nobody takes down is paid for by everybody, every day.',
  version: 2,
  needs: ['previews', 'policy'],
  writes: ['cost/previews.json'],
  policy: z.object({}),
  assess({ previews, policy: file }) {
    const { policy, budgets } = settingsOf(file)
    const all = costed(previews, policy, milliseconds(budgets.preview_ttl))
    const findings = capped([...cut(previews), ...all.flatMap((one) => against(one, budgets))])
    const priced = all.flatMap(({ dayUsd }) => dayUsd ?? [])
    const metrics = {
      deployments: previews.seen,
      running: all.filter(({ preview }) => preview.asleep_since === null).length,
      asleep: all.filter(({ preview }) => preview.asleep_since !== null).length,
      unpriced: all.length - priced.length,
      most_usd: Math.max(0, ...priced),
      total_usd: priced.reduce((sum, one) => sum + one, 0),
      over_budget: count(
        findings.filter(({ rule }) => rule === 'cost.over-budget'),
        'error',
      ),
      past_ttl: all.filter(({ hoursLeft }) => hoursLeft < 0).length,
      errors: count(findings, 'error'),
      warnings: count(findings, 'warning'),
    }
    return {
      findings,
      measurements: [
        {
          gate: 'preview_budget',
          metrics,
          thresholds: { deployments: '>0', errors: '=0' },
          measured: {
            n: previews.seen,
            window: previews.at,
            source: `github deployments; ${previews.bill?.source ?? 'prices of the config'}`.slice(0, 200),
            query: policy.environments.join(', '),
          },
        },
      ],
      files: [
        {
          path: 'cost/previews.json',
          type: 'evidence',
          content: {
            schema_version: 1,
            at: previews.at,
            budget: { preview_day_usd: budgets.preview_day_usd, preview_ttl: budgets.preview_ttl },
            previews: all.map(({ preview, dayUsd, hours, hoursLeft }) => ({
              environment: preview.environment,
              deployment: preview.deployment,
              tenant: preview.tenant,
              asleep_since: preview.asleep_since,
              day_usd: dayUsd,
              hours,
              hours_left: hoursLeft,
            })),
            tenants: byTenant(all),
            total_day_usd: metrics.total_usd,
          },
        },
      ],
      notes: `${metrics.running} previews run${metrics.asleep === 0 ? '' : ` and ${metrics.asleep} sleep`}, for ${usd(metrics.total_usd)} a day, the dearest ${usd(metrics.most_usd)}: ${metrics.errors} errors.`,
      next: metrics.errors === 0 ? 'Nothing to do.' : 'Do what each finding says; `run --phase=P1 --plan` shows what would be taken down.',
    }
  },
  plan({ previews, policy: file }) {
    const { policy, budgets } = settingsOf(file)
    return costed(previews, policy, milliseconds(budgets.preview_ttl)).flatMap((one) => {
      const [reason] = against(one, budgets).filter(({ rule }) => rule === 'cost.over-budget' || rule === 'cost.past-ttl')
      if (reason === undefined) return []
      const { deployment, environment } = one.preview
      const text = canonicalize({
        deployment,
        environment,
        state: 'inactive',
        description: reason.message.slice(0, 140),
        teardown: policy.teardown ?? null,
      })
      return [{ kind: 'deployment.end' as const, path: `deployments/${deployment}`, text, why: reason.message.slice(0, 500) }]
    })
  },
  planted,
})

/** @throws when the config cannot be used: then nobody knows what a preview may cost */
function settingsOf({ text }: Inputs['policy']): { readonly policy: PreviewPolicy; readonly budgets: Config['budgets'] } {
  const parsed = parseConfig(text, { preview_budget: PreviewPolicy })
  if (!parsed.ok) throw new Error('gates.preview_budget of the config on the base branch cannot be used')
  return { policy: PreviewPolicy.parse(parsed.config.gates.preview_budget ?? {}), budgets: parsed.config.budgets }
}

function cut({ cut: isCut, seen }: Inputs['previews']): Finding[] {
  if (!isCut) return []
  const message = `Only the newest deployments were looked at, ${seen} of previews among them: what is older may still run and cost`
  return [{ rule: 'cost.not-all-seen', severity: 'warning', message, next: 'Delete deployments that are inactive.' }]
}

function against({ preview, dayUsd, why, hoursLeft }: Costed, { preview_day_usd: most, preview_ttl: ttl }: Config['budgets']): Finding[] {
  const subject = preview.environment
  const error = (rule: string, message: string, next: string): Finding => ({
    rule,
    severity: 'error',
    subject,
    message: message.slice(0, 1000),
    next,
  })
  return [
    ...(why === null
      ? []
      : [
          error(
            why.rule,
            why.message,
            why.rule === 'cost.unpriced' ? 'Name its price under gates.preview_budget.prices.' : 'Name the rate under gates.preview_budget.rates.',
          ),
        ]),
    ...(dayUsd !== null && dayUsd > most
      ? [
          error(
            'cost.over-budget',
            `${subject} costs ${usd(dayUsd)} a day; ${usd(most)} is the budget`,
            'Make it smaller or take it down, or raise budgets.preview_day_usd on the base branch.',
          ),
        ]
      : []),
    ...(hoursLeft < 0
      ? [
          error(
            'cost.past-ttl',
            `${subject} should have ended ${(-hoursLeft).toFixed(1)} hours ago: it lives ${ttl} at most`,
            'Take it down, and its deployment with it.',
          ),
        ]
      : []),
  ]
}
