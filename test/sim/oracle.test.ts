import { expect, test } from 'vitest'
import { checkpointAt, treeOf } from '../../evidence/ledger/checkpoint.ts'
import { recordOf } from '../support/release.ts'
import { chainOf, rewritten } from '../evidence/ledger/entries.ts'
import { judgeEnd } from './oracle.ts'
import { newTruth } from './setting.ts'

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
