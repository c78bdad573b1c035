/** Input `trend`: what the releases before measured, as the base branch keeps it. */
import { PerfPolicy } from '../../evidence/model/config/perf.ts'
import type { CollectContext, Collected } from './collector.ts'
import { gateSettings } from './gate-settings.ts'
import { baseCommit, tree } from './git.ts'
import { readEntry } from './supply-chain-settings.ts'

const MOST_BYTES = 1 << 20

export async function collectTrend(context: CollectContext): Promise<Collected<'trend'>> {
  const read = await gateSettings(context, 'perf', PerfPolicy)
  if ('blocked' in read) return read
  const path = read.settings.trend
  const base = await baseCommit(context.workspace, context.base)
  const entry = (await tree(context.workspace, base)).find((one) => one.path === path)
  return { value: { base, path, file: entry === undefined ? null : await readEntry(context, path, entry, { left: MOST_BYTES }) } }
}
