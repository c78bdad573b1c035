/**
 * A full look may read GitHub for longer than its lease lives. Between its reads it renews the lease, so that it ends; and while it keeps everybody else
 * away it looks at the traffic itself, and stops when that must go home: a slow GitHub may not keep bad traffic on.
 */
import { gatherTick } from './gather.ts'
import { renewed } from './leave.ts'
import { next } from './next.ts'
import type { Context } from './reconcile.ts'
import type { Lease, ReadPort, ReleaseRecord } from './ports.ts'
import { dataOf } from './state.ts'

export interface Heartbeat {
  /** The same, with reads that are preceded by a beat. */
  readonly context: Context
  /** Why what was read is of no use: another process holds the release, or its traffic goes home first. null: it is. */
  stopped(): 'lost' | 'traffic' | null
}

export function heartbeat(context: Context, record: ReleaseRecord, held: readonly Lease[]): Heartbeat {
  const { ports, settings } = context
  const { store, clock } = ports
  const { rollout } = dataOf(record)
  let last = clock.now()
  let stopped: 'lost' | 'traffic' | null = null
  let beating: Promise<void> | null = null

  async function beat(): Promise<void> {
    last = clock.now()
    for (const lease of held) if (!(await renewed(store, lease, clock.now(), settings.leaseMs))) return void (stopped = 'lost')
    if (rollout === null || record.state === 'rolling_back') return
    if (next(record, await gatherTick(context, record)).record.state === 'rolling_back') stopped = 'traffic'
  }

  async function alive(): Promise<void> {
    // Traffic that is not home yet is tried again by whoever looks next, at once.
    const isDue = rollout?.stage !== 'withdrawing' && clock.now() - last >= Math.min(settings.sampleMs, settings.leaseMs / 3)
    if (stopped === null && isDue) beating ??= beat().finally(() => (beating = null))
    await beating
    if (stopped !== null) throw new Error(stopped === 'lost' ? 'another process looks at the release' : 'its traffic goes home first')
  }

  return { context: { ...context, ports: { ...ports, read: preceded(ports.read, alive) } }, stopped: () => stopped }
}

function preceded(read: ReadPort, alive: () => Promise<void>): ReadPort {
  return new Proxy(read, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target)
      if (typeof member !== 'function') return member
      return async (...given: unknown[]): Promise<unknown> => {
        await alive()
        return (await Reflect.apply(member, target, given)) as unknown
      }
    },
  })
}
