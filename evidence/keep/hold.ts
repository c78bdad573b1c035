/** Legal hold: while one lies on a pack nothing purges it, whatever its time says. */
import { KeepError } from './error.ts'
import type { Hold, KeptPack } from './state.ts'

/** Why nobody may hold it any more; null: anybody may. */
export function whyNotHold(pack: KeptPack): KeepError | null {
  return gone(pack)
}

/** The hold to lift: the one named, or the only one. */
export function holdToLift(pack: KeptPack, id: number | undefined): Hold | KeepError {
  const over = gone(pack)
  if (over !== null) return over
  const [only, another] = pack.holds
  if (only === undefined) return new KeepError('not-held', `nobody holds ${pack.pack.sha256}`)
  if (id === undefined)
    return another === undefined
      ? only
      : new KeepError('no-such-hold', `${pack.holds.length} holds lie on it (${pack.holds.map((hold) => hold.id).join(', ')}); say which`)
  return pack.holds.find((hold) => hold.id === id) ?? new KeepError('no-such-hold', `there is no hold ${id} on ${pack.pack.sha256}`)
}

/** A pack whose deletion has begun can be neither held nor read. */
export function gone(pack: KeptPack): KeepError | null {
  if (pack.purge === null) return null
  if (pack.purge.done === null) return new KeepError('purging', `the deletion of ${pack.pack.sha256} began at ${pack.purge.startedAt}`)
  return new KeepError('purged', `${pack.pack.sha256} was purged at ${pack.purge.done.at}`)
}
