/** `node test/sim/main.ts --seed 17 [--mutant no-find] [--count 500]`: replays seeds and says what broke. */
import { parseArgs } from 'node:util'
import type { Mutant } from './mutant.ts'
import { simulate } from './simulate.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1' },
    mutant: { type: 'string', default: 'none' },
    quiet: { type: 'boolean', default: false },
  },
})
const first = Number(values.seed)
const count = Number(values.count)
const states = new Map<string, number>()
let broken = 0
for (let seed = first; seed < first + count; seed++) {
  const outcome = await simulate({
    seed,
    mutant: values.mutant as Mutant,
    ...(count === 1 && !values.quiet && { trace: (line: string) => console.log(line) }),
  })
  states.set(outcome.state, (states.get(outcome.state) ?? 0) + 1)
  if (process.env['WHY'] !== undefined) console.log(seed, outcome.weather, outcome.state, outcome.sentence)
  if (outcome.violations.length === 0) continue
  broken += 1
  for (const violation of outcome.violations.slice(0, 5)) console.log(`seed ${seed}: ${violation.invariant}: ${violation.what}`)
}
console.log(`${count} seeds, ${broken} with a violation; ended as ${[...states].map(([state, n]) => `${state} ${n}`).join(', ')}`)
process.exitCode = broken > 0 ? 1 : 0
