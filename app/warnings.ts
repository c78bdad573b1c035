/** What a start tells of that is no reason not to start. */
import type { Archive } from './keep/archive.ts'
import { openToAll } from './limits.ts'
import type { Operator } from './operator.ts'
import type { Logger } from './telemetry/logger.ts'

/** A bucket that enforces nothing is no reason not to start, and one to be told of. */
export async function warnOfStores(archive: Pick<Archive, 'keepers'>, log: Pick<Logger, 'warn'>): Promise<void> {
  for (const keeper of archive.keepers.values())
    try {
      for (const warning of await keeper.check()) log.warn({ store: keeper.name, warning }, 'A store of packs does not enforce what it should.')
    } catch (error) {
      log.warn({ store: keeper.name, error: String(error) }, 'A store of packs does not answer; packs wait for it.')
    }
}

/** One line, whatever their number. */
export function warnOfOpenNames(operator: Pick<Operator, 'named' | 'limits'>, log: Pick<Logger, 'warn'>): void {
  const names = openToAll(operator.named, operator.limits)
  if (names.length === 0) return
  log.warn(
    { names },
    'Every repository that the App is installed on may use these names of the operator file; say whose they are with `repositories`.',
  )
}
