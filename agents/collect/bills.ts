/** What a bill says of each environment: OpenCost by its API, or the JSON that Infracost wrote. What cannot be read is a problem, and no price. */
import { z } from 'zod'
import type { PreviewPolicy } from '../../evidence/model/config/previews.ts'
import type { CollectContext } from './collector.ts'
import { baseCommit, tree } from './git.ts'
import type { Previews } from './inputs.previews.ts'
import { boundedAnswer } from './metrics/bounded-get.ts'
import { readEntry } from './supply-chain-settings.ts'

type Bill = NonNullable<Previews['bill']>
const CAPS = { maxBytes: 8 << 20, timeoutMs: 15_000 }
const MOST = 2000

/** https://opencost.io/docs/integrations/api/#allocation: one set of allocations by namespace, over the window that was asked for. */
const Allocations = z.object({ data: z.array(z.record(z.string(), z.object({ minutes: z.number(), totalCost: z.number() })).nullable()).max(50) })
/** https://www.infracost.io/docs/features/cli_commands/#breakdown */
const Breakdown = z.object({
  currency: z.string().max(10).default('USD'),
  projects: z.array(z.object({ name: z.string(), breakdown: z.object({ totalHourlyCost: z.string().nullable() }).nullish() })).max(MOST),
})

export async function billOf(context: CollectContext, costs: NonNullable<PreviewPolicy['costs']>): Promise<Bill> {
  const source = costs.kind === 'opencost' ? `opencost: ${new URL(costs.url).host}` : `infracost: ${costs.path}`
  try {
    return { source, entries: costs.kind === 'opencost' ? await opencost(costs.url) : await infracost(context, costs.path), problem: null }
  } catch (error) {
    const said = error instanceof z.ZodError ? 'it has another form' : error instanceof Error ? error.message : String(error)
    return { source, entries: [], problem: said.slice(0, 500) || 'it cannot be read' }
  }
}

async function opencost(url: string): Promise<Bill['entries']> {
  const address = new URL(`${url.replace(/\/+$/, '')}/allocation`)
  address.search = new URLSearchParams({ window: '24h', aggregate: 'namespace', accumulate: 'true' }).toString()
  const { text } = await boundedAnswer(address, CAPS, { accept: 'application/json' })
  const { data } = Allocations.parse(JSON.parse(text))
  return Object.entries(data[0] ?? {}).flatMap(([environment, { minutes, totalCost }]) =>
    minutes > 0 && totalCost >= 0 ? [{ environment: environment.slice(0, 255), hour: (totalCost / minutes) * 60, currency: 'USD' }] : [],
  )
}

async function infracost(context: CollectContext, path: string): Promise<Bill['entries']> {
  const entry = (await tree(context.workspace, await baseCommit(context.workspace, context.base))).find((one) => one.path === path)
  const { text, why } = await readEntry(context, path, entry, { left: CAPS.maxBytes })
  if (text === null) throw new Error(why ?? 'it cannot be read')
  const { currency, projects } = Breakdown.parse(JSON.parse(text))
  return projects.flatMap(({ name, breakdown }) => {
    const hour = Number(breakdown?.totalHourlyCost ?? Number.NaN)
    return Number.isFinite(hour) && hour >= 0 ? [{ environment: name.slice(0, 255), hour, currency }] : []
  })
}
