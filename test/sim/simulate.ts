/**
 * One seeded life of a release: the real reconcile, outbox and rollout over ports, in virtual time, with lost, repeated and late triggers, API failures
 * before and after the effect, processes that die or are suspended between any two steps, people who push, approve, hold and err, and metrics of every
 * weather. The oracle reads the truth. Everything follows from the seed.
 */
import { GATES } from '../../gates/index.ts'
import { digestOf } from '../../evidence/core/digest.ts'
import { checkpointText } from '../../evidence/ledger/checkpoint.ts'
import { Phase } from '../../evidence/model/phases.ts'
import { keeping, type Keeping } from '../../app/release/keeping.ts'
import { knownRuns } from '../../app/release/known-runs.ts'
import { reconcile, type Context, type Look } from '../../app/release/reconcile.ts'
import { dataOf } from '../../app/release/state.ts'
import type { Ports, Probed } from '../../app/release/ports.ts'
import { deployed, evidence, MUTE } from './jobs.ts'
import { MemoryStore } from './memory-store.ts'
import { unanswered, unleased, unlocked } from './unleased.ts'
import { judgeAdvance, judgeAsking, judgeEnd, judgeHooks, judgeSchema, type Violation } from './oracle.ts'
import { clockOf, effectPort, FLAG, flow, metricsPort, readPort, type World } from './ports.ts'
import { Process } from './process.ts'
import { commented, isByPage, sendByPage, type Sent } from './pages.ts'
import { breakersOf } from './breakers.ts'
import { circumstances } from './circumstances.ts'
import { blind, zeroed, type Mutant } from './mutant.ts'
import { mistake } from './mistakes.ts'
import { rivalOf } from './rival.ts'
import { APPROVERS, BRINGS, HEADS, REPOSITORY } from './setting.ts'
import { PREVIEW_WORKFLOW, sleepersOf, switched } from './previews.ts'
import { Random } from './random.ts'
import { healed, keepStable, migrated } from './schema.ts'
import { weightOf, type SchemaTruth, type Truth, type Weather } from './truth.ts'

export interface Options {
  readonly seed: number
  readonly mutant?: Mutant
  /** Called with each thing that happens, for a person who replays a seed. */
  readonly trace?: (line: string) => void
}

export interface Outcome {
  readonly seed: number
  readonly violations: readonly Violation[]
  readonly state: string
  readonly weather: Weather
  /** The release's last word. */
  readonly sentence: string
  readonly steps: number
  /** Digest of everything that happened: the same seed gives the same trace. */
  readonly trace: string
}

const FAULTS_END = 240_000
const END = 480_000
const KEEPING_MS = 5_000

interface Event {
  readonly at: number
  readonly order: number
  readonly what: string
  readonly run: () => void | Promise<void>
}

export async function simulate({ seed, mutant = 'none', trace = () => {} }: Options): Promise<Outcome> {
  const simulation = new Simulation(seed, mutant, trace)
  return await simulation.run()
}

class Simulation {
  private readonly seed: number
  private readonly mutant: Mutant
  private readonly say: (line: string) => void
  private readonly random: Random
  private readonly truth: Truth
  private readonly world: World
  private readonly store: MemoryStore
  private readonly violations: Violation[] = []
  private readonly queue: Event[] = []
  private readonly suspended: (() => void)[] = []
  private readonly working = new Set<Promise<void>>()
  private wakeLoop: (() => void) | null = null
  private instances: { process: Process; context: Context; keeper: Keeping }[] = []
  private order = 0
  /** As in the worker: a process has one timed look at a release at a time. */
  private readonly ticking = new Set<Process>()
  private readonly slowness: number
  private steps = 0
  private readonly log: string[] = []

  constructor(seed: number, mutant: Mutant, say: (line: string) => void) {
    this.seed = seed
    this.mutant = mutant
    this.say = say
    this.random = new Random(seed)
    const { truth, hooked, config } = circumstances(seed, this.random, { calendar: mutant === 'no-window', schema: mutant === 'no-schema' })
    this.truth = truth
    this.store = new MemoryStore(clockOf(this.truth))
    const calm = this.random.chance(0.2)
    this.slowness = this.random.pick([0, 0.000_2, 0.004, 0.03])
    this.world = {
      truth: this.truth,
      random: this.random,
      config,
      approvers: APPROVERS,
      previousPull: null,
      faults: { failBefore: calm ? 0 : 0.05, failAfter: calm ? 0 : 0.05, failRead: calm ? 0 : 0.03, stalePull: calm ? 0 : 0.05, on: true },
      moving: (percent) => {
        if (percent > weightOf(this.truth)) this.violations.push(...judgeAdvance(this.truth, percent, APPROVERS))
        this.violations.push(...judgeSchema(this.truth, percent))
      },
      deploying: (percent) => {
        if (hooked) this.violations.push(...judgeHooks(this.truth, percent))
      },
      asking: (key) => void this.violations.push(...judgeAsking(this.truth, key)),
      dispatched: (run, inputs, workflow) => this.workflow(run, inputs, workflow),
    }
  }

  async run(): Promise<Outcome> {
    this.start('a')
    if (this.random.chance(0.5)) this.start('b')
    this.at(10, 'the pull request is opened', () => this.trigger('opened'))
    this.people()
    if (this.truth.stable && (this.mutant !== 'no-restore' || this.truth.schema !== null))
      this.at(1, 'the version before serves everyone', () => keepStable(this.store))
    const { schema } = this.truth
    if (schema !== null && schema.healsAt < END) this.at(schema.healsAt, 'the schema is brought back', () => this.heal(schema))
    if (this.seed % 12 === 4) this.at(330_000, 'late rollback', () => this.comment('second', 22, '/rollback the shop feels slow'))
    for (const { at, what, run } of rivalOf(this.truth, this.store)) this.at(at, what, run)
    for (let at = 15_000; at < END; at += 15_000) this.at(at, 'sweep', () => this.sweep())
    this.at(FAULTS_END, 'faults end', () => this.calm())
    await this.loop()
    const record = await this.store.release(`7#3`)
    const [outbox, ledger, waiting] = [await this.store.outbox('7#3'), await this.store.ledger('7#3'), await this.store.pageOrders('7#3')]
    this.violations.push(...judgeEnd({ truth: this.truth, record, outbox, ledger, waiting: waiting.length }))
    return {
      seed: this.seed,
      violations: this.violations,
      state: record?.state ?? 'none',
      weather: this.truth.weather,
      sentence: record === null ? '' : dataOf(record).sentence,
      steps: this.steps,
      trace: digestOf([this.log, this.truth.weights, this.truth.happened]),
    }
  }

  private at(at: number, what: string, run: Event['run']): void {
    const event = { at, order: this.order++, what, run }
    let place = this.queue.length
    while (place > 0 && (this.queue[place - 1]?.at ?? 0) > at) place -= 1
    this.queue.splice(place, 0, event)
  }

  private after(ms: number, what: string, run: Event['run']): void {
    this.at(this.truth.now + ms, what, run)
  }

  private async loop(): Promise<void> {
    while (this.queue.length > 0) {
      const event = this.queue.shift()
      if (event === undefined || event.at > END) break
      const elapsed = event.at - this.truth.now
      if (elapsed > 0) flow(this.world, elapsed)
      this.truth.now = Math.max(this.truth.now, event.at)
      this.steps += 1
      this.log.push(`${this.truth.now} ${event.what}`)
      if (!event.what.endsWith('looks') && event.what !== 'timer') this.say(`${(this.truth.now / 1000).toFixed(1).padStart(7)} s  ${event.what}`)
      await event.run()
      await this.quiet()
    }
  }

  /** Until every process has finished its work or is suspended. */
  private async quiet(): Promise<void> {
    while (this.working.size > this.suspended.length) {
      await new Promise<void>((wake) => {
        this.wakeLoop = wake
      })
    }
  }

  private work(task: Promise<void>): void {
    const done: Promise<void> = task.finally(() => {
      this.working.delete(done)
      this.wakeLoop?.()
    })
    this.working.add(done)
  }

  // ------------------------------------------------------------ processes

  private start(name: string): void {
    const stormy = this.truth.now < FAULTS_END
    const process = new Process(name, this.random, { crash: stormy ? 0.000_4 : 0, pause: stormy ? this.slowness : 0 }, (resume) => {
      this.suspended.push(resume)
      this.wakeLoop?.()
      // Mostly a slow call; now and then longer than a lease lives.
      this.after(this.random.chance(0.9) ? this.random.between(50, 4_000) : this.random.between(16_000, 40_000), `${name} resumes`, () => {
        this.suspended.splice(this.suspended.indexOf(resume), 1)
        resume()
      })
    })
    const context = this.contextOf(process)
    this.instances.push({ process, context, keeper: keeping({ ...context.ports, effects: process.guard(effectPort(this.world)) }, name) })
    this.after(50, `${name} starts`, () => this.sweep())
    this.tick(process)
    this.keeps(process)
  }

  private contextOf(process: Process): Context {
    const effects = effectPort(this.world)
    const perform = effects.perform.bind(effects)
    const watched: Ports['effects'] = {
      find: this.mutant === 'no-find' ? async () => null : effects.find.bind(effects),
      perform: async (repository, effect, leave) => {
        if (effect.kind === 'weight.set' && effect.router === FLAG && this.mutant === 'no-flags') return { id: null }
        if (effect.kind === 'pack.keep') throw new Error('a look must not wait for a store of packs')
        const outcome = await perform(repository, effect, leave)
        if (effect.kind === 'hook.call' && this.mutant === 'no-hooks') return { id: null, data: { result: 'ok' } }
        this.say(`           ${process.name}: ${effect.kind} ${effect.key}${effect.kind === 'weight.set' ? ` = ${effect.percent} %` : ''}`)
        return outcome
      },
    }
    const ports: Ports = {
      read: process.guard(readPort(this.world)),
      effects: process.guard(watched),
      metrics: process.guard(this.metrics()),
      probes: process.guard({ look: async () => this.probed() }),
      store: process.guard(this.storeFor()),
      notary: { sign: checkpointText },
      clock: clockOf(this.truth),
      random: { hex: (digits) => this.random.hex(digits) },
      log: { info: () => {}, warn: () => {}, error: () => {} },
    }
    const settings = {
      evidenceDeadlineMs: 120_000,
      sampleMs: 1_000,
      leaseMs: 15_000,
      publicUrl: '',
      log: this.mutant === 'no-log' ? null : (2 as const),
    }
    return { ports, gates: this.mutant === 'no-gates' ? GATES.map(blind) : GATES, owner: process.name, settings, runs: knownRuns() }
  }

  private probed(): Probed {
    const green = this.mutant === 'no-golden' || this.truth.now >= this.truth.greenFrom
    return { status: green ? 200 : 503, note: '' }
  }

  private metrics(): Ports['metrics'] {
    const port = metricsPort(this.world)
    return this.mutant === 'missing-is-zero' ? zeroed(port, this.truth) : port
  }

  private storeFor(): Ports['store'] {
    if (this.mutant === 'no-answers') return unanswered(this.store)
    if (this.mutant === 'no-lock') return unlocked(this.store)
    return this.mutant === 'no-lease' ? unleased(this.store) : this.store
  }

  private look(mode: 'full' | 'tick', changed?: Look['changed']): void {
    if (this.instances.length === 0) return
    const instance = this.random.pick(this.instances)
    const { process, context } = instance
    if (!process.alive || (mode === 'tick' && this.ticking.has(process))) return
    if (mode === 'tick') this.ticking.add(process)
    this.work(this.reconcile(process, context, { mode, ...(changed && { changed }) }))
  }

  private async reconcile(process: Process, context: Context, of: Pick<Look, 'mode' | 'changed'>): Promise<void> {
    const { mode, changed } = of
    try {
      const result = await reconcile(context, { repository: REPOSITORY, pull: 3, ...of })
      if (mode === 'full' && result === 'busy') this.after(500, `${process.name} asks again`, () => this.look(mode, changed))
    } catch {
      if (!process.alive) this.reborn(process)
      else if (mode === 'full') this.after(1_000, `${process.name} tries again`, () => this.look(mode, changed))
    } finally {
      if (mode === 'tick') this.ticking.delete(process)
    }
  }

  private reborn(dead: Process): void {
    if (!this.instances.some((one) => one.process === dead)) return
    this.instances = this.instances.filter((one) => one.process !== dead)
    this.say(`           ${dead.name} was killed`)
    this.after(this.random.between(200, 5_000), `${dead.name} is started again`, () => this.start(dead.name))
  }

  /** Timers: whoever finds a due release looks at it. */
  private tick(process: Process): void {
    this.after(500, 'timer', async () => {
      if (!process.alive) return
      const due = await this.store.due(this.truth.now)
      if (due.length > 0) this.look('tick', ['runs'])
      this.tick(process)
    })
  }

  /** Beside the looks, each process brings packs into their stores; one round at a time. */
  private keeps(process: Process): void {
    this.after(KEEPING_MS, 'packs are kept', () => {
      const keeper = this.instances.find((one) => one.process === process)?.keeper
      if (keeper === undefined) return
      this.work(this.round(process, keeper))
    })
  }

  private async round(process: Process, keeper: Keeping): Promise<void> {
    try {
      if ((await keeper.round()).length > 0 && this.instances.length > 0) this.look('full', ['pull'])
    } catch {
      if (!process.alive) this.reborn(process)
    } finally {
      if (process.alive) this.keeps(process)
    }
  }

  private sweep(): void {
    if (this.instances.length > 0) this.look('full')
  }

  private trigger(why: string): void {
    if (this.world.faults.on && this.random.chance(0.15)) return
    const times = this.world.faults.on && this.random.chance(0.2) ? 2 : 1
    for (let i = 0; i < times; i++)
      this.after(this.random.between(0, 3_000), `webhook: ${why}`, () => {
        if (this.instances.length > 0) this.look('full', [BRINGS[why] ?? 'pull'])
      })
  }

  private calm(): void {
    this.world.faults.on = false
    this.world.previousPull = null
  }

  // ------------------------------------------------------------ people and jobs

  private people(): void {
    for (let at = 3_000; at < END; at += 2_000) this.at(at, 'developer looks', () => this.developer())
    for (let at = 4_000; at < END; at += this.random.between(2_000, 9_000)) this.at(at, 'approver looks', () => this.approver())
    if (this.random.chance(0.3)) this.at(this.random.between(2_000, 20_000), 'a new commit', () => this.push())
    if (this.random.chance(0.15)) this.at(this.random.between(20_000, 60_000), 'hold', () => this.hold())
    if (this.random.chance(0.15))
      this.at(this.random.between(30_000, 90_000), 'rollback', () => this.comment('second', 22, '/rollback the shop feels slow'))
    for (let i = this.random.between(0, 3); i > 0; i--) this.at(this.random.between(5_000, 90_000), 'somebody errs', () => this.err())
    const say = (login: string, id: number, body: string, edited?: boolean): void => this.comment(login, id, body, edited)
    const others = [...breakersOf(this.truth, this.seed, say, (pull) => this.change(pull)), ...sleepersOf(this.seed, say)]
    for (const { at, what, run } of others) this.at(at, what, run)
  }

  private developer(): void {
    const { pull } = this.truth
    if (pull.merged) return
    const gate = this.truth.checks
      .filter((check) => check.sha === pull.head.sha && check.name === 'release-conductor/all_required_gates (main)')
      .toSorted((a, b) => b.id - a.id)[0]
    // An administrator merges what stays red.
    const isForced = this.truth.breakers === 1 && this.truth.now > 60_000
    if ((gate?.conclusion !== 'success' && gate?.conclusion !== 'neutral' && !isForced) || this.random.chance(0.5)) return
    this.change({ ...pull, state: 'closed', merged: true, mergeCommit: '9'.repeat(40) })
    this.say('           merged')
    this.trigger('closed')
  }

  private push(): void {
    const { pull } = this.truth
    const head = HEADS[1]
    if (pull.merged || head === undefined) return
    this.change({ ...pull, head: { ...pull.head, sha: head } })
    this.trigger('synchronize')
  }

  private approver(): void {
    const body = [...this.truth.written].find(([marker]) => marker.includes('status:'))?.[1].body ?? ''
    const plan = /\/promote 100 plan:([0-9a-f]{32})/.exec(body)?.[1]
    if (
      plan === undefined ||
      [...this.truth.comments, ...this.truth.orders].some((said) => said.body.includes(plan) && said.author.login === 'approver')
    )
      return
    const stop = this.random.chance(0.2) ? (/\/promote 10 plan:([0-9a-f]{32})/.exec(body)?.[0] ?? null) : null
    this.comment('approver', 21, stop ?? `/promote plan:${plan}`)
  }

  private hold(): void {
    this.comment('second', 22, '/hold waiting for the vendor')
    this.after(this.random.between(3_000, 60_000), 'resume', () => this.comment('second', 22, '/resume'))
  }

  private err(): void {
    const { login, id, body, edited } = mistake(this.random, [...this.truth.shown.keys()].at(-1) ?? '0'.repeat(32))
    this.comment(login, id, body, edited)
  }

  private comment(login: string, id: number, body: string, edited = false): void {
    const number = this.truth.nextId++
    if (!edited && isByPage(this.seed, number)) return this.onPage({ login, id, body, number })
    commented(this.truth, { login, id, body, number }, edited)
    this.say(`           ${login}: ${body}`)
    this.trigger('issue_comment')
  }

  private onPage(sent: Sent): void {
    this.say(`           ${sent.login}, by page: ${sent.body}`)
    this.work(sendByPage(this.store, this.truth, sent))
    this.trigger('page')
  }

  private change(pull: Truth['pull']): void {
    this.world.previousPull = this.truth.pull
    this.after(3_000, 'caches expire', () => {
      if (this.truth.pull === pull) this.world.previousPull = null
    })
    this.truth.pull = pull
  }

  private deploy(run: number, inputs: Readonly<Record<string, string>>, attempt = 1): Promise<Uint8Array> {
    const schema = migrated(this.truth.schema, inputs, this.truth.now)
    return deployed(run, { inputs, schema, attempt, now: this.truth.now })
  }

  /** And the last deploy run is run again, so that it says so. */
  private async heal(schema: SchemaTruth): Promise<void> {
    healed(schema)
    const last = this.truth.runs.findLast(({ run }) => run.path.endsWith('/deploy.yml') && run.status === 'completed')
    if (last === undefined) return
    const bytes = await this.deploy(last.run.id, last.inputs, 2)
    last.artifact = { id: this.truth.nextId++, name: 'rc-deploy-2', bytes }
    last.run = { ...last.run, attempt: 2, conclusion: 'success' }
    this.trigger('workflow_run')
  }

  private workflow(run: number, inputs: Readonly<Record<string, string>>, workflow: string): void {
    this.after(this.random.between(1_000, 5_000), `run ${run} ends`, async () => {
      const truth = this.truth.runs.find((one) => one.run.id === run)
      if (truth === undefined) return
      const failed = this.world.faults.on && this.random.chance(0.03)
      const phase = workflow === 'deploy.yml' || MUTE.has(workflow) ? null : Phase.parse(inputs['phase'])
      const [{ now }, { config }] = [this.truth, this.world]
      const make = (): Promise<Uint8Array> => (phase === null ? this.deploy(run, inputs) : evidence(run, truth.run.headSha, { phase, config, now }))
      const bytes = failed || MUTE.has(workflow) ? null : await make()
      if (!failed && workflow === PREVIEW_WORKFLOW) switched(this.truth, inputs)
      truth.artifact = bytes === null ? null : { id: this.truth.nextId++, name: `rc-${phase ?? 'deploy'}-1`, bytes }
      truth.run = { ...truth.run, status: 'completed', conclusion: failed ? 'failure' : 'success' }
      this.trigger('workflow_run')
    })
  }
}
