import { expect, test } from 'vitest'
import { killRound } from './kill.ts'

test.each([1])('killed at random moments of a canary (seed %i), the App goes on or rolls back, nothing twice, nothing lost', async (seed) => {
  const round = await killRound({ seed, say: (line) => process.stdout.write(`${line}\n`) })
  expect(round).toMatchObject({ faults: [], pack: [], starts: round.kills + 1 })
  expect(round.kills).toBeGreaterThanOrEqual(1)
})

test('killed while a bad canary is under way (seed 3), it comes back all the same', async () => {
  const round = await killRound({ seed: 3, say: (line) => process.stdout.write(`${line}\n`) })
  expect(round).toMatchObject({ outcome: 'rolled_back', faults: [], pack: [], starts: round.kills + 1 })
})
