import { expect, test } from 'vitest'
import type { Mutant } from './mutant.ts'
import { simulate } from './simulate.ts'

test.each<Mutant>([
  'no-find',
  'no-lease',
  'missing-is-zero',
  'no-log',
  'no-window',
  'no-lock',
  'no-hooks',
  'no-golden',
  'no-schema',
  'no-restore',
  'no-flags',
  'no-gates',
  'no-answers',
])('without its defence (%s) some seed breaks an invariant', { timeout: 300_000 }, async (mutant) => {
  let broken = 0
  for (let seed = 1; seed <= 150 && broken === 0; seed++) broken += (await simulate({ seed, mutant })).violations.length
  expect(broken).toBeGreaterThan(0)
})
