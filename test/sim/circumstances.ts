/** What a seed's life is made of: weather, absences, calendar, rival and config. */
import type { Random } from './random.ts'
import { configSchema, schemaOfSeed } from './schema.ts'
import { CONFIG, configClosed, configFlag, configGolden, configHooked, newTruth } from './setting.ts'
import type { Truth, Weather } from './truth.ts'

const NEVER = { from: 0, to: 0 }

/** What of the truth does not stand in the config. */
export interface Untold {
  readonly calendar: boolean
  readonly schema: boolean
}

export function circumstances(seed: number, random: Random, untold: Untold): { truth: Truth; hooked: boolean; config: string } {
  const weather = random.pick<Weather>(['healthy', 'healthy', 'healthy', 'breach', 'late-breach', 'missing', 'gap', 'frozen', 'nan'])
  // Every third seed the log is away for up to two minutes, from somewhere in the canary on.
  const away = (seed % 5) * 12_000
  const logAway = seed % 3 === 0 ? { from: away, to: away + ((seed % 7) + 1) * 17_000 } : NEVER
  // Of five seeds one begins in a freeze, and one runs into it.
  const closed = seed % 5 === 1 ? { from: 0, to: 120_000 } : seed % 5 === 2 ? { from: 60_000, to: 180_000 } : NEVER
  // One of seven waits for another release to end.
  const rival = seed % 7 === 4 ? { from: 1, to: 90_000 } : NEVER
  // One of four asks hooks around its steps.
  const hooked = seed % 4 === 1
  // One of six is slow to be well again.
  const greenFrom = seed % 6 === 2 ? 120_000 + (seed % 7) * 10_000 : 0
  const plain = closed.to === 0 || untold.calendar ? CONFIG : configClosed(closed)
  const asked = hooked ? configHooked(plain) : plain
  const green = greenFrom === 0 ? asked : configGolden(asked)
  const schema = schemaOfSeed(seed)
  const told = schema === null || untold.schema ? green : configSchema(green, schema)
  // In one of five a feature flag follows, that somebody had set to 5 %.
  const flag = { ramps: seed % 5 === 0, at: [5] }
  const config = flag.ramps ? configFlag(told) : told
  // Two of eleven are red: in one two people break the glass, in the other one person tries to.
  const breakers = seed % 11 === 3 ? 2 : seed % 11 === 7 ? 1 : null
  // In one of three our rule is on the environment.
  const guarded = seed % 3 === 1
  const stable = schema !== null || seed % 4 === 0
  return { truth: newTruth(weather, logAway, closed, rival, greenFrom, schema, stable, flag, breakers, guarded), hooked, config }
}
