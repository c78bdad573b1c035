/**
 * May this job deploy now? For repositories whose plan knows no deployment protection rules (trap T57): the job asks by itself, and the answer is the one
 * that the rule would get. Reads only.
 */
import type { Job } from '../github/job-token.ts'
import { answerTo, type Answer } from '../rollout/protect.ts'
import { servedAfter, type Dispatch } from '../rollout/wanted.ts'
import { Draft } from './draft.ts'
import { NOT_OURS } from './foreign.ts'
import type { OutboxRow, ReleaseRecord, StorePort } from './ports.ts'

interface Started {
  readonly release: ReleaseRecord
  readonly outbox: readonly OutboxRow[]
  readonly row: OutboxRow
  readonly effect: Dispatch
}

type Store = Pick<StorePort, 'releasesOf' | 'outbox' | 'locks'>

export async function answerJob(store: Store, job: Job): Promise<Answer> {
  const releases = await store.releasesOf(job.repositoryId)
  const started = await runsOf(store, releases)
  const own = started.find(({ row }) => row.outcome?.id === job.run)
  if (own === undefined) {
    const isUnnumbered = started.some(({ row }) => row.state !== 'failed' && row.outcome?.id == null)
    return isUnnumbered ? { answer: 'wait', why: 'a run was started whose number is not known yet' } : { answer: 'rejected', why: NOT_OURS }
  }
  const { release, outbox, effect } = own
  const meant = effect.inputs['environment']
  if (meant === undefined || !effect.key.startsWith(`${release.key}/rollout/`))
    return { answer: 'rejected', why: 'Rejected: release-conductor did not start this run to deploy anything.' }
  const around = { locks: await store.locks(job.repositoryId), servedAfter: servedAfter(release, releases) }
  return answerTo(new Draft(release, new Map(outbox.map((row) => [row.key, row]))), effect, job.environment ?? meant, around)
}

async function runsOf(store: Store, releases: readonly ReleaseRecord[]): Promise<readonly Started[]> {
  const all = await Promise.all(
    releases.map(async (release) => {
      const outbox = await store.outbox(release.key)
      return outbox.flatMap((row) => (row.effect.kind === 'workflow.dispatch' ? [{ release, outbox, row, effect: row.effect }] : []))
    }),
  )
  return all.flat()
}
