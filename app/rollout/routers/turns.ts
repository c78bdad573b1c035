/** One change of a weight at a time, in the order asked; one that a newer change overtook does not begin, and ends where it next asks. */
import { RouterError } from './router.ts'

/** @throws RouterError `refused` when a newer change was asked for */
export type Own = () => void

export type Turns = (percent: number, change: (own: Own) => Promise<void>) => Promise<void>

export function turns(): Turns {
  let newest = 0
  let before: Promise<void> = Promise.resolve()
  return async (percent, change) => {
    const turn = ++newest
    const own: Own = () => {
      if (turn !== newest) throw new RouterError('refused', `A newer weight overtook ${percent} %. Read the weight before setting it again.`)
    }
    const previous = before
    const inTurn = async (): Promise<void> => {
      await previous
      own()
      await change(own)
    }
    const mine = inTurn()
    before = mine.catch(() => undefined)
    await mine
  }
}
