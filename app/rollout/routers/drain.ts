/** A version whose weight goes to 0 finishes what is open, and what is still open when its time is over is ended. */
import type { ArmName } from './weight.ts'

export interface Drain {
  /** A request begins. @param end ends it before its time @returns to be called when it is over */
  begin(arm: ArmName, end: () => void): () => void
  /** The weight is another one. */
  moved(percent: number): void
  /** Requests that are open now. */
  open(): Readonly<Record<ArmName, number>>
  /** Ends nothing any more. */
  stop(): void
}

/** @param afterMs from weight 0 of a version to the end of what it still has open */
export function drain(afterMs: number): Drain {
  const requests: Record<ArmName, Set<() => void>> = { canary: new Set(), stable: new Set() }
  const timers: Partial<Record<ArmName, NodeJS.Timeout>> = {}

  function serves(arm: ArmName): void {
    clearTimeout(timers[arm])
    delete timers[arm]
  }

  function empties(arm: ArmName): void {
    timers[arm] ??= setTimeout(() => {
      for (const end of requests[arm]) end()
    }, afterMs).unref()
  }

  return {
    begin(arm, end) {
      requests[arm].add(end)
      return () => void requests[arm].delete(end)
    },
    moved(percent) {
      if (percent > 0) serves('canary')
      else empties('canary')
      if (percent < 100) serves('stable')
      else empties('stable')
    },
    open: () => ({ canary: requests.canary.size, stable: requests.stable.size }),
    stop() {
      serves('canary')
      serves('stable')
    },
  }
}
