/** Whether something may still be sent in the name of a lease. */
import { ReleaseError } from './error.ts'
import type { Clock, Leave, Lease, Ports, StorePort } from './ports.ts'

/** Renews a lease that has not expired. False: it may be somebody else's; what was taken anew instead is given back. */
export async function renewed(store: Pick<StorePort, 'lease' | 'free'>, lease: Lease, now: number, leaseMs: number): Promise<boolean> {
  const held = await store.lease(lease.key, lease.owner, now, leaseMs)
  if (held?.fence === lease.fence) return true
  if (held !== null) await store.free(held)
  return false
}

/** Of what needs no lease. */
export function soon(clock: Clock, ms: number): Leave {
  const until = clock.now() + ms
  return async () => {
    if (clock.now() >= until) throw new ReleaseError('late', 'what it was decided from is too old by now')
  }
}

/**
 * Of a lease that was just renewed. Within a third of its life it lets everything leave; then it renews first. So a call whose own deadline is two thirds
 * has ended before the lease does, however long it waited to be sent, and a process that slept sends nothing when another has taken over.
 */
export function leaving({ store, clock }: Pick<Ports, 'store' | 'clock'>, lease: Lease, leaseMs: number): Leave {
  let until = clock.now() + leaseMs / 3
  return async () => {
    const now = clock.now()
    if (now < until) return
    if (!(await renewed(store, lease, now, leaseMs)))
      throw new ReleaseError('late', 'the lease may have gone to another process; whoever holds it now does this')
    until = now + leaseMs / 3
  }
}
