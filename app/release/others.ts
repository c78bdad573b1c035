/**
 * Commits that are no release's, on a branch whose pull requests need our check: ordinary pull requests, and what the merge queue makes. Without an answer
 * they would wait for ever (traps T4 and T16).
 *
 * An ordinary pull request releases nothing, so the gate does not apply to it, and the check says so. A check belongs to a commit and not to a pull
 * request, so a commit that is also a release's head gets no such answer: there the gates decide. A commit of the merge queue is answered by the verdict on
 * the release's head when it has that very tree, for which nothing has to be proven again; another tree was never looked at, and is refused. Where GitHub lets
 * writers push a branch with a name of the queue's, it may stand at any commit: the name says nothing.
 */
import { digestOf } from '../../evidence/core/digest.ts'
import { checkName } from '../../evidence/model/check-name.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import { gateById } from '../../gates/index.ts'
import { checkRun } from '../github/check-run.ts'
import { code, inline } from '../github/markdown.ts'
import { leaving } from './leave.ts'
import { configOfBase } from './named-base.ts'
import { versionOf } from './open.ts'
import type { CheckConclusion, CheckOutput, Ports, PullFacts, PullInList, ReleaseRecord, Repository } from './ports.ts'
import { waiversOf } from './waivers.ts'

const GATE = 'all_required_gates'
/** Longer than it takes to look and to tell. */
const LEASE_MS = 60_000
const QUEUE = /^gh-readonly-queue\/(.{1,255})\/pr-(\d{1,10})-[0-9a-f]{40}$/

interface Answer {
  readonly conclusion: CheckConclusion
  readonly output: CheckOutput
}

export interface Others {
  /** A pull request that is no release. @throws what GitHub refused: ask again */
  pull(repository: Repository, number: number): Promise<void>
  /**
   * Of a whole repository: what the merge queue awaits, which has not much time, then open pull requests that were not answered since the start. Never
   * throws: a release must not wait for them, and the sweep comes again.
   * @param listed all open pull requests @param of branches of the queue that were told of, and whether to look for others
   */
  repository(
    repository: Repository,
    listed: readonly PullInList[],
    of: { readonly branches: readonly string[]; readonly everything: boolean },
  ): Promise<void>
}

const MOST_REMEMBERED = 10_000

export function openOthers(ports: Ports): Others {
  /** Heads with their base. */
  const answered = new Set<string>()

  async function atMostOnce(repository: Repository, { number, head, base }: PullInList): Promise<void> {
    const at = `${repository.id} ${head.sha} ${base}`
    if (answered.has(at)) return
    await answerOrdinary(ports, repository, number)
    for (const oldest of answered) if (answered.size >= MOST_REMEMBERED) answered.delete(oldest)
    answered.add(at)
  }

  const tried = async (repository: Repository, what: string, work: Promise<void>): Promise<void> => {
    try {
      await work
    } catch (error) {
      ports.log.warn(
        { repository: `${repository.owner}/${repository.name}`, what, error: String(error) },
        'A required check could not be answered yet.',
      )
    }
  }

  return {
    pull: (repository, number) => answerOrdinary(ports, repository, number),
    async repository(repository, listed, { branches, everything }) {
      const found = everything ? await ports.read.queued(repository).catch(() => []) : []
      for (const branch of new Set([...branches, ...found])) await tried(repository, branch, answerQueued(ports, repository, branch))
      for (const pull of listed)
        if (versionOf(pull, repository.id) === null) await tried(repository, `pull request ${pull.number}`, atMostOnce(repository, pull))
    },
  }
}

async function answerOrdinary(ports: Ports, repository: Repository, number: number): Promise<void> {
  const pull = await ports.read.pull(repository, number)
  if (pull === null || pull.state === 'closed' || versionOf(pull, repository.id) !== null) return
  const answer = await ordinary(ports, repository, pull, pull.base.ref)
  if (answer === null || (await isReleases(ports, repository, pull.head.sha))) return
  await report(ports, repository, pull.head.sha, pull.base.ref, answer)
  // A release that was opened in the meantime has its own run, which must be the newest.
  if (await isReleases(ports, repository, pull.head.sha)) await report(ports, repository, pull.head.sha, pull.base.ref, GIVEN_UP)
}

/** @param branch of the queue, without `refs/heads/` */
async function answerQueued(ports: Ports, repository: Repository, branch: string): Promise<void> {
  const [, base, number] = QUEUE.exec(branch) ?? []
  if (base === undefined) return
  const [pull, queued] = [await ports.read.pull(repository, Number(number)), await ports.read.tree(repository, branch)]
  // A group that was taken apart meanwhile awaits nothing.
  if (pull === null || pull.state === 'closed' || queued === null) return
  if (await wasReleases(ports, repository, queued.commit)) return
  const answer =
    versionOf(pull, repository.id) === null ? await ordinary(ports, repository, pull, base) : await released(ports, repository, pull.number, queued)
  if (answer !== null) await report(ports, repository, queued.commit, base, answer)
}

async function ordinary(ports: Ports, repository: Repository, pull: PullFacts, ref: string): Promise<Answer | null> {
  const { config } = await configOfBase(ports, repository, { pull: { ...pull, base: { ...pull.base, ref } }, at: ref })
  // A repository without a config has not adopted the App; one whose config is broken must be able to merge its repair.
  if (!config.ok && (config.code === 'config.absent' || config.code === 'config.base-not-named')) return null
  const by = config.ok ? `, declared by ${config.commit.slice(0, 12)}` : ''
  return {
    conclusion: 'success',
    output: {
      title: `not applicable: this pull request releases nothing${by}`,
      summary: `A release comes from a branch ${code('release/vX.Y.Z')} of this repository. Nothing is promoted from this pull request, so no gate applies to it and nothing was measured.`,
    },
  }
}

async function released(
  ports: Ports,
  repository: Repository,
  number: number,
  queued: { readonly commit: string; readonly tree: string },
): Promise<Answer | null> {
  const release = await ports.store.release(`${repository.id}#${number}`)
  if (release === null) return null
  const head = await ports.read.tree(repository, release.head)
  if (head?.tree !== queued.tree)
    return refused(
      'the merge queue made another tree than the one that was proven',
      `Bring the base branch into release/${release.version}, let the gates look at the new head, and queue it again; or queue the release alone.`,
      `The head ${code(release.head.slice(0, 12))} was looked at. ${code(queued.commit.slice(0, 12))} holds other files, and evidence is reused for the same tree only.`,
    )
  const verdict = (await ports.store.verdicts(release.key, release.head)).find(({ gate }) => gate === GATE)?.verdict
  if (verdict === undefined || verdict.verdict !== 'pass')
    return (
      (verdict === undefined ? null : await waivedHere(ports, release, verdict)) ??
      refused(
        verdict?.reasons[0]?.message ?? 'nothing was measured',
        verdict?.reasons[0]?.next ?? 'Wait until the gates hold on the release pull request, and queue it again.',
        `The gates do not hold on ${code(release.head.slice(0, 12))}, which has the same tree.`,
      )
    )
  return {
    conclusion: 'success',
    output: {
      title: `Proven: the same tree as ${release.head.slice(0, 12)}, on which every gate holds`,
      summary: `${code(queued.commit.slice(0, 12))} of the merge queue has the tree ${code(queued.tree)} of ${code(release.head)}. What was measured there is in the check runs of that commit, with the same verdict: ${code(digestOf(verdict).slice(0, 16))}.`,
    },
  }
}

/** By break-glass that still stands: as on the head itself, neither green nor red. */
async function waivedHere({ store, clock }: Ports, release: ReleaseRecord, verdict: Verdict): Promise<Answer | null> {
  const outbox = await store.outbox(release.key)
  const waivers = waiversOf(release, release.head, (key) => outbox.find((row) => row.key === key)?.outcome ?? null)
  const waiver = waivers.find(({ digest }) => verdict.evidence.some((ref) => ref.sha256 === digest))
  const gate = gateById(GATE)
  if (waiver === undefined || gate === undefined || timestamp(clock.now()) >= waiver.predicate.expires_at) return null
  const { conclusion, output } = checkRun(verdict, { question: gate.question, why: gate.why, pastDeadline: false, waiver })
  return conclusion === null ? null : { conclusion, output: { title: output.title, summary: output.summary } }
}

function refused(why: string, next: string, more: string): Answer {
  return {
    conclusion: 'failure',
    output: { title: `Blocked: ${why}`, summary: `${more}\n\n**Next.** ${inline(next)}` },
  }
}

const GIVEN_UP: Answer = {
  conclusion: 'action_required',
  output: {
    title: 'This commit is the head of a release: its gates decide',
    summary: 'A release pull request with the same head was opened. Its own run follows.',
  },
}

async function isReleases(ports: Ports, repository: Repository, sha: string): Promise<boolean> {
  // Not "pull requests of a commit": of a commit that is in the default branch GitHub lists the merged one only.
  return (await ports.read.openPulls(repository)).some((pull) => pull.head.sha === sha && versionOf(pull, repository.id) !== null)
}

/** Of any release, whatever became of it. */
async function wasReleases(ports: Ports, repository: Repository, sha: string): Promise<boolean> {
  return (await ports.store.releasesOf(repository.id)).some(({ head }) => head === sha) || isReleases(ports, repository, sha)
}

/** Looks and tells under a lease: a trigger and the sweep, or two processes, may come to it at once. Whoever comes second has nothing left to do. */
async function report(ports: Ports, repository: Repository, sha: string, base: string, { conclusion, output }: Answer): Promise<void> {
  const externalId = `other/${sha.slice(0, 12)}/${base}/${digestOf([conclusion, output]).slice(0, 16)}`
  const effect = {
    kind: 'check.report',
    key: `${repository.id}/${externalId}`,
    sha,
    name: checkName(GATE, base),
    externalId,
    conclusion,
    output,
  } as const
  const { store, effects, clock, random } = ports
  const lease = await store.lease(`other/${repository.id}/${sha}`, `other/${random.hex(8)}`, clock.now(), LEASE_MS)
  if (lease === null) return
  const leave = leaving(ports, lease, LEASE_MS)
  try {
    if ((await effects.find(repository, effect)) === null) await effects.perform(repository, effect, leave)
  } finally {
    await store.free(lease)
  }
}
