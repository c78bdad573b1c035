import { expect, test } from 'vitest'
import { killRound } from './kill.ts'

/** One that is good and one whose canary must come back (every third seed). */
test.each([1, 3])('killed at random moments of a canary (seed %i), the App goes on or rolls back, nothing twice, nothing lost', async (seed) => {
  const round = await killRound({ seed, say: (line) => process.stdout.write(`${line}\n`) })
  expect(round.faults).toEqual([])
  expect(round.pack).toEqual([])
  expect(round.kills).toBeGreaterThanOrEqual(1)
  expect(round.starts).toBe(round.kills + 1)
  if (seed % 3 === 0) expect(round.outcome).toBe('rolled_back')
})
