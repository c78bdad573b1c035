/** What may be promoted now, the plan that names it, and how a rollout begins. Pure. */
import type { Config } from '../../evidence/model/config.ts'
import { evidenceRoot, planId, policyDigest, type Plan } from '../../evidence/pack/evidence-root.ts'
import { commandPolicy } from '../../gates/policy/decide.ts'
import { planOf, type Proven } from '../commands/plan.ts'
import { promoteLine } from '../github/status-comment.ts'
import { closedFor } from './closed.ts'
import { currentEvidence } from './current.ts'
import type { Draft } from './draft.ts'
import type { Facts, FullFacts, PlanFacts, Settings } from './facts.ts'
import { logRefusal, wantsLog } from './log.ts'
import type { ReleaseRecord, Repository } from './ports.ts'
import { schemaOf } from './schemas.ts'
import type { Schema } from './before.ts'
import { SERVED, type Agreed, type GoldenPath, type Hook, type Rollout } from './state.ts'
import { BY_WORKFLOW } from '../rollout/by-workflow.ts'
import { lockedBy, sayLock } from '../rollout/lock.ts'
import { stateOf } from '../rollout/steps.ts'
import type { Held } from '../judge/objectives.ts'
import { mayUse } from '../limits.ts'
import { objectivesFor, objectivesWords } from '../rollout/objectives.ts'
import { policyOf } from '../rollout/policy.ts'
import { outside, schemaRangeOf, takenAway, unrunnable } from '../rollout/way-back.ts'
import { veto } from './veto.ts'

export interface Target {
  readonly environment: string
  readonly steps: readonly number[]
  /** What the canary is also held to, and what it is not. */
  readonly held: Held
}

/** What an answer also depends on, beside GitHub. */
type Around = Pick<Facts, 'now' | 'settings' | 'locks'>

/** The next environment, or why nothing can be promoted. */
export function target(draft: Draft, full: FullFacts, around: Around): Target | string {
  if (draft.state === 'rolling_back' || draft.state === 'rolled_back')
    return 'this release was rolled back; fix it and open a new release pull request.'
  if (SERVED.includes(draft.state)) return 'it already serves everyone.'
  const why = veto(draft, full)
  if (why !== null) return `${why}.`
  if (!full.config.ok) return full.config.message
  const { rollout } = draft.data
  const refusal = rollout === null || rollout.stage === 'done' ? logRefusal(full.config.config, around.settings) : null
  if (refusal !== null) return `${refusal}.`
  if (rollout?.rehearsal !== undefined) return `the way back is rehearsed on ${rollout.environment}; ask for the line again when that has ended.`
  const closed = closedFor(around, full)
  if (closed !== null) return `promotions are closed: ${closed.why}.`
  const environments = Object.entries(full.config.config.environments)
  const next =
    rollout !== null && rollout.stage !== 'done'
      ? environments.find(([name]) => name === rollout.environment)
      : environments.find(([name]) => !draft.data.completed.includes(name))
  if (next === undefined) return environments.length === 0 ? 'the config names no environment.' : 'every environment already serves it.'
  const [environment, { router, metrics, steps, absence, flags }] = next
  if (router === undefined)
    return `${environment} names no router, so its traffic could not be taken back; name one in the config, or "deployment" if your deploy workflow moves it both ways.`
  if (metrics === undefined) return `${environment} names no metrics source, so nothing could be judged; name one in the config.`
  const locked = lockedBy(draft, around, environment)
  if (locked !== null) return `${sayLock(locked)}. It is free when that rollout has ended; ask for the line again then.`
  const stranded = strandedBy(draft, full, { environment, config: next[1] })
  if (stranded !== null) return stranded
  const unmoved = unmovedBy([router, ...flags], around.settings, draft.before.repository)
  if (unmoved !== null) return `${environment} ${unmoved}`
  const unmeasured = unmeasuredBy(metrics, absence, around.settings, draft.before.repository)
  if (unmeasured !== null) return `${environment} ${unmeasured}`
  const unheard = unheardBy(next[1], around.settings, draft.before.repository)
  if (unheard !== null) return `${environment} ${unheard}`
  const held = objectivesFor(full, metrics, around.settings)
  if (typeof held === 'string') return `${environment} would not be watched as the config says: ${held}.`
  return { environment, steps, held }
}

/** Why a rollout that begins now would not be run by the live schema, or would leave no way back. */
function strandedBy(
  draft: Draft,
  full: FullFacts,
  { environment, config }: { readonly environment: string; readonly config: Config['environments'][string] },
): string | null {
  if (extendable(draft, environment) !== null) return null
  const schema = schemaOf(full, environment)
  if (schema === undefined) return config.schema === undefined ? null : `which schema versions ${environment} can run was not read.`
  if (typeof schema === 'string') return `which schema versions this version can run is not known: ${schema}. Commit that file on the release branch.`
  const cannot = unrunnable(schema, false)
  if (cannot !== null) return `${environment} cannot run it: ${cannot}.`
  const taken = config.rollback.forward_only === undefined ? takenAway(schema) : null
  if (taken === null) return null
  return `there would be no way back from ${environment}: ${taken}. Split the migration, so that one schema lets both versions run, or accept it with environments.${environment}.rollback.forward_only and a reason.`
}

/** Of the rollout that runs there, or of the one that would begin; undefined: none is in the config, or it cannot be read. */
export function schemaHere(draft: Draft, full: Pick<FullFacts, 'config' | 'schemas' | 'live'>, environment: string): Schema | undefined {
  const running = extendable(draft, environment)
  if (running !== null) return running.schema
  const schema = schemaOf(full, environment)
  return typeof schema === 'object' ? { ...schema, accepted: acceptedIn(full, environment) ?? outside(schema) } : undefined
}

function acceptedIn({ config }: Pick<FullFacts, 'config'>, environment: string): string | null {
  return (config.ok ? config.config.environments[environment]?.rollback.forward_only : undefined) ?? null
}

/** What no step could move, until the deadline. */
function unmovedBy(names: readonly string[], { routers, limits }: Pick<Settings, 'routers' | 'limits'>, repository: Repository): string | null {
  if (routers === undefined) return null
  const unknown = names.find((name) => name !== BY_WORKFLOW && !(routers.includes(name) && mayUse(limits, 'routers', name, repository)))
  return unknown === undefined ? null : `names the router ${unknown}, which is not in the operator's file; name one of those, or ask the operator.`
}

/** What the judge would wait for in vain, until the deadline. */
function unmeasuredBy(
  name: string,
  { latency }: { readonly latency: string },
  { sources, limits }: Pick<Settings, 'sources' | 'limits'>,
  repository: Repository,
): string | null {
  if (sources === undefined) return null
  const source = Object.hasOwn(sources, name) && mayUse(limits, 'metrics', name, repository) ? sources[name] : undefined
  if (source?.latency === true) return null
  if (source === undefined) return `names the metrics source ${name}, which is not in the operator's file; name one of those, or ask the operator.`
  return latency === 'zero'
    ? null
    : `is measured by ${name}, which tells no latency: give that source a histogram in the operator's file, or say absence: { latency: zero } in the config when the service has none.`
}

/** Hooks that could say no only, and golden paths that no way home would see green. */
function unheardBy(
  { hooks, golden_paths: paths }: Config['environments'][string],
  { webhooks, probes, limits }: Pick<Settings, 'webhooks' | 'probes' | 'limits'>,
  repository: Repository,
): string | null {
  const lacks = (kind: 'webhooks' | 'probes', names: readonly string[] | undefined) => (name: string | undefined) =>
    name !== undefined && names !== undefined && !(names.includes(name) && mayUse(limits, kind, name, repository))
  const webhook = [...hooks.pre, ...hooks.post].map((hook) => hook.webhook).find(lacks('webhooks', webhooks))
  const probe = paths.map(({ url }) => url).find(lacks('probes', probes))
  const unknown = webhook === undefined ? probe && `golden path ${probe}` : `webhook ${webhook}`
  return unknown === undefined ? null : `names the ${unknown}, which is not in the operator's file; name one of those, or ask the operator.`
}

export function currentPlan(draft: Draft, full: PlanFacts, environment: string, upTo: number): Plan {
  const proven = provenAt({ ...full, record: draft.before, head: draft.head, base: full.pull.base.ref })
  return {
    ...proven,
    environment,
    step: upTo,
    schemaRange: schemaRangeOf(schemaHere(draft, full, environment)),
    deployed: full.deployed[environment]?.digests ?? {},
  }
}

/** The commit and its proof. */
export function provenAt(of: {
  readonly record: Pick<ReleaseRecord, 'version' | 'repository'>
  readonly head: string
  readonly base: string
  readonly config: FullFacts['config']
  readonly evidence: FullFacts['evidence']
  readonly waivers: FullFacts['waivers']
  readonly verdicts: FullFacts['verdicts']
}): Proven {
  const { record, head, base, config, evidence, waivers, verdicts } = of
  return planOf({
    version: record.version,
    repositoryId: record.repository.id,
    head,
    base,
    policyDigest: config.ok ? policyDigest(config.digest, commandPolicy().digest) : '',
    evidenceRoot: evidenceRoot([...currentEvidence(evidence, head).map((row) => row.evidence), ...waivers]),
    verdicts,
  })
}

/** The lines an approver may paste now: the whole ramp, and each smaller stop. */
export function promoteLines(
  draft: Draft,
  full: FullFacts,
  around: Around,
): {
  readonly environment: string
  /** For people; '' when the config names none. */
  readonly objectives: string
  readonly lines: readonly { readonly upTo: number; readonly line: string }[]
} | null {
  const next = target(draft, full, around)
  if (typeof next === 'string') return null
  const reach = draft.data.rollout?.stage === 'done' ? 0 : (draft.data.rollout?.upTo ?? 0)
  const open = next.steps.filter((step) => step > reach)
  if (open.length === 0) return null
  return {
    environment: next.environment,
    objectives: objectivesWords(next.held),
    lines: open
      .toReversed()
      .map((upTo) => ({ upTo, line: promoteLine({ step: upTo, id: planId(currentPlan(draft, full, next.environment, upTo)) }) })),
  }
}

/** The running rollout, when a further approval may let it go on. */
export function extendable(draft: Draft, environment: string): Rollout | null {
  const { rollout } = draft.data
  return rollout !== null && rollout.environment === environment && rollout.stage !== 'done' ? rollout : null
}

/** What is agreed to by an approval of this plan: kept with the rollout, because it is what the decision rests on, whatever moves later. */
export function agreedTo(
  plan: Plan,
  full: FullFacts,
  by: { readonly approval: Rollout['approval'] } & Pick<Agreed, 'voices' | 'authorised'>,
): Agreed {
  const outcomes = new Map(full.verdicts.map((verdict) => [verdict.gate as string, verdict.verdict]))
  return {
    plan: planId(plan),
    upTo: plan.step,
    ...by,
    base: plan.base,
    gates: Object.fromEntries(plan.gates.map(({ gate, verdict }) => [gate, { outcome: outcomes.get(gate) ?? 'indeterminate', verdict }])),
    policyDigest: plan.policyDigest,
    evidenceRoot: plan.evidenceRoot,
    schemaRange: plan.schemaRange,
    deployed: { ...plan.deployed },
  }
}

export function beginRollout(
  draft: Draft,
  facts: Facts,
  full: FullFacts,
  of: { readonly environment: string; readonly agreed: Agreed; readonly held: Held },
): void {
  const { plan, upTo, approval } = of.agreed
  if (!full.config.ok) return
  const environment = full.config.config.environments[of.environment]
  const first = environment?.steps[0]
  if (environment === undefined || first === undefined) return
  const schema = schemaHere(draft, full, of.environment)
  if (draft.data.rollout !== null) draft.data.ended.push(draft.data.rollout)
  draft.data.rollouts += 1
  draft.data.rollout = {
    number: draft.data.rollouts,
    environment: of.environment,
    last: Object.keys(full.config.config.environments).at(-1) === of.environment,
    plan,
    upTo,
    steps: [...environment.steps],
    step: first,
    stage: 'deploying',
    since: facts.now,
    startedAt: null,
    shiftedAt: null,
    digests: null,
    approval,
    agreed: [of.agreed],
    moved: [],
    judged: [],
    passed: [],
    sampleMs: facts.settings.sampleMs,
    why: null,
    before: full.deployed[of.environment] ?? null,
    ...(schema !== undefined && { schema }),
    policy: {
      ...policyOf(environment, of.held.objectives),
      workflow: environment.deploy.workflow,
      inputs: { ...environment.deploy.inputs },
      ref: full.pull.defaultBranch,
      router: environment.router ?? null,
      metrics: environment.metrics ?? null,
      log: wantsLog(full.config.config, facts.settings),
      hooks: hooksFrom(environment.hooks),
      flags: [...environment.flags],
      messages: structuredClone(full.config.config.observe.messages),
      onCall: [...full.config.config.people.on_call],
      golden: environment.golden_paths.map(goldenFrom),
    },
  }
  noteDecision(draft, of.environment, of.agreed, of.held)
  draft.move(stateOf(draft.data.rollout), `${approval.login} approved plan ${plan}`)
}

function goldenFrom({ workflow, url, inputs, status }: Config['environments'][string]['golden_paths'][number]): GoldenPath {
  return workflow === undefined ? { url: url ?? '', status } : { workflow, inputs: { ...inputs } }
}

function hooksFrom({ pre, post }: Config['environments'][string]['hooks']): Rollout['policy']['hooks'] {
  const of = ({ workflow, webhook, inputs, steps }: (typeof pre)[number]): Hook[] => {
    const at = steps === undefined ? {} : { steps: [...steps] }
    if (webhook !== undefined) return [{ webhook, ...at }]
    return workflow === undefined ? [] : [{ workflow, inputs: { ...inputs }, ...at }]
  }
  return { pre: pre.flatMap(of), post: post.flatMap(of) }
}

/** @param held of a rollout that begins: what goes on is held to what it began with */
export function noteDecision(draft: Draft, environment: string, { plan, upTo, approval }: Agreed, held: Held | null): void {
  const watched =
    held === null || held.objectives.length + held.others.length === 0
      ? {}
      : { objectives: [...held.objectives], not_watched: held.others.map(({ name, why }) => ({ name, why })) }
  draft.note('decision', { decision: 'go', environment, up_to: upTo, plan, approved_by: approval.login, comment: approval.nodeId, ...watched })
}
