/** What each environment runs, as the releases themselves remember it. Pure. */
import type { Serving } from './before.ts'
import type { ReleaseRecord } from './ports.ts'
import { dataOf, SERVED } from './state.ts'

/** The newest release that reached everyone, by environment. */
export function deployedNow(releases: readonly ReleaseRecord[]): Record<string, Serving> {
  const deployed: Record<string, Serving> = {}
  const served = releases.flatMap((release) => {
    const { ended, rollout } = dataOf(release)
    return SERVED.includes(release.state) && rollout !== null ? [...ended, rollout].map((one) => ({ release, rollout: one })) : []
  })
  for (const { release, rollout } of served.toSorted((a, b) => a.rollout.since - b.rollout.since))
    if (rollout.digests !== null && rollout.stage === 'done')
      deployed[rollout.environment] = { version: release.version, sha: release.head, digests: rollout.digests }
  return deployed
}
