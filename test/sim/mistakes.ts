/** What people write and should not: none of it may be believed. */
import type { Random } from './random.ts'

interface Written {
  readonly login: string
  readonly id: number
  readonly body: string
  readonly edited: boolean
}

const of = (login: string, id: number, body: string, edited = false): Written => ({ login, id, body, edited })

/** @param plan one that people were shown */
export function mistake(random: Random, plan: string): Written {
  switch (random.between(0, 5)) {
    case 0:
      return of('stranger', 31, `/promote plan:${plan}`)
    case 1:
      return of('author', 20, `/promote plan:${plan}`)
    case 2:
      return of('approver', 21, `/promote plan:${'f'.repeat(32)}`)
    case 3:
      return of('approver', 21, '/promote')
    case 4:
      return of('approver', 21, '/promte 10')
    default:
      return of('approver', 21, `/promote plan:${plan}`, true)
  }
}
