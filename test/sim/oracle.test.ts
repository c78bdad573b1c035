import { expect, test } from 'vitest'
import type { ReleaseState } from '../../app/release/ports.ts'
import type { LedgerEntry } from '../../evidence/ledger/chain.ts'
import { checkpointAt, treeOf } from '../../evidence/ledger/checkpoint.ts'
import { commentOf, recordOf, rowOf } from '../support/release.ts'
import { runOf } from '../support/release-ports.ts'
import { chainOf, rewritten } from '../evidence/ledger/entries.ts'
import { judgeEnd } from './oracle.ts'
import { judgeAnswers } from './pages.ts'
import { judgePreviews } from './previews.ts'
import { APPROVERS, newTruth } from './setting.ts'

test('I11 sees a ledger that lost its tail or its history under a checkpoint that was shown, chain or no chain', () => {
  const ledger = chainOf(9)
  const judged = (of: typeof ledger): string[] => {
    const truth = newTruth('healthy')
    truth.anchors.push(...[3, 7].map((size) => checkpointAt('', treeOf(ledger), size)))
    return judgeEnd({ truth, record: recordOf(), outbox: [], ledger: of }).map(({ invariant }) => invariant)
  }
  expect(judged(ledger)).toEqual([])
  expect(judged(ledger.slice(0, 7))).toEqual([])
  expect(judged(ledger.slice(0, 6))).toEqual(['I11'])
  expect(judged(rewritten(ledger, 7))).toEqual([])
  expect(judged(rewritten(ledger, 3))).toEqual(['I11'])
  expect(judged(rewritten(ledger, 2))).toEqual(['I11', 'I11'])
})

test('I13 sees a pack that is recorded as kept and is not there', () => {
  const path = '1.zip'
  const effect = { kind: 'pack.keep', key: '7#3/seal/1/1/keep/bucket', store: 'bucket', path, sha256: 'd'.repeat(64), seal: 1 } as const
  const judged = (kept: readonly string[]): string[] => {
    const truth = newTruth('healthy')
    for (const one of kept) truth.kept.add(one)
    const outbox = [{ ...rowOf(effect, { id: null }), state: 'failed' as const }]
    return judgeEnd({ truth, record: recordOf(), outbox, ledger: chainOf(9) }).map(({ invariant }) => invariant)
  }
  expect(judged(['bucket/1.zip'])).toEqual([])
  expect(judged(['bucket/2.zip', 'artifacts/1.zip'])).toEqual(['I13'])
})

test.each<[ReleaseState, readonly string[], readonly string[]]>([
  ['ga', ['proven', 'promoted'], []],
  ['ga', ['proven'], ['I14']],
  ['rolled_back', ['proven', 'promoted', 'rolled_back'], []],
  ['rolled_back', ['proven', 'promoted'], ['I14']],
  ['rolled_back', ['rolled_back', 'proven'], ['I14']],
  ['canary', ['proven'], []],
])('I14 sees a release in %s whose packs are %j', (state, seals, expected) => {
  const truth = newTruth('healthy')
  const occasion = state === 'ga' ? 'ga' : 'breach'
  if (state !== 'canary') truth.happened.push({ at: 0, kind: 'message.send', key: `7#3/message/${occasion}/1/room`, id: 1 })
  truth.seals.push(...seals.map((outcome) => `7#3/seal/${outcome}/1`))
  const found = judgeEnd({
    truth,
    record: recordOf({ state }),
    outbox: [rowOf({ kind: 'message.send', key: `7#3/message/${occasion}/1/room`, webhook: 'room', text: '' }, null, { state: 'failed' })],
    ledger: chainOf(1),
  })
  expect(found.map(({ invariant }) => invariant)).toEqual(expected)
})

test('I27 sees a run of another environment, one that nobody asked for, one that is missing, and one for a stranger', () => {
  const truth = newTruth('healthy')
  const say = (id: number, body: string, login = 'second'): void =>
    void truth.comments.push({ ...commentOf(body, login, 22), id, nodeId: `IC_${id}`, at: 0 })
  const start = (id: number, environment: string): void => {
    const run = runOf(id, { path: '.github/workflows/preview-sleep.yml' })
    truth.runs.push({ run, key: `7#3/preview/${id}`, inputs: { action: 'sleep', environment }, artifact: null })
  }
  const judged = (...done: number[]): number =>
    judgePreviews(
      truth,
      done.map((id) => ({ nodeId: `IC_${id}`, comment: id, command: '', login: '', at: 0, done: true, answer: '' })),
      APPROVERS,
    ).length
  expect(judged()).toBe(0)
  say(1, '/preview sleep pr-3')
  expect(judged(1)).toBe(2)
  start(1, 'pr-3')
  expect([judged(1), judged()]).toEqual([0, 1])
  say(2, '/preview sleep prod')
  start(2, 'prod')
  expect(judged(1, 2)).toBe(1)
  say(3, '/preview sleep pr-3', 'stranger')
  start(3, 'pr-3')
  expect(judged(1, 2, 3)).toBe(2)
})

/** @param of numbers of page commands */
function answers(...of: readonly number[]): LedgerEntry[] {
  return of.flatMap((number) => chainOf(1).map((entry) => ({ ...entry, type: 'command.done', data: { comment: `page:${number}` } })))
}

test('I28 sees a command of the page that was never answered, one that was answered twice, and one that still waits', () => {
  const truth = newTruth('healthy')
  const say = (number: number, body: string): number =>
    truth.orders.push({ ...commentOf(body, 'second', 22), id: 0, nodeId: `page:${number}`, at: 0, head: '' })
  say(1, '/hold the vendor')
  say(2, 'only words')
  expect(judgeAnswers(truth, answers(1), 0)).toEqual([])
  expect(judgeAnswers(truth, answers(), 0)).toEqual(['"/hold the vendor" by second was answered 0 times'])
  expect(judgeAnswers(truth, answers(1, 1), 0)).toEqual(['"/hold the vendor" by second was answered 2 times'])
  expect(judgeAnswers(truth, answers(1), 1)).toEqual(['1 commands of the page still wait'])
})
