/** Writes of one installation go one after the other (GitHub asks for it); installations do not wait for each other. */
import { setTimeout as sleep } from 'node:timers/promises'

export interface WriteQueue {
  /** Runs the write when all earlier ones of this installation have ended, well or badly. */
  run<Result>(installation: number, write: () => Promise<Result>): Promise<Result>
}

/** @param spacingMs pause after each write; 0: none */
export function writeQueue(spacingMs: number): WriteQueue {
  const tails = new Map<number, Promise<unknown>>()
  return {
    run(installation, write) {
      const before = tails.get(installation) ?? Promise.resolve()
      const mine = before.then(write, write)
      const tail = mine.then(
        () => pause(spacingMs),
        () => pause(spacingMs),
      )
      tails.set(installation, tail)
      void tail.finally(() => {
        if (tails.get(installation) === tail) tails.delete(installation)
      })
      return mine
    },
  }
}

async function pause(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await sleep(milliseconds)
}
