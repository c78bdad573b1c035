/**
 * Who may do what: GitHub's permission of each operation for installation tokens, and the role it takes for people. One row per operation; an operation
 * without a row is refused.
 */
import { notFound, Refusal } from '../world/error.ts'
import type { Actor, Level, Repository, Role } from '../world/model.ts'
import { atLeast, roleIn } from '../world/world.ts'

type Need = readonly [permission: string, level: Level]

interface Rule {
  /** One of these is enough for an installation or job token. Empty: any token. */
  readonly any: readonly Need[]
  /** What a person needs in the repository. */
  readonly role: Role
  /** `app`: JSON web token of the App only. `installation`: installation tokens only. `checks`: no personal tokens. */
  readonly only?: 'app' | 'installation' | 'checks'
}

const rule = (any: readonly Need[], role: Role, only?: Rule['only']): Rule => (only ? { any, role, only } : { any, role })
const read = (permission: string): Rule => rule([[permission, 'read']], 'read')
const write = (permission: string, role: Role = 'write'): Rule => rule([[permission, 'write']], role)
const talkRead = rule(
  [
    ['issues', 'read'],
    ['pull_requests', 'read'],
  ],
  'read',
)
const talk = (role: Role): Rule =>
  rule(
    [
      ['issues', 'write'],
      ['pull_requests', 'write'],
    ],
    role,
  )
const app = rule([], 'none', 'app')

export const ACCESS: Readonly<Record<string, Rule>> = {
  'apps/get-authenticated': app,
  'apps/create-from-manifest': rule([], 'none'),
  'apps/get-installation': app,
  'apps/get-repo-installation': app,
  'apps/list-installations': app,
  'apps/create-installation-access-token': app,
  'apps/list-webhook-deliveries': app,
  'apps/get-webhook-delivery': app,
  'apps/redeliver-webhook-delivery': app,
  'apps/list-repos-accessible-to-installation': rule([], 'none', 'installation'),
  'rate-limit/get': rule([], 'none'),
  'users/get-authenticated': rule([], 'none'),
  'users/get-by-username': rule([], 'none'),
  'repos/get': read('metadata'),
  'repos/list-activities': read('contents'),
  'repos/get-branch': read('contents'),
  'repos/get-branch-rules': read('metadata'),
  'repos/get-repo-rulesets': read('metadata'),
  'repos/get-repo-ruleset': read('metadata'),
  'repos/create-repo-ruleset': write('administration', 'admin'),
  'repos/update-repo-ruleset': write('administration', 'admin'),
  'repos/delete-repo-ruleset': write('administration', 'admin'),
  'repos/check-immutable-releases': rule([['administration', 'read']], 'admin'),
  'repos/get-collaborator-permission-level': rule([['metadata', 'read']], 'write'),
  'repos/get-commit': read('contents'),
  'repos/list-tags': read('contents'),
  'repos/list-commits': read('contents'),
  'repos/get-content': read('contents'),
  'repos/codeowners-errors': read('contents'),
  'repos/compare-commits-with-basehead': read('contents'),
  'repos/create-deployment': write('deployments'),
  'repos/get-deployment': read('deployments'),
  'repos/list-deployments': read('deployments'),
  'repos/create-deployment-status': write('deployments'),
  'repos/get-deployment-status': read('deployments'),
  'repos/list-deployment-statuses': read('deployments'),
  'repos/get-all-environments': read('actions'),
  'repos/get-all-deployment-protection-rules': read('actions'),
  'repos/create-release': write('contents'),
  'repos/update-release': write('contents'),
  'repos/delete-release': write('contents'),
  'repos/get-release': read('contents'),
  'repos/get-release-by-tag': read('contents'),
  'repos/get-latest-release': read('contents'),
  'repos/list-releases': read('contents'),
  'repos/list-release-assets': read('contents'),
  'repos/get-release-asset': read('contents'),
  'repos/delete-release-asset': write('contents'),
  'repos/upload-release-asset': write('contents'),
  'git/get-ref': read('contents'),
  'git/list-matching-refs': read('contents'),
  'git/create-ref': write('contents'),
  'git/update-ref': write('contents'),
  'git/delete-ref': write('contents'),
  'git/get-commit': read('contents'),
  'git/get-tag': read('contents'),
  'git/create-tag': write('contents'),
  'git/get-tree': read('contents'),
  'git/get-blob': read('contents'),
  'git/create-tree': write('contents'),
  'git/create-commit': write('contents'),
  'pulls/create': write('pull_requests', 'read'),
  'pulls/get': read('pull_requests'),
  'pulls/list': read('pull_requests'),
  'pulls/update': write('pull_requests', 'read'),
  'pulls/merge': write('contents'),
  'pulls/list-commits': read('pull_requests'),
  'pulls/list-files': read('pull_requests'),
  'issues/create': write('issues', 'read'),
  'issues/get': talkRead,
  'issues/update': talk('read'),
  'issues/list-for-repo': talkRead,
  'issues/list-comments': talkRead,
  'issues/list-comments-for-repo': talkRead,
  'issues/get-comment': talkRead,
  'issues/create-comment': talk('read'),
  'issues/update-comment': talk('read'),
  'issues/delete-comment': talk('read'),
  'issues/list-labels-on-issue': talkRead,
  'issues/add-labels': talk('triage'),
  'issues/remove-label': talk('triage'),
  'issues/create-label': talk('write'),
  'reactions/create-for-issue-comment': write('issues', 'read'),
  'reactions/list-for-issue-comment': read('issues'),
  'reactions/delete-for-issue-comment': write('issues', 'read'),
  'checks/create': rule([['checks', 'write']], 'none', 'checks'),
  'checks/update': rule([['checks', 'write']], 'none', 'checks'),
  'checks/get': read('checks'),
  'checks/list-for-ref': read('checks'),
  'checks/list-for-suite': read('checks'),
  'checks/list-suites-for-ref': read('checks'),
  'checks/list-annotations': read('checks'),
  'checks/get-suite': read('checks'),
  'checks/rerequest-run': write('checks'),
  'checks/rerequest-suite': write('checks'),
  'teams/get-membership-for-user-in-org': read('members'),
  'orgs/check-membership-for-user': read('members'),
  'actions/list-repo-workflows': read('actions'),
  'actions/get-workflow': read('actions'),
  'actions/create-workflow-dispatch': write('actions'),
  'actions/list-workflow-runs': read('actions'),
  'actions/list-workflow-runs-for-repo': read('actions'),
  'actions/get-workflow-run': read('actions'),
  'actions/review-custom-gates-for-run': rule([['deployments', 'write']], 'none', 'installation'),
  'actions/cancel-workflow-run': write('actions'),
  'actions/re-run-workflow': write('actions'),
  'actions/list-jobs-for-workflow-run': read('actions'),
  'actions/list-workflow-run-artifacts': read('actions'),
  'actions/list-artifacts-for-repo': read('actions'),
  'actions/get-artifact': read('actions'),
  'actions/download-artifact': read('actions'),
}

const holds = (permissions: Readonly<Record<string, Level>>, [name, level]: Need): boolean => {
  if (name === 'metadata' && level === 'read') return true
  const granted = permissions[name]
  return granted === 'write' || granted === level
}

/**
 * Throws the refusal GitHub would give. A private repository that the caller cannot see is 404 for everything.
 * @param repository of the path, or null for paths without one
 */
export const admit = (operation: string, actor: Actor, repository: Repository | null): void => {
  const need = ACCESS[operation]
  if (!need) throw new Refusal(501, `the double of GitHub has no permission row for ${operation}`)
  if (need.only === 'app') {
    if (actor.kind !== 'app') throw new Refusal(401, 'A JSON web token could not be decoded')
    return
  }
  if (actor.kind === 'app') throw new Refusal(401, 'Bad credentials')
  if (need.only === 'installation' && actor.kind !== 'installation')
    throw new Refusal(403, 'You must authenticate with an installation access token in order to list repositories for an installation.')
  if (actor.kind === 'anonymous') {
    if (repository?.private) throw notFound()
    if (need.any.some(([, level]) => level === 'write') || need.role === 'write') throw new Refusal(401, 'Requires authentication')
    return
  }
  if (actor.kind === 'user') {
    if (!repository) return
    const role = roleIn(repository, actor.account)
    if (role === 'none') throw notFound()
    if (need.only === 'checks') throw new Refusal(403, 'You must authenticate via a GitHub App.')
    if (!atLeast(role, need.role)) throw atLeast(need.role, 'admin') ? notFound() : new Refusal(403, 'Must have push access to repository.')
    return
  }
  const inside = !repository || (actor.kind === 'job' ? actor.repository.id === repository.id : actor.repositories.has(repository.id))
  if (repository && !inside) {
    if (repository.private) throw notFound()
    if (need.any.every(([, level]) => level === 'read')) return
    throw new Refusal(403, 'Resource not accessible by integration')
  }
  if (need.any.length > 0 && !need.any.some((one) => holds(actor.permissions, one))) {
    if (operation.startsWith('teams/') || operation.startsWith('orgs/')) throw notFound()
    const accepted = need.any.map(([name, level]) => `${name}=${level}`).join('; ')
    throw new Refusal(403, 'Resource not accessible by integration', { headers: { 'x-accepted-github-permissions': accepted } })
  }
}
