/** How busy the machine was while we measured: a figure from a busy one says little. */
import { readFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg } from 'node:os'

/** Ours and the peers alone leave more than this of two cores. */
const LEAST_IDLE = 0.25

interface Ticks {
  readonly total: number
  readonly idle: number
  readonly stolen: number
}

export interface Machine {
  readonly cores: number
  readonly processor: string
  readonly node: string
  /** Processes that ran or waited in the minute before. */
  readonly load: number
  /** Shares of processor time since {@link watch}; null where the system does not say. */
  readonly idle: number | null
  readonly stolen: number | null
}

/** @returns asks how it was since now */
export async function watch(): Promise<() => Promise<Machine>> {
  const load = loadavg()[0] ?? Number.NaN
  const before = await ticks()
  return async () => {
    const after = await ticks()
    const total = before === null || after === null ? 0 : after.total - before.total
    const share = (key: 'idle' | 'stolen'): number | null =>
      before === null || after === null || total === 0 ? null : (after[key] - before[key]) / total
    const processor = cpus()[0]?.model ?? 'unknown'
    return { cores: availableParallelism(), processor, node: process.versions.node, load, idle: share('idle'), stolen: share('stolen') }
  }
}

export function describe({ cores, processor, node, load, idle, stolen }: Machine): string {
  const isBusy = idle === null ? load > cores / 2 : idle < LEAST_IDLE
  const busy = isBusy ? '; the machine was busy, so trust the ratios of processor time more than those of wall time' : ''
  return `${cores} cores (${processor}), Node ${node}, load ${load.toFixed(1)} at the start, ${percent(stolen)} stolen, ${percent(idle)} idle${busy}`
}

function percent(share: number | null): string {
  return share === null ? 'unknown' : `${Math.round(share * 100)} %`
}

async function ticks(): Promise<Ticks | null> {
  const line = await readFile('/proc/stat', 'utf8').catch(() => '')
  const [user, nice, system, idle, wait, irq, soft, stolen] = (/^cpu +(.+)$/m.exec(line)?.[1] ?? '').split(' ').map(Number)
  if (user === undefined || idle === undefined || stolen === undefined) return null
  const rest = (nice ?? 0) + (system ?? 0) + (wait ?? 0) + (irq ?? 0) + (soft ?? 0)
  return { total: user + idle + stolen + rest, idle: idle + (wait ?? 0), stolen }
}
