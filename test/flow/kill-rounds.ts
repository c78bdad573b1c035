/** `node test/flow/kill-rounds.ts [--rounds=20] [--seed=1]`: rounds of kill.ts by hand, as a table; the exit code is 1 when one of them is wrong. */
import { parseArgs } from 'node:util'
import { killRound } from './kill.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' } } })
const [rounds, first] = [Number(values.rounds), Number(values.seed)]
const row = (...cells: readonly (string | number)[]): void =>
  console.log(cells.map((cell, at) => String(cell).padEnd([6, 13, 7, 9, 24, 0][at] ?? 0)).join(''))
row('seed', 'outcome', 'kills', 'seconds', 'weights', 'wrong')
let bad = 0
for (let seed = first; seed < first + rounds; seed++) {
  try {
    const { outcome, kills, seconds, ramp, faults, pack } = await killRound({ seed, say: () => undefined })
    const wrong = [...faults, ...pack]
    if (wrong.length > 0) bad += 1
    row(seed, outcome, kills, seconds.toFixed(1), ramp.join(' '), wrong.join('; ') || '-')
  } catch (error) {
    bad += 1
    row(seed, 'broken', '', '', '', error instanceof Error ? error.message : String(error))
  }
}
console.log(`${rounds - bad} of ${rounds} rounds held`)
process.exitCode = bad === 0 ? 0 : 1
