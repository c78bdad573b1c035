/** Planted faults of cost-finops: previews that are priced, cheap and young, and the same with one thing wrong. */
import type { PlantedInput } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'

type Needs = 'previews' | 'policy'
type Given = Inputs['previews']
type Preview = Given['previews'][number]

const HEAD = 'b'.repeat(40)
const AT = '2026-01-15T12:00:00.000Z'

/** @param hours of its life so far */
export function preview(environment: string, hours = 10, over: Partial<Preview> = {}): Preview {
  const created_at = new Date(Date.parse(AT) - hours * 3_600_000).toISOString()
  return {
    deployment: 7,
    environment,
    sha: HEAD,
    ref: 'feature/cart',
    created_at,
    state: 'success',
    asleep_since: null,
    url: `https://${environment}.preview.acme.example/`,
    tenant: null,
    ...over,
  }
}

export function given(
  previews: readonly Preview[] = [preview('pr-7'), preview('pr-8', 1, { deployment: 8, tenant: 't1' })],
  over: Partial<Given> = {},
): Given {
  const health = previews.map(({ deployment }) => ({ deployment, status: 200, ms: 40, why: null }))
  return { at: AT, head: HEAD, seen: previews.length + 3, cut: false, previews: [...previews], health, bill: null, comments: [], ...over }
}

const PRICES = [{ environment: 'pr-*', hour: 0.1 }]

/** @param preview_budget what `gates.preview_budget` says */
export function policyOf(preview_budget: object = { prices: PRICES }, budgets: object = {}): Inputs['policy'] {
  const config = { version: 1, release: { base: ['main'] }, budgets, gates: { preview_budget } }
  return { base: 'a'.repeat(40), path: '.github/release-conductor.yml', text: JSON.stringify(config) }
}

function red(catches: string, rule: string, previews: Given, policy = policyOf()): PlantedInput<Needs> {
  return { catches, expected: 'red', inputs: { previews, policy }, rules: [rule] }
}

function green(catches: string, previews: Given, policy = policyOf()): PlantedInput<Needs> {
  return { catches, expected: 'green', inputs: { previews, policy } }
}

const priced = (price: object, more: object = {}) => policyOf({ prices: [{ environment: 'pr-*', ...price }], ...more })
const billed = (hour: number, currency = 'USD', environment = 'pr-7'): Partial<Given> => ({
  bill: { source: 'infracost: costs.json', entries: [{ environment, hour, currency }], problem: null },
})
const ASLEEP = { state: 'inactive', asleep_since: '2026-01-15T10:00:00.000Z' }
const ONE = [preview('pr-7')]

export const planted: readonly PlantedInput<Needs>[] = [
  green('a preview over budget', given()),
  green('a preview over budget', given(), priced({ hour: 0.125 })),
  red('a preview over budget', 'cost.over-budget', given(), priced({ hour: 0.126 })),
  red('a preview over budget', 'cost.over-budget', given(), policyOf({ prices: PRICES }, { preview_day_usd: 2 })),
  red('a preview over budget', 'cost.over-budget', given(ONE, billed(0.2))),
  green('a preview over budget', given([preview('pr-7', 10, { state: 'inactive' })], billed(9))),
  red('a preview over budget', 'cost.over-budget', given([preview('pr-7', 10, ASLEEP)]), priced({ hour: 0.2 })),
  green('a preview over budget', given([preview('pr-7', 10, ASLEEP)]), priced({ hour: 0.2, asleep: 0.125 })),
  red('a preview over budget', 'cost.over-budget', given([preview('pr-7', 10, ASLEEP)]), priced({ hour: 0.1, asleep: 0.126 })),
  red('a preview past its TTL', 'cost.past-ttl', given([preview('pr-7', 72.1, ASLEEP)])),
  red('an unpriced resource', 'cost.unpriced', given([preview('preview-7', 10, ASLEEP)])),
  green('a preview past its TTL', given([preview('pr-7', 72)])),
  red('a preview past its TTL', 'cost.past-ttl', given([preview('pr-7', 72.1)])),
  red('a preview past its TTL', 'cost.past-ttl', given([preview('pr-7', 25)]), policyOf({ prices: PRICES }, { preview_ttl: '24h' })),
  red('an unpriced resource', 'cost.unpriced', given([preview('preview-7')])),
  red(
    'an unpriced resource',
    'cost.unpriced',
    given(ONE, { bill: { source: 'opencost: costs', entries: [], problem: 'costs could not be reached.' } }),
    policyOf({}),
  ),
  green('an unpriced resource', given(ONE, billed(0.1)), policyOf({})),
  red('unknown currency', 'cost.unknown-currency', given(), priced({ hour: 0.1, currency: 'EUR' })),
  green('unknown currency', given(), priced({ hour: 0.1, currency: 'EUR' }, { rates: { EUR: 1.1 } })),
  red('unknown currency', 'cost.unknown-currency', given(ONE, billed(0.1, 'CHF'))),
]
