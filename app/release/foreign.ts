/**
 * Jobs that wait at an environment of ours, of runs that no release started: a person, a push, another workflow. Nothing says that what they would deploy
 * is proven and approved, so they are rejected, with what to do. Our own runs are answered by their release (`app/rollout/protect.ts`).
 *
 * Asked again it does the same: GitHub takes one answer, and the queue brings back what failed.
 */
import type { OutboxRow, Ports, Repository, WaitingJob } from './ports.ts'
import { FINAL } from './state.ts'

/** The answer must have left by then. */
const LEAVES_MS = 10_000

export const NOT_OURS = [
  'Rejected: release-conductor did not start this run, so nothing says that what it would deploy is proven and approved.',
  'Next: promote on the release pull request; the deploy workflow is started from there.',
  'To deploy by hand all the same, an administrator of the repository takes the rule off the environment, and answers for it.',
].join(' ')

/** @returns keys of the releases whose runs are among them @throws Error when a run of ours may be among them that has no number yet: ask again */
export async function refuseForeign(ports: Ports, repository: Repository, waiting: readonly WaitingJob[]): Promise<ReadonlySet<string>> {
  const ours = new Set<string>()
  if (waiting.length === 0) return ours
  const { store, read, effects, clock, log } = ports
  const releases = await store.releasesOf(repository.id)
  const started = (await Promise.all(releases.map(({ key }) => store.outbox(key)))).flat().filter(({ effect }) => effect.kind === 'workflow.dispatch')
  for (const { run, environment } of waiting) {
    const own = started.find(({ outcome }) => outcome?.id === run)
    if (own !== undefined) {
      ours.add(own.releaseKey)
      continue
    }
    const unnumbered = started.filter((row) => row.state !== 'failed' && row.outcome?.id == null)
    if (unnumbered.length > 0 && isNamedIn((await read.run(repository, run))?.title, unnumbered))
      throw new Error(`run ${run} is one of ours whose number is not known yet`)
    const effect = {
      kind: 'deployment.review',
      key: `${repository.id}/review/${run}/${environment}`,
      run,
      environment,
      state: 'rejected',
      comment: NOT_OURS,
    } as const
    const { data } = await effects.perform(repository, effect, clock.now() + LEAVES_MS)
    log.warn({ run, environment, heard: data?.['heard'] === 1 }, 'A run that no release started waited at a protected environment; it was rejected.')
    const open = releases.find(({ state }) => !FINAL.includes(state))
    if (open !== undefined && data?.['heard'] === 1) await store.append(open.key, [{ type: 'deployment.refused', data: { run, environment } }])
  }
  return ours
}

/** A run's title carries the key it was started with; one that cannot be read may be any of them. */
function isNamedIn(title: string | undefined, rows: readonly OutboxRow[]): boolean {
  return title === undefined || rows.some(({ key }) => ` ${title} `.includes(` ${key} `))
}
