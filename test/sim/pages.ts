/** Commands by the page of the release, in every eighth life: kept in the store, some of a commit that has moved on. Each is answered once. */
import { parse } from '../../app/commands/parse.ts'
import type { CommentFacts, PageOrder, StorePort } from '../../app/release/ports.ts'
import { nodeIdOfPage } from '../../app/release/voice.ts'
import type { LedgerEntry } from '../../evidence/ledger/chain.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import type { Truth } from './truth.ts'

/** Whether this life has a page, and this word comes by it. */
export function isByPage(seed: number, number: number): boolean {
  return seed % 8 === 5 && number % 2 === 0
}

export interface Sent {
  readonly login: string
  readonly id: number
  readonly body: string
  readonly number: number
}

export function commented(truth: Truth, { login, id, body, number }: Sent, edited: boolean): void {
  const { now: at } = truth
  const author = { login, id, type: 'User' }
  truth.comments.push({ id: number, nodeId: `IC_${number}`, body, author, viaApp: false, edited, createdAt: timestamp(at), at })
}

/** The page shows the commit that its reader loaded, which a push may have replaced. */
export async function sendByPage(store: StorePort, truth: Truth, { login, id, body, number }: Sent): Promise<void> {
  const order: PageOrder = {
    id: number.toString(16).padStart(32, '0'),
    text: body,
    author: { login, id },
    head: truth.loaded ?? truth.pull.head.sha,
    at: truth.now,
    key: null,
  }
  truth.loaded = truth.pull.head.sha
  truth.orders.push(asSaid(order, truth.now))
  if (!(await store.order('7#3', order))) throw new Error('the simulator gives more commands than may wait')
}

function asSaid({ id, text, author, head, at }: PageOrder, now: number): CommentFacts & { readonly at: number; readonly head: string } {
  const createdAt = timestamp(at)
  return { id: 0, nodeId: nodeIdOfPage(id), body: text, author: { ...author, type: 'User' }, viaApp: false, edited: false, createdAt, at: now, head }
}

/** Every command, wherever it came from, has one answer in the ledger; none waits any more. */
export function judgeAnswers(truth: Truth, ledger: readonly LedgerEntry[], waiting: number): string[] {
  const times = new Map<unknown, number>()
  for (const { type, data } of ledger)
    if (type === 'command.done' || type === 'command.refused') times.set(data['comment'], (times.get(data['comment']) ?? 0) + 1)
  return [
    ...[...truth.comments, ...truth.orders].flatMap(({ nodeId, body, author }) => {
      const answers = times.get(nodeId) ?? 0
      return parse(body) === null || answers === 1 ? [] : [`"${body}" by ${author.login} was answered ${answers} times`]
    }),
    ...(waiting === 0 ? [] : [`${waiting} commands of the page still wait`]),
  ]
}
