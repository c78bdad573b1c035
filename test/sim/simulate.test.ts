import { describe, expect, test } from 'vitest'
import { simulate, type Mutant, type Outcome } from './simulate.ts'

const SEEDS = 500

/** What a person types to see it happen again. */
function replay(outcome: Outcome, mutant: Mutant = 'none'): string {
  return outcome.violations
    .map(
      (violation) =>
        `${violation.invariant}: ${violation.what} (node test/sim/main.ts --seed ${outcome.seed}${mutant === 'none' ? '' : ` --mutant ${mutant}`})`,
    )
    .join('\n')
}

async function seeds(from: number, count: number, mutant: Mutant = 'none'): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (let seed = from; seed < from + count; seed++) outcomes.push(await simulate({ seed, mutant }))
  return outcomes
}

describe('a release under lost events, failing APIs and dying processes', () => {
  test(`keeps every invariant over ${SEEDS} seeds`, { timeout: 600_000 }, async () => {
    const outcomes = await seeds(1, SEEDS)
    expect(outcomes.filter((outcome) => outcome.violations.length > 0).map((outcome) => replay(outcome))).toStrictEqual([])
    // The seeds must really go both ways, or they prove nothing.
    const ended = (state: string): number => outcomes.filter((outcome) => outcome.state === state).length
    expect(ended('ga')).toBeGreaterThan(SEEDS / 10)
    expect(ended('rolled_back')).toBeGreaterThan(SEEDS / 10)
    expect(outcomes.filter((outcome) => outcome.weather === 'breach' && outcome.state === 'ga')).toStrictEqual([])
  })

  test('the same seed gives the same trace', async () => {
    const [once, again] = [await simulate({ seed: 42 }), await simulate({ seed: 42 })]
    expect(again).toStrictEqual(once)
  })

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
  ])('without its defence (%s) some seed breaks an invariant', { timeout: 300_000 }, async (mutant) => {
    let broken = 0
    for (let seed = 1; seed <= 150 && broken === 0; seed++) broken += (await simulate({ seed, mutant })).violations.length
    expect(broken).toBeGreaterThan(0)
  })
})
