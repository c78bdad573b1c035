/** The GitHub part of the effect port: one handler per kind, and nothing that is not on the list. */
import { readFile } from 'node:fs/promises'
import { shareOf } from '../../release/outbox.ts'
import type { Effect, Leave, Outcome, Repository } from '../../release/ports.ts'
import type { Client } from '../octokit.ts'
import { candidateTag } from './candidate-tag.ts'
import { checkCreate } from './check-create.ts'
import { checkAnnotate } from './check-annotate.ts'
import { checkReport } from './check-report.ts'
import { checkUpdate } from './check-update.ts'
import { commentWrite } from './comment-write.ts'
import { deploymentAdopt } from './deployment-adopt.ts'
import { deploymentCreate } from './deployment-create.ts'
import { deploymentReview } from './deployment-review.ts'
import { deploymentStatus } from './deployment-status.ts'
import { GITHUB_KINDS } from './effect.ts'
import type { GitHubEffect, GitHubEffectKind, Handler, Hands } from './effect.ts'
import { issueClose } from './issue-close.ts'
import { issueOpen } from './issue-open.ts'
import { reactionAdd } from './reaction-add.ts'
import { releaseCut } from './release-cut.ts'
import { releasePublish } from './release-publish.ts'
import { releaseRenew } from './release-renew.ts'
import { tagCreate } from './tag-create.ts'
import { workflowDispatch } from './workflow-dispatch.ts'

export type { GitHubEffect } from './effect.ts'

const HANDLERS: { readonly [Kind in GitHubEffectKind]: Handler<Kind> } = {
  'check.create': checkCreate,
  'check.update': checkUpdate,
  'check.report': checkReport,
  'check.annotate': checkAnnotate,
  'comment.write': commentWrite,
  'reaction.add': reactionAdd,
  'workflow.dispatch': workflowDispatch,
  'deployment.create': deploymentCreate,
  'deployment.adopt': deploymentAdopt,
  'deployment.status': deploymentStatus,
  'deployment.review': deploymentReview,
  'issue.open': issueOpen,
  'issue.close': issueClose,
  'tag.create': tagCreate,
  'candidate.tag': candidateTag,
  'release.cut': releaseCut,
  'release.renew': releaseRenew,
  'release.publish': releasePublish,
}

export interface GitHubEffects {
  /** @param leave asked before each call, when it is its turn; default: nothing speaks against it */
  perform(repository: Repository, effect: GitHubEffect, leave?: Leave): Promise<Outcome>
  find(repository: Repository, effect: GitHubEffect): Promise<Outcome | null>
  /** GitHub's minute has no room for an effect that only shows what is known. */
  waits(repository: Repository, effect: GitHubEffect): boolean
}

/** Does this effect live on GitHub? */
export function isGitHubEffect(effect: Effect): effect is GitHubEffect {
  return (GITHUB_KINDS as readonly string[]).includes(effect.kind)
}

/** @param readAsset bytes of a file to publish, by the path the effect names; default: the local disk */
export function githubEffects(client: Client, readAsset: Hands['readAsset'] = (path) => readFile(path)): GitHubEffects {
  const hands: Hands = { client, readAsset }
  return {
    perform: (repository, effect, leave) => handlerOf(effect).perform(leave === undefined ? hands : asking(hands, leave), repository, effect),
    find: (repository, effect) => handlerOf(effect).find(hands, repository, effect),
    waits(repository, effect) {
      const share = shareOf(effect)
      return share !== null && client.isFull(repository, share)
    },
  }
}

function asking({ client, readAsset }: Hands, leave: Leave): Hands {
  return { readAsset, client: { ...client, call: (scope, call) => client.call(scope, { ...call, leave }) } }
}

/** The compiler cannot see that the effect's kind chose its handler; the table's type says so. */
function handlerOf(effect: GitHubEffect): Handler<GitHubEffectKind> {
  return HANDLERS[effect.kind] as Handler<GitHubEffectKind>
}
