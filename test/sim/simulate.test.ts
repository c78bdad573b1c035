import { describe, expect, test } from 'vitest'
import { simulate, type Outcome } from './simulate.ts'

const SEEDS = 500

/** What a person types to see it happen again. */
function replay(outcome: Outcome): string {
  return outcome.violations.map((violation) => `${violation.invariant}: ${violation.what} (node test/sim/main.ts --seed ${outcome.seed})`).join('\n')
}

async function seeds(from: number, count: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (let seed = from; seed < from + count; seed++) outcomes.push(await simulate({ seed }))
  return outcomes
}

describe('a release under lost events, failing APIs and dying processes', () => {
  test(`keeps every invariant over ${SEEDS} seeds`, { timeout: 2_400_000 }, async () => {
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
})
