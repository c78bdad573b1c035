import { expect, test } from 'vitest'
import { agentByName } from '../../../agents/index.ts'
import { catchesUnplanted, faultsMissed } from '../faults.ts'

const listed = agentByName('supply-chain-lead')

/** As in the roster, and what the words behind it ask for. */
const CATCHES = [
  'a new critical',
  'a signature by another identity',
  'provenance for another digest or repository',
  'missing SBOM',
  'forbidden licence',
  'lockfile that disagrees with package.json',
  'a vulnerability of unknown severity',
  'stale report',
  'empty report',
  'report of another lock file',
  'provenance that contradicts what is pinned',
]

test('it finds every planted fault, and leaves each healthy twin alone', () => {
  if (listed === undefined) throw new Error('it is not listed')
  expect(faultsMissed(listed)).toEqual([])
  expect(catchesUnplanted(listed, CATCHES)).toEqual([])
})
