import { expect, test } from 'vitest'
import type { Mutant } from './mutant.ts'
import { simulate } from './simulate.ts'

/** Lives in which the version before is deployed again after everyone was served: every twelfth has a late rollback. */
const LATE = { from: 4, every: 12 }
const ALL = { from: 1, every: 1 }

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
  const { from, every } = mutant === 'no-restore' ? LATE : ALL
  for (let seed = from; seed < from + 150 * every && broken === 0; seed += every) broken += (await simulate({ seed, mutant })).violations.length
  expect(broken).toBeGreaterThan(0)
})
