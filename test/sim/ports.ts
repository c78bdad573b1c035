/** The App's ports over the simulator's truth, with GitHub's and the router's faults: errors before or after the effect, and stale reads. */
import type { Clock, Effect, EffectPort, MetricsPort, Outcome, PullFacts, ReadPort } from '../../app/release/ports.ts'
import { sha256 } from '../../evidence/core/digest.ts'
import { CONFIG_PATH } from '../../evidence/model/config.ts'
import { deploymentIn } from './previews.ts'
import type { Random } from './random.ts'
import { fileAt } from './schema.ts'
import { weightOf, type Truth } from './truth.ts'

export interface WorldFaults {
  readonly failBefore: number
  readonly failAfter: number
  readonly failRead: number
  readonly stalePull: number
  /** Off at the end of a run, so that everything can settle. */
  on: boolean
}

export interface World {
  readonly truth: Truth
  readonly random: Random
  readonly faults: WorldFaults
  readonly config: string
  readonly approvers: ReadonlySet<string>
  /** Traffic is about to move: the oracle looks. */
  readonly moving: (percent: number) => void
  /** A deployment is about to be made, a hook about to be asked: it looks too. */
  readonly deploying: (percent: number) => void
  readonly asking: (key: string) => void
  readonly dispatched: (run: number, inputs: Readonly<Record<string, string>>, workflow: string) => void
  previousPull: PullFacts | null
}

class Unavailable extends Error {
  readonly code = 'unavailable'
}

export const APP_LOGIN = 'release-conductor[bot]'
/** The operator's name of a feature flag. */
export const FLAG = 'search-flag'
/** Where packs are to be kept. */
export const STORES = ['artifacts', 'github-release', 'bucket']
export const CONFIG_COMMIT = 'c'.repeat(40)

export function readPort(world: World): ReadPort {
  const { truth } = world
  const read = async <Value>(value: () => Value): Promise<Value> => {
    if (world.faults.on && world.random.chance(world.faults.failRead)) throw new Unavailable('502 while reading')
    return value()
  }
  return {
    pull: () =>
      read(() => {
        const stale = world.faults.on && world.previousPull !== null && world.random.chance(world.faults.stalePull)
        return stale ? world.previousPull : truth.pull
      }),
    openPulls: () =>
      read(() => (truth.pull.state === 'open' ? [{ number: truth.pull.number, head: truth.pull.head, base: truth.pull.base.ref }] : [])),
    queued: () => read(() => []),
    tree: (_repository, ref) => read(() => ({ commit: ref, tree: ref })),
    folder: () => read(() => null),
    file: (_repository, path, ref) =>
      read(() => {
        if (path === CONFIG_PATH) return { text: world.config, commit: CONFIG_COMMIT }
        const text = fileAt(truth.schema, path, ref)
        return text === null ? null : { text, commit: ref }
      }),
    contains: (_repository, commit, of) => read(() => commit === of || (of === truth.pull.mergeCommit && commit === truth.pull.head.sha)),
    comments: () => read(() => truth.comments.map((comment) => ({ ...comment }))),
    comment: (_repository, id) => read(() => truth.comments.find((comment) => comment.id === id) ?? null),
    role: (_repository, { login }) =>
      read(() => (world.approvers.has(login) ? { role: 'maintain', permission: 'write' } : { role: 'read', permission: 'read' })),
    teamMember: (_repository, _org, _slug, login) => read(() => world.approvers.has(login)),
    contributors: () => read(() => ({ ids: [truth.pull.author.id], unattributed: 0 })),
    runs: (_repository, head) => read(() => truth.runs.filter((one) => one.run.headSha === head).map((one) => one.run)),
    run: (_repository, id) => read(() => truth.runs.find((one) => one.run.id === id)?.run ?? null),
    deployment: (_repository, environment) => read(() => deploymentIn(truth, environment)),
    guarded: () => (truth.guarded ? read(() => true) : Promise.resolve(false)),
    artifacts: (_repository, run) =>
      read(() => {
        const artifact = truth.runs.find((one) => one.run.id === run)?.artifact
        return artifact == null ? [] : [{ id: artifact.id, name: artifact.name, size: artifact.bytes.length, digest: null, expired: false }]
      }),
    download: (_repository, id) =>
      read(() => {
        const bytes = truth.runs.find((one) => one.artifact?.id === id)?.artifact?.bytes
        if (bytes === undefined) throw new Unavailable('404')
        return bytes
      }),
  }
}

export function effectPort(world: World): EffectPort {
  return {
    async perform(_repository, effect, leave) {
      const home = effect.kind === 'weight.set' && effect.percent === 0
      if (!home) await leave()
      if (world.faults.on && world.random.chance(world.faults.failBefore)) throw new Unavailable('502 before')
      if (effect.kind === 'log.enter' && world.truth.now >= world.truth.logAway.from && world.truth.now < world.truth.logAway.to)
        throw new Unavailable('the log is away')
      const outcome = happen(world, effect)
      if (world.faults.on && world.random.chance(world.faults.failAfter)) throw new Unavailable('502 after')
      return outcome
    },
    async find(_repository, effect) {
      if (world.faults.on && world.random.chance(world.faults.failRead)) throw new Unavailable('502 while reading')
      return found(world.truth, effect)
    },
  }
}

function happen(world: World, effect: Effect): Outcome {
  const { truth } = world
  const id = truth.nextId++
  truth.happened.push({ at: truth.now, kind: effect.kind, key: effect.key, id })
  switch (effect.kind) {
    case 'check.report':
    case 'check.annotate':
      return { id }
    case 'deployment.review':
      return { id: null, data: { heard: answered(world, effect) ? 1 : 0 } }
    case 'pack.keep':
      truth.kept.add(`${effect.store}/${effect.path}`)
      return { id: null }
    case 'check.create':
      truth.checks.push({
        id,
        sha: effect.sha,
        name: effect.name,
        externalId: effect.externalId,
        status: effect.status ?? 'queued',
        conclusion: null,
      })
      return { id }
    case 'check.update': {
      const check = truth.checks.find((one) => one.id === effect.checkRun)
      if (check === undefined) throw new Error(`there is no check run ${effect.checkRun}`)
      check.status = effect.status
      check.conclusion = effect.conclusion
      if (effect.anchor !== undefined) truth.anchors.push(effect.anchor)
      return { id: check.id }
    }
    case 'comment.write': {
      const known = effect.comment ?? id
      truth.written.set(effect.marker, { id: known, body: effect.body })
      for (const [, plan] of effect.body.matchAll(/plan:([0-9a-f]{32})/g))
        if (plan !== undefined) truth.shown.set(plan, truth.shown.get(plan) ?? truth.pull.head.sha)
      return { id: known }
    }
    case 'reaction.add':
      truth.reactions.push({ comment: effect.comment, content: effect.content })
      return { id }
    case 'workflow.dispatch': {
      const waits = truth.guarded && effect.workflow === 'deploy.yml'
      const percent = Number(effect.inputs['step'])
      if (waits && effect.key.endsWith('/run')) {
        world.deploying(percent)
        truth.deployments.push({ id: truth.nextId++, sha: effect.inputs['sha'] ?? '', key: effect.key, percent, states: [] })
      }
      truth.runs.push({
        key: effect.key,
        inputs: effect.inputs,
        artifact: null,
        run: {
          id,
          attempt: 1,
          path: `.github/workflows/${effect.workflow}`,
          event: 'workflow_dispatch',
          headSha: effect.ref === 'main' ? CONFIG_COMMIT : truth.pull.head.sha,
          headRepositoryId: 7,
          title: effect.key,
          status: waits ? 'waiting' : 'in_progress',
          conclusion: null,
          url: '',
        },
      })
      if (effect.workflow === 'smoke.yml') world.asking(effect.key)
      if (!waits) world.dispatched(id, effect.inputs, effect.workflow)
      return { id }
    }
    case 'deployment.create':
      world.deploying(Number(effect.payload['percent']))
      truth.deployments.push({ id, sha: effect.sha, key: effect.key, percent: Number(effect.payload['percent']), states: [] })
      return { id }
    case 'deployment.adopt':
      return by(truth.deployments.findLast((one) => one.key === truth.runs.find((run) => run.run.id === effect.run)?.key)) ?? { id: null }
    case 'deployment.status':
      truth.deployments.find((one) => one.id === effect.deployment)?.states.push(effect.state)
      return { id }
    case 'issue.open':
      truth.issues.push({ id, key: effect.key })
      return { id }
    case 'issue.close':
      truth.closedIssues.push(effect.issue)
      return { id }
    case 'tag.create':
      truth.tags.set(effect.tag, effect.sha)
      return { id: null }
    case 'candidate.tag': {
      const tag = `${effect.version}-rc.${[...truth.tags.keys()].filter((one) => one.startsWith(`${effect.version}-rc.`)).length + 1}`
      truth.tags.set(tag, effect.sha)
      return { id: null, data: { tag } }
    }
    case 'release.cut':
    case 'release.renew':
      return { id }
    case 'release.publish':
      truth.releases.set(effect.tag, { id, key: effect.key })
      return { id }
    case 'weight.set':
      if (effect.router === FLAG) {
        truth.flag.at.push(effect.percent)
        return { id: null, data: { percent: effect.percent } }
      }
      world.moving(effect.percent)
      truth.weights.push({ at: truth.now, percent: effect.percent })
      if (effect.percent > 0) truth.canarySince ??= truth.now
      return { id: null, data: { percent: effect.percent } }
    case 'weight.read':
      return { id: null, data: { percent: truth.flag.at.at(-1) ?? 0 } }
    case 'message.send':
      return { id: null }
    case 'hook.call': {
      const result = truth.desk.get(effect.key) ?? (world.random.chance(0.85) ? 'ok' : 'fail')
      truth.desk.set(effect.key, result)
      world.asking(effect.key)
      return { id: null, data: { result, reason: '' } }
    }
    case 'pack.seal':
      truth.seals.push(effect.key)
      return sealed(truth, effect)
    case 'log.enter':
      return logged(effect)
  }
}

/** The job of a protected environment goes on, or the run ends. False: nobody waits. */
function answered(world: World, { run: id, state }: Extract<Effect, { kind: 'deployment.review' }>): boolean {
  const entry = world.truth.runs.find(({ run }) => run.id === id)
  if (entry?.run.status !== 'waiting') return false
  const isApproved = state === 'approved'
  entry.run = { ...entry.run, ...(isApproved ? { status: 'in_progress' } : { status: 'completed', conclusion: 'failure' }) }
  if (isApproved) world.dispatched(id, entry.inputs, 'deploy.yml')
  return true
}

function by(item: { readonly id: number } | undefined): Outcome | null {
  return item === undefined ? null : { id: item.id }
}

function found(truth: Truth, effect: Effect): Outcome | null {
  switch (effect.kind) {
    case 'check.report':
    case 'check.annotate':
    case 'deployment.review':
    case 'deployment.adopt':
      return null
    case 'check.create':
      return by(truth.checks.findLast((check) => check.externalId === effect.externalId))
    case 'check.update': {
      const check = truth.checks.find((one) => one.id === effect.checkRun)
      return check?.status === effect.status && check.conclusion === effect.conclusion ? { id: check.id } : null
    }
    case 'comment.write': {
      const comment = truth.written.get(effect.marker)
      return comment !== undefined && (effect.comment === null || comment.body === effect.body) ? { id: comment.id } : null
    }
    case 'reaction.add':
      return truth.reactions.some((one) => one.comment === effect.comment && one.content === effect.content) ? { id: null } : null
    case 'workflow.dispatch':
      return by(truth.runs.find((one) => one.key === effect.key)?.run)
    case 'deployment.create':
      return by(truth.deployments.find((one) => one.key === effect.key))
    case 'deployment.status':
      return truth.deployments.find((one) => one.id === effect.deployment)?.states.at(-1) === effect.state ? { id: null } : null
    case 'issue.open':
      return by(truth.issues.find((one) => one.key === effect.key))
    case 'issue.close':
      return truth.closedIssues.includes(effect.issue) ? { id: null } : null
    case 'tag.create':
      return truth.tags.get(effect.tag) === effect.sha ? { id: null } : null
    case 'release.publish':
      return by(truth.releases.get(effect.tag))
    case 'weight.set':
      return (effect.router === FLAG ? truth.flag.at.at(-1) : weightOf(truth)) === effect.percent
        ? { id: null, data: { percent: effect.percent } }
        : null
    case 'candidate.tag': {
      const [tag] = [...truth.tags].find(([name, sha]) => name.startsWith(`${effect.version}-rc.`) && sha === effect.sha) ?? []
      return tag === undefined ? null : { id: null, data: { tag } }
    }
    case 'release.cut':
    case 'release.renew':
    case 'pack.keep':
    case 'hook.call':
    case 'weight.read':
    case 'message.send':
      return null
    case 'pack.seal':
      return truth.seals.includes(effect.key) ? sealed(truth, effect) : null
    case 'log.enter':
      return truth.happened.some((one) => one.key === effect.key) ? logged(effect) : null
  }
}

function sealed({ seals }: Truth, { key }: Effect): Outcome {
  const seal = seals.indexOf(key) + 1
  return { id: null, data: { seal, path: `${seal}.zip`, sha256: sha256(key), stores: STORES.join(' ') } }
}

function logged(effect: Extract<Effect, { kind: 'log.enter' }>): Outcome {
  return { id: null, data: { path: `${effect.seal}.sigstore.json`, sha256: 'e'.repeat(64), pack: effect.pack } }
}

/** Counters as the weather makes them; called by the event loop before each look. */
export function metricsPort(world: World): MetricsPort {
  const { truth } = world
  return {
    async sample() {
      const since = truth.canarySince
      const age = since === null ? 0 : truth.now - since
      const { canary, stable } = structuredClone(truth.traffic)
      const missing = truth.weather === 'missing' || (truth.weather === 'gap' && age > 3_000 && age < 12_000)
      if (missing && since !== null) return { at: truth.now, canary: null, stable, note: 'the canary did not answer' }
      if (truth.weather === 'nan') return { at: truth.now, canary: { requests: Number.NaN, errors: 0 }, stable, note: '' }
      if (truth.weather === 'frozen' && since !== null) {
        truth.frozen ??= canary
        return { at: truth.now, canary: truth.frozen, stable, note: '' }
      }
      return { at: truth.now, canary, stable, note: '' }
    },
  }
}

/** Lets `ms` of traffic flow at 300 requests a second. */
export function flow(world: World, ms: number): void {
  const { truth, random } = world
  const requests = Math.round((300 * ms) / 1000)
  const canary = Math.round((requests * weightOf(truth)) / 100)
  truth.traffic.stable.requests += requests - canary
  truth.traffic.canary.requests += canary
  truth.served.requests += canary
  const bad = truth.weather === 'breach' || (truth.weather === 'late-breach' && truth.canarySince !== null && truth.now - truth.canarySince > 9_000)
  for (let i = 0; i < (bad ? canary : 0); i++)
    if (random.chance(0.3)) {
      truth.traffic.canary.errors += 1
      truth.served.errors += 1
    }
}

export function clockOf(truth: Truth): Clock {
  return { now: () => truth.now }
}
