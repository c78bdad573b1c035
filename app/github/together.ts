/**
 * How the processes of one App stay inside an installation's minute together: what each says of it, and what it hears of the others. Each tells what it
 * sent and how long GitHub asked it to wait; and one at a time has the turn to write. A turn ends by itself when its holder says nothing, and is handed to
 * whoever asked first in vain, so that a process with much to write leaves the others theirs. Pure: times are those of the clock that all of them share.
 */
import { z } from 'zod'
import { WINDOW_MS, type Sent } from './budget.ts'

/** Whoever asked in vain is expected to ask again so soon. */
export const HANDED_MS = 250

const Time = z.number().int()
const Part = z.array(z.tuple([Time, z.number().int().min(0), z.number().int().min(0)]))
const Holder = z.object({ process: z.string(), until: Time })
type Holder = z.infer<typeof Holder>
const Told = z.object({
  /** Of each process: when, content, points. */
  sent: z.record(z.string(), Part),
  waitUntil: Time,
  turn: Holder.nullable(),
  /** Who asked for it in vain, the first first. */
  waiting: z.array(Holder),
})
type Told = z.infer<typeof Told>

export interface Saying {
  readonly process: string
  /** All of its last minute. */
  readonly sent: readonly Sent[]
  /** Until when GitHub asked this process to wait; 0: it did not. */
  readonly waitUntil: number
  /** Milliseconds for which it wants the turn to write; `leave`: it has written; `nothing`: it only tells. */
  readonly turn: number | 'leave' | 'nothing'
}

export interface Hearing {
  /** Of the other processes. */
  readonly sent: readonly Sent[]
  readonly waitUntil: number
  readonly hasTurn: boolean
}

/** @param told what the processes told so far; what is no such text counts as nothing */
export function exchange(
  told: string | null,
  { process, sent, waitUntil, turn }: Saying,
  at: number,
): { readonly told: string; readonly answer: Hearing } {
  const before = readTold(told)
  const others = Object.entries(before.sent)
    .map(([name, part]) => [name, part.filter(([when]) => when > at - WINDOW_MS)] as const)
    .filter(([name, part]) => name !== process && part.length > 0)
  const own = sent.map(({ at: when, content, points }): [number, number, number] => [Math.round(when), content, points])
  const after: Told = {
    sent: Object.fromEntries([...others, ...(own.length > 0 ? [[process, own] as const] : [])]),
    waitUntil: Math.max(before.waitUntil, Math.round(waitUntil)),
    ...turnAfter(
      { turn: isOver(before.turn, at) ? null : before.turn, waiting: before.waiting.filter((one) => !isOver(one, at)) },
      process,
      turn,
      at,
    ),
  }
  return {
    told: JSON.stringify(after),
    answer: {
      sent: others.flatMap(([, part]) => part.map(([when, content, points]) => ({ at: when, content, points }))),
      waitUntil: after.waitUntil,
      hasTurn: after.turn?.process === process,
    },
  }
}

type Turns = Pick<Told, 'turn' | 'waiting'>

function turnAfter({ turn, waiting }: Turns, process: string, wish: Saying['turn'], at: number): Turns {
  const isMine = turn?.process === process
  const asks = { process, until: at + HANDED_MS }
  if (wish === 'nothing') return { turn, waiting }
  if (wish === 'leave') {
    const [first, ...rest] = waiting
    if (!isMine) return { turn, waiting }
    return { turn: first === undefined ? null : { ...first, until: asks.until }, waiting: rest }
  }
  if (turn === null || isMine) return { turn: { process, until: at + wish }, waiting: waiting.filter((one) => one.process !== process) }
  const isKnown = waiting.some((one) => one.process === process)
  return { turn, waiting: isKnown ? waiting.map((one) => (one.process === process ? asks : one)) : [...waiting, asks] }
}

function isOver(holder: Holder | null, at: number): boolean {
  return holder !== null && holder.until <= at
}

function readTold(told: string | null): Told {
  const nothing: Told = { sent: {}, waitUntil: 0, turn: null, waiting: [] }
  if (told === null) return nothing
  try {
    return Told.parse(JSON.parse(told))
  } catch {
    return nothing
  }
}
