/**
 * The weight in force: which arm takes the next request, and how the weight changes.
 * A step down is applied first and saved after, so that nothing, a full disk included, can keep the canary in traffic. A step up is saved first.
 */
import { inCanary } from './cohort.ts'
import { RouterError } from './router.ts'
import { spread, type Spread } from './spread.ts'

export type ArmName = 'canary' | 'stable'

export interface Weight {
  /** In force now. */
  percent(): number
  /** Counts one request and names its arm. @param client who stays with one arm; null: nobody in particular */
  choose(client?: string | null): ArmName
  /** @throws RouterError `refused` (a step up that could not be saved, or a newer change overtook it), `not-durable` (a step down in force but not saved) */
  set(percent: number): Promise<void>
}

function overtaken(percent: number): RouterError {
  return new RouterError('refused', `A newer weight overtook ${percent} %. Read the weight before setting it again.`)
}

/** @param save must resolve only when the weight is durable @param moved told of each weight that comes into force */
export function weight(initial: number, save: (percent: number) => Promise<void>, moved: (percent: number) => void = () => {}): Weight {
  let current: Spread = spread(initial)
  let saved = initial
  let newest = 0
  let saving: Promise<void> = Promise.resolve()

  function apply(percent: number): void {
    if (percent === current.percent) return
    current = spread(percent)
    moved(percent)
  }

  async function keep(percent: number, turn: number, down: boolean): Promise<void> {
    if (turn !== newest) throw overtaken(percent)
    if (saved === percent && current.percent === percent) return
    try {
      await save(percent)
    } catch (error) {
      if (down)
        throw new RouterError('not-durable', `Weight ${percent} % is in force but could not be saved: ${String(error)}. Set it again.`, {
          cause: error,
        })
      throw new RouterError('refused', `Weight ${percent} % could not be saved, so it stays at ${current.percent} %: ${String(error)}`, {
        cause: error,
      })
    }
    saved = percent
    if (turn !== newest) throw overtaken(percent)
    apply(percent)
  }

  return {
    percent: () => current.percent,
    choose: (client = null) => ((client === null ? current.next() : inCanary(client, current.percent)) ? 'canary' : 'stable'),
    async set(percent) {
      const turn = ++newest
      const down = percent <= current.percent
      if (down) apply(percent)
      const before = saving
      const mine = before.then(() => keep(percent, turn, down))
      saving = mine.catch(() => undefined)
      await mine
    },
  }
}
