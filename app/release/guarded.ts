/** Which environments a step may soon be deployed to, and whether our deployment protection rule is on them. */
import type { Config } from '../../evidence/model/config.ts'
import type { PullFacts, ReadPort, ReleaseRecord } from './ports.ts'
import { dataOf, FINAL, type Rollout } from './state.ts'

const LIVE: ReadonlySet<Rollout['stage']> = new Set(['deploying', 'shifting', 'baking', 'waiting'])

/** Environments that a plan may soon speak of. */
export function toCome(record: ReleaseRecord, pull: PullFacts, config: Config): readonly string[] {
  const { rollout, completed } = dataOf(record)
  if (!pull.merged || FINAL.includes(record.state) || (rollout !== null && rollout.stage !== 'done')) return []
  return Object.keys(config.environments).filter((name) => !completed.includes(name))
}

/** Those of them on which our rule is; and that of the rollout that runs. Others are not asked about. */
export async function guardedOf(read: Pick<ReadPort, 'guarded'>, record: ReleaseRecord, soon: readonly string[]): Promise<ReadonlySet<string>> {
  const { rollout } = dataOf(record)
  const names = rollout !== null && LIVE.has(rollout.stage) ? [rollout.environment] : soon
  const asked = await Promise.all(names.map(async (name) => ((await read.guarded(record.repository, name)) ? [name] : [])))
  return new Set(asked.flat())
}
