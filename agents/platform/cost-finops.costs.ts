/** Previews and prices -> what each costs in a day, in US dollars, how much of its life is left, and what stands against it. Pure. */
import type { PreviewPolicy } from '../../evidence/model/config/previews.ts'
import { isListed } from '../../evidence/sbom/glob.ts'
import type { Inputs } from '../collect/inputs.ts'

type Given = Inputs['previews']
type Preview = Given['previews'][number]

export interface Costed {
  readonly preview: Preview
  /** US dollars; null: nobody knows, and `why` says so. */
  readonly dayUsd: number | null
  readonly why: { readonly rule: 'cost.unpriced' | 'cost.unknown-currency'; readonly message: string } | null
  /** Hours of its life so far. */
  readonly hours: number
  /** Hours until its time is over; below 0: it is over. */
  readonly hoursLeft: number
}

const HOUR = 3_600_000

/** States in which nothing is there any more, or never was. */
const OVER = new Set(['inactive', 'failure', 'error'])

/** Awake or asleep: what sleeps is kept, so it has its price and its end. */
function isThere({ state, asleep_since: asleep }: Preview): boolean {
  return asleep !== null || state === null || !OVER.has(state)
}

/** Of what is there. @param ttlMs life of a preview */
export function costed({ at, previews, bill }: Given, policy: PreviewPolicy, ttlMs: number): readonly Costed[] {
  return previews.filter(isThere).map((preview) => {
    const hours = (Date.parse(at) - Date.parse(preview.created_at)) / HOUR
    return { preview, ...priced(preview, bill, policy), hours, hoursLeft: ttlMs / HOUR - hours }
  })
}

function priced(
  { environment, asleep_since: asleep }: Preview,
  bill: Given['bill'],
  { prices, rates }: PreviewPolicy,
): Pick<Costed, 'dayUsd' | 'why'> {
  const price =
    bill?.entries.find((one) => one.environment === environment) ??
    priceOf(
      prices.find((one) => isListed(environment, [one.environment])),
      asleep !== null,
    )
  if (price === undefined)
    return {
      dayUsd: null,
      why: {
        rule: 'cost.unpriced',
        message: `nobody says what ${environment} costs${bill?.problem == null ? '' : `; ${bill.source}: ${bill.problem}`}`,
      },
    }
  const rate = price.currency === 'USD' ? 1 : rates[price.currency]
  if (rate === undefined)
    return {
      dayUsd: null,
      why: { rule: 'cost.unknown-currency', message: `${environment} is priced in ${price.currency}, and nobody says what that is in US dollars` },
    }
  return { dayUsd: price.hour * 24 * rate, why: null }
}

/** Nobody says what it costs asleep: then it costs as much as awake. */
function priceOf(price: PreviewPolicy['prices'][number] | undefined, isAsleep: boolean) {
  return price === undefined || !isAsleep ? price : { ...price, hour: price.asleep ?? price.hour }
}

/** US dollars a day by tenant; what belongs to none stands under `shared`. */
export function byTenant(all: readonly Costed[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {}
  for (const { preview, dayUsd } of all) {
    const tenant = preview.tenant ?? 'shared'
    sums[tenant] = (Object.hasOwn(sums, tenant) ? (sums[tenant] ?? 0) : 0) + (dayUsd ?? 0)
  }
  return sums
}

export function usd(amount: number): string {
  return `${amount.toFixed(2)} USD`
}
