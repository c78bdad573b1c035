/** A release that the App itself brings from its pull request to everybody (or back), over ports of a test, with the packs it seals on the way. */
import { keeping } from '../../app/release/keeping.ts'
import { reconcile } from '../../app/release/reconcile.ts'
import { sealEffects } from '../../app/release/seal-effect.ts'
import type { Effect, Leave, Outcome, PullFacts, Repository } from '../../app/release/ports.ts'
import { drawPng, type Draw } from '../../evidence/chart/png.ts'
import { notary } from '../../evidence/ledger/checkpoint.ts'
import { Phase } from '../../evidence/model/phases.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { generateKeyPair, localKeySigner } from '../../evidence/sign/local-key.ts'
import { healthyHandover, healthyPullRequest, signDeployment, signHandover } from './evidence.ts'
import { commentOf, configText, DIGESTS, HEAD, KEY, MERGED, originOf, pullOf, REPOSITORY } from './release.ts'
import { runOf, worldOf, type World } from './release-ports.ts'

export const JOB = generateKeyPair()
export const APP = generateKeyPair()
export const JOB_SIGNER = localKeySigner({ id: 'jobs', privateKeyPem: JOB.privateKeyPem })
export const APP_SIGNER = localKeySigner({ id: 'app', privateKeyPem: APP.privateKeyPem })
export const APP_KEY = { id: 'app', publicKeyPem: APP.publicKeyPem }
export const JOB_KEY = { id: 'jobs', publicKeyPem: JOB.publicKeyPem }

const WAIVE = '/waive policy_ci 3d the title was wrong, the commits are not'
const HOTFIX = '/waive hotfix 3d the title was wrong, the commits are not'
const BREAK = '/break-glass the shop is down and this is the fix'
const ENDS: ReadonlySet<string> = new Set(['ga', 'rolled_back', 'broken_glass'])
const FULL = { repository: REPOSITORY, pull: 3, mode: 'full' } as const

export interface Sealed {
  readonly world: World
  /** By number. */
  readonly packs: ReadonlyMap<number, Uint8Array>
  /** How often a pack was written. */
  readonly written: number
}

export interface Story {
  /** Share of canary requests that fail. */
  readonly share?: number
  /** How often the agents run before the merge. */
  readonly runs?: number
  /** Steps approved one after another. */
  readonly approvals?: readonly number[]
  /** Default: the real renderer. */
  readonly draw?: Draw
  /** Appended to the config of the base branch. */
  readonly config?: string
  /** An environment before the one with the canary: approve it first. */
  readonly stage?: boolean
  /** The first attempt at each seal dies when the pack is written and nobody knows yet. */
  readonly loses?: boolean
  /** The title changes after the evidence was made; two people waive policy_ci on the commit. */
  readonly waive?: boolean
  /** The same of v2.0.1, whose pull request gets the label; they waive the hotfix, and the base names the other gate of P0 and supply_chain. */
  readonly hotfix?: boolean
  /** The same, but two people break the glass. */
  readonly breakGlass?: boolean
  /** The title is put right again once it serves everybody. */
  readonly proves?: boolean
  /** Takes the release back when it serves everybody. */
  readonly back?: boolean
}

const STAGE = '  stage: { deploy: { workflow: deploy.yml }, router: proxy, metrics: scrape, steps: [100], bake: 6s, deadline: 90s }\n'

/** From the opened pull request until it serves everybody or was taken back. */
export async function sealedRelease(story: Story = {}): Promise<Sealed> {
  const {
    share = 0,
    runs = 1,
    approvals = [100],
    draw = drawPng,
    stage = false,
    back = false,
    loses = false,
    hotfix = false,
    waive = hotfix,
    breakGlass = false,
  } = story
  const group = '{ users: [approver, second], not: [author] },'
  const people = (line: string): string => (waive || breakGlass ? `${line} waive: ${group} break_glass: ${group}` : line)
  const config =
    configText({ jobs: JOB.publicKeyPem })
      .replace('approvers: {', people)
      .replace('"support/*"]', (line) => (hotfix ? `${line}, hotfix: { gates: [hardening, supply_chain] }` : line))
      .replace('environments:\n', (line) => (stage ? line + STAGE : line)) + (story.config ?? '')
  const head = hotfix ? { head: { ...pullOf().head, ref: 'release/v2.0.1' } } : {}
  let given: Partial<PullFacts> = { ...healthyPullRequest(), ...head }
  const world = worldOf({ config, pull: pullOf(given) })
  const packs = new Map<number, Uint8Array>()
  let written = 0
  const lost = new Set<string>()
  const seals = sealEffects({
    store: world.store,
    signer: APP_SIGNER,
    notary: notary(APP.privateKeyPem),
    key: APP_KEY,
    clock: world.ports.clock,
    draw,
    files: {
      path: (_record, seal) => String(seal),
      list: async (_record, seal) => (packs.has(seal) ? [String(seal)] : []),
      point: async () => {},
      write: async (path, bytes) => {
        written += 1
        packs.set(Number(path), bytes)
      },
      read: async (path) => packs.get(Number(path)) ?? null,
    },
  })
  let dispatched = 54
  const perform = world.ports.effects.perform.bind(world.ports.effects)
  world.ports.effects.perform = async (repository: Repository, effect: Effect, leave: Leave): Promise<Outcome> => {
    if (effect.kind === 'pack.seal') {
      const outcome = await seals.perform(effect)
      if (!loses || lost.has(effect.key)) return outcome
      lost.add(effect.key)
      throw new Error('the answer was lost')
    }
    if (effect.kind === 'workflow.dispatch') {
      dispatched += 1
      await run(world, dispatched, effect)
      return { id: dispatched }
    }
    if (effect.kind === 'weight.set') weight = effect.percent
    return perform(repository, effect, leave)
  }
  const find = world.ports.effects.find.bind(world.ports.effects)
  world.ports.effects.find = async (repository, effect) => (effect.kind === 'pack.seal' ? seals.find(effect) : find(repository, effect))
  let weight = 0
  const totals = { canary: { requests: 0, errors: 0 }, stable: { requests: 0, errors: 0 } }
  world.ports.metrics.sample = async () => {
    totals.canary.requests += weight * 4
    totals.canary.errors = Math.round(totals.canary.requests * share)
    totals.stable.requests += (100 - weight) * 4
    return { at: world.now, canary: { ...totals.canary }, stable: { ...totals.stable }, note: '' }
  }
  const look = async (): Promise<string> => {
    await reconcile(world.context, FULL)
    await keeping(world.ports, 'keep').round()
    return (await world.store.release(KEY))?.state ?? 'absent'
  }
  // Each phase comes after the one before it.
  for (let looks = 0; looks < 4; looks++) await look()
  for (let again = 1; again < runs; again++) {
    world.comments.push(commentOf('/rerun all', 'approver'))
    for (let looks = 0; looks < 4; looks++) await look()
  }
  if (waive || breakGlass) {
    given = { ...given, title: 'Another title', labels: [...(given.labels ?? []), ...(hotfix ? ['hotfix'] : [])] }
    world.pull = pullOf(given)
    await look()
    const said = hotfix ? HOTFIX : waive ? WAIVE : BREAK
    world.comments.push(commentOf(said, 'approver', 21), commentOf(said, 'second', 22))
    for (let looks = 0; looks < 3; looks++) await look()
  }
  world.pull = pullOf({ ...given, ...MERGED })
  let state = await look()
  const open = [...approvals]
  for (let seconds = 0; seconds < 120 && !ENDS.has(state); seconds++) {
    const line = open.length === 0 ? undefined : planLine(world, open[0] ?? 0)
    if (line !== undefined) {
      world.comments.push(commentOf(line, 'approver', 21))
      open.shift()
    }
    state = await look()
    world.now += 1_000
  }
  await look()
  if (story.proves === true) {
    world.pull = pullOf({ ...healthyPullRequest(), ...MERGED })
    for (let looks = 0; looks < 3; looks++) await look()
  }
  if (back) {
    world.comments.push(commentOf('/rollback people complain', 'approver', 21))
    for (let seconds = 0; seconds < 5; seconds++) {
      await look()
      world.now += 1_000
    }
  }
  return { world, packs, written }
}

/** The line to paste for this step, as the newest status comment shows it. */
function planLine(world: World, step: number): string | undefined {
  const shown = world.done.findLast((effect) => effect.kind === 'comment.write')
  const body = shown?.kind === 'comment.write' ? shown.body : ''
  const lines = [...body.matchAll(/\/promote(?: (\d+))? plan:[0-9a-f]{32}/g)]
  const line = lines.find((match) => Number(match[1] ?? 100) === step)?.[0]
  return line !== undefined && !world.comments.some((comment) => comment.body === line) ? line : undefined
}

async function run(world: World, id: number, effect: Extract<Effect, { kind: 'workflow.dispatch' }>): Promise<void> {
  const isDeploy = effect.workflow === 'deploy.yml'
  world.runs.push(runOf(id, { path: `.github/workflows/${effect.workflow}` }))
  world.artifacts.set(id, [
    { id: id + 1_000, name: `rc-${isDeploy ? 'deploy' : effect.inputs['phase']}-1`, size: 1_000, digest: null, expired: false },
  ])
  world.bytes.set(id + 1_000, isDeploy ? await deployment(world, id, effect.inputs) : await evidence(world, id, Phase.parse(effect.inputs['phase'])))
}

async function evidence(world: World, id: number, phase: Phase): Promise<Uint8Array> {
  const { handover, files } = healthyHandover({ sha: HEAD, pullRequest: healthyPullRequest(), config: world.config ?? '', now: world.now }, phase)
  return signHandover(handover, files, originOf(id), JOB_SIGNER)
}

async function deployment(world: World, id: number, inputs: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const event = {
    schema_version: 1,
    event: 'deployed',
    environment: inputs['environment'] ?? '',
    step: Number(inputs['step']),
    plan: inputs['plan'] ?? '',
    version: inputs['version'] ?? '',
    sha: HEAD,
    digests: DIGESTS,
    made_at: timestamp(world.now),
  } as const
  return signDeployment(event, originOf(id), JOB_SIGNER)
}
