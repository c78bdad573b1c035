/** Why two readers differ, written by somebody who read the file: what has no reason makes the benchmark red. */

export interface Explained {
  readonly onlyBy: 'ours' | 'theirs'
  /** null: whatever the class. */
  readonly class: string | null
  /** Whole name or what it fits; null: every one of the class. */
  readonly file: string | RegExp | null
  /** `fault`: it is one, and the other does not see it. `alarm`: it is none. `elsewhere`: the other says the same of another file. */
  readonly is: 'fault' | 'alarm' | 'elsewhere'
  readonly why: string
}

type Where = Pick<Explained, 'class' | 'file'>

const reason =
  (onlyBy: Explained['onlyBy'], is: Explained['is']) =>
  (why: string, ...where: readonly Where[]): readonly Explained[] =>
    where.map((one) => ({ ...one, onlyBy, is, why }))

export const theirAlarm = reason('theirs', 'alarm')
export const weMiss = reason('theirs', 'fault')
export const ourAlarm = reason('ours', 'alarm')
export const theyMiss = reason('ours', 'fault')

export function elsewhere(onlyBy: Explained['onlyBy'], why: string, ...where: readonly Where[]): readonly Explained[] {
  return reason(onlyBy, 'elsewhere')(why, ...where)
}
