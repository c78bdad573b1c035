/** A repository and who may do what in it. */
import { created, empty, ok, page, route, type Answer, type Call, type Route } from '../http/call.ts'
import { user } from '../shape/people.ts'
import { fullRepository, repositoryUrl } from '../shape/repository.ts'
import { invalid, notFound, Refusal } from '../world/error.ts'
import type { Json, Repository, Role, Ruleset } from '../world/model.ts'
import { rulesetsFor } from '../world/rules.ts'
import { actorAccount, atLeast, nodeId, roleIn, stamp, type World } from '../world/world.ts'
import { numberParam, text } from './read.ts'

const FLAT: Readonly<Record<Role, string>> = { none: 'none', read: 'read', triage: 'read', write: 'write', maintain: 'write', admin: 'admin' }

const permission = (call: Call): Answer => {
  const account = call.world.accounts.get((call.params['username'] ?? '').toLowerCase())
  if (!account) throw notFound()
  const one = call.repository
  const role = roleIn(one, account)
  const roleName = one.customRoles.get(account.login.toLowerCase()) ?? role
  return ok({
    permission: FLAT[role],
    role_name: roleName,
    user: {
      ...user(call.world, account),
      permissions: {
        admin: atLeast(role, 'admin'),
        maintain: atLeast(role, 'maintain'),
        push: atLeast(role, 'write'),
        triage: atLeast(role, 'triage'),
        pull: atLeast(role, 'read'),
      },
      role_name: roleName,
    },
  })
}

const rulesetShape = (world: World, one: Repository, ruleset: Ruleset): Json => ({
  id: ruleset.id,
  name: ruleset.name,
  target: ruleset.target,
  source_type: 'Repository',
  source: `${one.owner.login}/${one.name}`,
  enforcement: ruleset.enforcement,
  node_id: nodeId('RRS', ruleset.id),
  created_at: ruleset.createdAt,
  updated_at: ruleset.createdAt,
  bypass_actors: ruleset.bypassActors,
  conditions: ruleset.conditions,
  rules: ruleset.rules,
  _links: { self: { href: `${repositoryUrl(world, one)}/rulesets/${ruleset.id}` } },
})

/** Who may bypass is shown to whoever may change the ruleset. */
const shownTo = (call: Call, ruleset: Ruleset): Json => {
  const { bypass_actors: actors, ...shape } = rulesetShape(call.world, call.repository, ruleset)
  const account = actorAccount(call.actor)
  const isAdmin = account !== null && atLeast(roleIn(call.repository, account), 'admin')
  return isAdmin ? { ...shape, bypass_actors: actors } : shape
}

const updateRuleset = (call: Call): Answer => {
  const at = call.repository.rulesets.findIndex((one) => one.id === numberParam(call, 'ruleset_id'))
  const before = call.repository.rulesets[at]
  if (before === undefined) throw notFound()
  const { name, target, enforcement, conditions, rules, bypass_actors: actors } = call.body
  const strange = ((rules ?? []) as Json[]).filter((rule) => !KNOWN_RULES.has(text(rule['type'])))
  if (strange.length > 0) throw invalid(`the double of GitHub does not enforce rules of type ${strange.map((rule) => text(rule['type'])).join(', ')}`)
  const after: Ruleset = {
    ...before,
    name: (name as string | undefined) ?? before.name,
    target: (target as string | undefined) ?? before.target,
    enforcement: (enforcement as string | undefined) ?? before.enforcement,
    conditions: (conditions as Json | undefined) ?? before.conditions,
    rules: (rules as Json[] | undefined) ?? before.rules,
    bypassActors: (actors as Json[] | undefined) ?? before.bypassActors,
  }
  call.repository.rulesets.splice(at, 1, after)
  return ok(rulesetShape(call.world, call.repository, after))
}

const KNOWN_RULES = new Set(['required_status_checks', 'deletion', 'non_fast_forward', 'pull_request'])

const createRuleset = (call: Call): Answer => {
  const one = call.repository
  if (one.rulesets.length >= 75) throw invalid('Validation Failed: at most 75 rulesets')
  const rules = (call.body['rules'] ?? []) as Json[]
  const strange = rules.filter((rule) => !KNOWN_RULES.has(text(rule['type'])))
  if (strange.length > 0) throw invalid(`the double of GitHub does not enforce rules of type ${strange.map((rule) => text(rule['type'])).join(', ')}`)
  const ruleset: Ruleset = {
    id: call.world.nextId(),
    name: text(call.body['name']),
    target: (call.body['target'] as string | undefined) ?? 'branch',
    enforcement: text(call.body['enforcement']),
    conditions: (call.body['conditions'] ?? { ref_name: { include: [], exclude: [] } }) as Json,
    rules,
    bypassActors: (call.body['bypass_actors'] ?? []) as Json[],
    createdAt: stamp(call.world),
  }
  one.rulesets.push(ruleset)
  return created(rulesetShape(call.world, one, ruleset))
}

const branchRules = (call: Call): Answer => {
  const one = call.repository
  const rules = rulesetsFor(one, call.params['branch'] ?? '').flatMap((ruleset) =>
    ruleset.rules.map((rule) => ({
      ...rule,
      ruleset_source_type: 'Repository',
      ruleset_source: `${one.owner.login}/${one.name}`,
      ruleset_id: ruleset.id,
    })),
  )
  const { items, headers } = page(call, rules)
  return ok(items, headers)
}

const team = (call: Call): Answer => {
  const { org = '', team_slug: slug = '', username = '' } = call.params
  const found = call.world.teams.find((one) => one.org.toLowerCase() === org.toLowerCase() && one.slug === slug)
  if (!found?.members.has(username.toLowerCase())) throw notFound()
  return ok({ state: 'active', role: 'member', url: `${call.world.base}/api/v3/orgs/${org}/teams/${slug}/memberships/${username}` })
}

const member = (call: Call): Answer => {
  const org = call.world.accounts.get((call.params['org'] ?? '').toLowerCase())
  if (org?.type !== 'Organization' || !org.members.has((call.params['username'] ?? '').toLowerCase())) throw notFound()
  return empty()
}

const FILTERS = new Set(['direction', 'per_page', 'before', 'after', 'ref'])

/** Newest first, by cursors. A branch that is gone keeps its own. */
const listActivities = (call: Call): Answer => {
  const strange = Object.keys(call.query).filter((name) => !FILTERS.has(name))
  if (strange.length > 0 || call.query['direction'] === 'asc' || call.query['before'] !== undefined)
    throw new Refusal(501, `the double of GitHub does not list activities by ${strange.join(', ') || 'direction or before'}`)
  const one = call.repository
  const full = text(call.query['ref']).replace(/^(?!refs\/)(?=.)/, 'refs/heads/')
  const all = one.activities.filter(({ ref }) => full === '' || ref === full).toReversed()
  const from = Number(text(call.query['after']).replace('cursor-', '') || 0)
  const to = from + Math.min(100, Number(call.query['per_page'] ?? 30))
  const next = new URL(call.url)
  next.searchParams.set('after', `cursor-${to}`)
  return ok(
    all.slice(from, to).map(({ id, ref, before, after, at, type, actor }) => ({
      id,
      node_id: nodeId('PSH', id),
      before,
      after,
      ref,
      timestamp: at,
      activity_type: type,
      actor: user(call.world, actor),
    })),
    to < all.length ? { link: `<${next.href}>; rel="next"` } : {},
  )
}

export const repositoryRoutes: readonly Route[] = [
  route('GET', '/repos/{owner}/{repo}/activity', listActivities),
  route('GET', '/repos/{owner}/{repo}', (call) => ok(fullRepository(call.world, call.repository, actorAccount(call.actor)))),
  route('GET', '/repos/{owner}/{repo}/collaborators/{username}/permission', permission),
  route('GET', '/orgs/{org}/teams/{team_slug}/memberships/{username}', team),
  route('GET', '/orgs/{org}/members/{username}', member),
  route('GET', '/repos/{owner}/{repo}/rules/branches/{branch}', branchRules),
  route('POST', '/repos/{owner}/{repo}/rulesets', createRuleset),
  route('GET', '/repos/{owner}/{repo}/rulesets', (call) => {
    const { items, headers } = page(call, call.repository.rulesets)
    return ok(
      items.map((one) => {
        const { rules: _rules, conditions: _conditions, bypass_actors: _actors, ...rest } = rulesetShape(call.world, call.repository, one)
        return rest
      }),
      headers,
    )
  }),
  route('GET', '/repos/{owner}/{repo}/rulesets/{ruleset_id}', (call) => {
    const found = call.repository.rulesets.find((one) => one.id === numberParam(call, 'ruleset_id'))
    if (!found) throw notFound()
    return ok(shownTo(call, found))
  }),
  route('PUT', '/repos/{owner}/{repo}/rulesets/{ruleset_id}', updateRuleset),
  route('DELETE', '/repos/{owner}/{repo}/rulesets/{ruleset_id}', (call) => {
    const at = call.repository.rulesets.findIndex((one) => one.id === numberParam(call, 'ruleset_id'))
    if (at === -1) throw notFound()
    call.repository.rulesets.splice(at, 1)
    return empty()
  }),
  route('GET', '/repos/{owner}/{repo}/immutable-releases', (call) => {
    if (!call.repository.immutableReleases) throw notFound()
    return ok({ enabled: true, enforced_by_owner: false })
  }),
]
