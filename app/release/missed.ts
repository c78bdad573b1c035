/** Comments that ask for a release and whose delivery was lost: the sweep finds them, for a day. */
import { parse } from '../commands/parse.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { cutKey, isOurs, versionOf } from './cutting.ts'
import type { Ports, Repository, Trigger } from './ports.ts'

const HOUR_MS = 3_600_000
const LOOKED_BACK = 24

/** One trigger for each that nobody has answered or begun. */
export async function missed({ history, store, clock }: Ports, repository: Repository): Promise<readonly Trigger[]> {
  // The same address for an hour, so that GitHub mostly says that nothing is new.
  const since = timestamp((Math.floor(clock.now() / HOUR_MS) - LOOKED_BACK) * HOUR_MS)
  const triggers: Trigger[] = []
  for (const { issue, comment, body } of (await history?.comments(repository, since)) ?? []) {
    const parsed = parse(body)
    if (parsed === null || !isOurs(parsed)) continue
    const key = cutKey(repository.id, versionOf(parsed))
    if ((await store.outbox(key)).some((row) => row.key.startsWith(`${key}/${comment}/`))) continue
    triggers.push({ repository, pull: issue, why: 'a comment that no delivery told of', asked: [comment] })
  }
  return triggers
}
