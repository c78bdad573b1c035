/** What every effect on GitHub has: a way to do it, and a way to ask whether it was done. One file beside this one for each kind. */
import type { Effect, Outcome, Repository } from '../../release/ports.ts'
import type { Client } from '../octokit.ts'

/** The effects that live on GitHub. `weight.set` is the router's, `pack.seal` the release's. */
export const GITHUB_KINDS = [
  'check.create',
  'check.update',
  'check.report',
  'check.annotate',
  'comment.write',
  'reaction.add',
  'workflow.dispatch',
  'deployment.create',
  'deployment.adopt',
  'deployment.status',
  'deployment.review',
  'issue.open',
  'issue.close',
  'tag.create',
  'candidate.tag',
  'release.cut',
  'release.renew',
  'release.publish',
] as const

export type GitHubEffectKind = (typeof GITHUB_KINDS)[number]
export type EffectOf<Kind extends Effect['kind']> = Extract<Effect, { readonly kind: Kind }>
export type GitHubEffect = EffectOf<GitHubEffectKind>

/** What the handlers are given. */
export interface Hands {
  readonly client: Client
  /** Bytes of a local file that is to be published. */
  readonly readAsset: (path: string) => Promise<Uint8Array>
}

export interface Handler<Kind extends GitHubEffectKind> {
  /** @throws GitHubError */
  perform(hands: Hands, repository: Repository, effect: EffectOf<Kind>): Promise<Outcome>
  /** Null when the world shows no trace of this intent. @throws GitHubError */
  find(hands: Hands, repository: Repository, effect: EffectOf<Kind>): Promise<Outcome | null>
}
