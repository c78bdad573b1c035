/** Is this pull request a release? Its head branch is `release/vX.Y.Z` of the same repository and its base is one that the default branch's config names. */
import { Version } from '../../evidence/model/primitives.ts'
import { cutBehind } from './cutting.ts'
import { traceOf } from '../../evidence/model/trace.ts'
import { configOfBase } from './named-base.ts'
import type { Context, Look } from './reconcile.ts'
import type { PullFacts, ReleaseRecord } from './ports.ts'
import { keptOf } from './renewal.ts'
import { emptyData } from './state.ts'

const PREFIX = 'release/'

export async function open(context: Context, look: Look): Promise<ReleaseRecord | null> {
  const { ports } = context
  const pull = await ports.read.pull(look.repository, look.pull)
  if (pull === null || pull.state === 'closed') return null
  const version = versionOf(pull, look.repository.id)
  if (version === null) return null
  const { config } = await configOfBase(ports, look.repository, { pull, at: pull.base.ref })
  // A config that cannot be read must block visibly, so the release is opened and its gates say why.
  if (!config.ok && config.code === 'config.base-not-named') return null
  const now = ports.clock.now()
  const cut = await cutBehind(ports, { repositoryId: look.repository.id, version, pull: pull.number })
  const key = `${look.repository.id}#${pull.number}`
  return {
    key,
    repository: look.repository,
    pull: pull.number,
    version,
    head: pull.head.sha,
    base: pull.base.ref,
    state: pull.draft ? 'draft' : 'proving',
    traceId: traceOf(key),
    revision: 1,
    dueAt: null,
    data: { ...emptyData(now), ...(cut !== null && { requester: cut.effect.requester, kept: keptOf(cut.effect, cut.commit) }) },
  }
}

/** `release/v2.0.0` of the repository itself -> `v2.0.0`; a fork's branch is no release. */
export function versionOf(pull: Pick<PullFacts, 'head'>, repositoryId: number): string | null {
  if (!pull.head.ref.startsWith(PREFIX) || pull.head.repositoryId !== repositoryId) return null
  const version = pull.head.ref.slice(PREFIX.length)
  return Version.safeParse(version).success ? version : null
}
