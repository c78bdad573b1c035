/** From a change to a signed delivery: who gets the event, what it says, what becomes of it. */
import { createHmac, randomUUID } from 'node:crypto'
import { checkWebhook } from '../contract/index.ts'
import type { FaultPlan } from '../http/faults.ts'
import { seeded } from '../http/faults.ts'
import { organization, repository as repositoryShape } from '../shape/repository.ts'
import { user } from '../shape/people.ts'
import { nodeId, stamp, type World } from '../world/world.ts'
import type { Account, App, Delivery, Json, Repository } from '../world/model.ts'
import { post } from './post.ts'

/** Permission an App needs to get an event; none: every App gets it. */
const NEEDS: Readonly<Record<string, string | null>> = {
  check_run: 'checks',
  check_suite: 'checks',
  deployment: 'deployments',
  deployment_protection_rule: 'deployments',
  deployment_status: 'deployments',
  installation: null,
  issue_comment: 'issues',
  issues: 'issues',
  pull_request: 'pull_requests',
  push: 'contents',
  release: 'contents',
  workflow_run: 'actions',
}

const MAX_PAYLOAD = 25_000_000

export interface Decision {
  readonly event: string
  readonly lost: boolean
  readonly repeated: boolean
  readonly held: boolean
  readonly delay: number
}

export interface Emission {
  readonly event: string
  readonly action: string | null
  readonly repository: Repository | null
  readonly sender: Account
  readonly payload: Json
  /** Only this App gets it. */
  readonly only?: number
}

export class Bus {
  readonly #world: World
  readonly #plan: FaultPlan
  readonly #random: () => number
  readonly #open = new Set<Promise<void>>()
  readonly #closing = new AbortController()
  #tail: Promise<void> = Promise.resolve()
  #held: (() => void)[] = []
  /** What the seed chose, in order: the same seed and the same events give the same list. */
  readonly decisions: Decision[] = []

  constructor(world: World, plan: FaultPlan, seed: number) {
    this.#world = world
    this.#plan = plan
    this.#random = seeded(seed ^ 0x9e3779b9)
  }

  /** Sends an event to every App that is installed, subscribed and permitted. The payload is fixed now; sending happens later. */
  emit(of: Emission): void {
    const { repository } = of
    for (const app of this.#world.apps.values()) {
      if (of.only !== undefined && of.only !== app.id) continue
      const installation = this.#world.installations.find(
        (one) => one.app.id === app.id && (repository === null || one.repositories.has(repository.id)),
      )
      const need = NEEDS[of.event]
      if (!installation || need === undefined) continue
      const automatic = need === null || ((of.event === 'check_run' || of.event === 'check_suite') && installation.permissions['checks'] === 'write')
      if (!automatic && !app.events.includes(of.event)) continue
      if (need !== null && !installation.permissions[need]) continue
      const body = JSON.stringify({
        ...(of.action ? { action: of.action } : {}),
        ...of.payload,
        ...(repository ? { repository: (of.payload['repository'] as Json | undefined) ?? repositoryShape(this.#world, repository) } : {}),
        ...(repository?.owner.type === 'Organization' ? { organization: organization(this.#world, repository.owner) } : {}),
        ...(of.payload['installation'] ? {} : { installation: { id: installation.id, node_id: nodeId('MDIz', installation.id) } }),
        sender: user(this.#world, of.sender),
      })
      const name = of.action ? `${of.event}-${of.action}`.replaceAll('_', '-') : of.event
      const problems = checkWebhook(name, JSON.parse(body))
      if (problems.invalid.length + problems.unknown.length > 0) {
        this.#world.violations.push({
          kind: 'webhook',
          where: name,
          problems: [...problems.invalid, ...problems.unknown.map((key) => `unknown key ${key}`)],
        })
        continue
      }
      if (app.hook && body.length <= MAX_PAYLOAD) this.#schedule(app, of, body, installation.id)
    }
  }

  #decide(event: string): Decision {
    const { lose = 0, repeat = 0, reorder = 0, delayMs = 0 } = this.#plan.faults.webhooks ?? {}
    const dice = [this.#random(), this.#random(), this.#random(), this.#random()]
    const decision = {
      event,
      lost: (dice[0] ?? 1) < lose,
      repeated: (dice[1] ?? 1) < repeat,
      held: (dice[2] ?? 1) < reorder,
      delay: Math.floor((dice[3] ?? 0) * delayMs),
    }
    this.decisions.push(decision)
    return decision
  }

  #schedule(app: App, of: Emission, body: string, installationId: number): void {
    const decision = this.#decide(of.event)
    const first = { app, guid: randomUUID(), event: of.event, action: of.action, body, installationId, repositoryId: of.repository?.id ?? null }
    const send = (lost: boolean): void => this.#track(async () => await this.#send({ ...first, redelivery: false, lost }))
    const go = (): void => {
      send(decision.lost)
      if (decision.repeated) send(false)
    }
    // Held back: goes after the next delivery that is not held, or after half a second.
    if (decision.held) {
      let gone = false
      const once = (): void => {
        if (!gone) go()
        gone = true
      }
      this.#held.push(once)
      this.#track(async () => {
        await this.#pause(500)
        once()
      })
      return
    }
    const after = this.#held
    this.#held = []
    if (decision.delay > 0)
      this.#track(async () => {
        await this.#pause(decision.delay)
        go()
      })
    else go()
    for (const one of after) one()
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#closing.signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #track(work: () => Promise<void>): void {
    const running = work().finally(() => this.#open.delete(running))
    this.#open.add(running)
  }

  async #send(of: Omit<Parameters<typeof this.record>[0], 'id'> & { readonly lost: boolean }): Promise<void> {
    // Deliveries start in order; the next one does not wait longer than a quarter of a second for the one before.
    const before = this.#tail
    const { promise, resolve: done } = Promise.withResolvers<void>()
    this.#tail = promise
    await Promise.race([before, this.#pause(250)])
    const hook = of.app.hook
    try {
      if (hook && !this.#closing.signal.aborted) await this.record({ ...of, id: this.#world.nextId() }, hook, of.lost)
    } finally {
      done()
    }
  }

  /** Sends one delivery and keeps it in the App's log. */
  async record(
    of: {
      readonly id: number
      readonly app: App
      readonly guid: string
      readonly event: string
      readonly action: string | null
      readonly body: string
      readonly installationId: number | null
      readonly repositoryId: number | null
      readonly redelivery: boolean
    },
    hook: { readonly url: string; readonly secret: string },
    lost: boolean,
  ): Promise<Delivery> {
    const sign = (algorithm: string): string => createHmac(algorithm, hook.secret).update(of.body).digest('hex')
    const delivery: Delivery = {
      id: of.id,
      guid: of.guid,
      event: of.event,
      action: of.action,
      installationId: of.installationId,
      repositoryId: of.repositoryId,
      deliveredAt: stamp(this.#world),
      redelivery: of.redelivery,
      headers: {
        accept: '*/*',
        'content-type': 'application/json',
        'user-agent': 'GitHub-Hookshot/044aadd',
        'x-github-delivery': of.guid,
        'x-github-event': of.event,
        'x-github-hook-id': String(of.app.id * 10 + 1),
        'x-github-hook-installation-target-id': String(of.app.id),
        'x-github-hook-installation-target-type': 'integration',
        'x-hub-signature': `sha1=${sign('sha1')}`,
        'x-hub-signature-256': `sha256=${sign('sha256')}`,
      },
      body: of.body,
      duration: 0,
      status: 'pending',
      statusCode: 0,
      answer: null,
    }
    this.#world.deliveries.push(delivery)
    const begun = performance.now()
    const outcome = lost
      ? { status: 'failed to connect to host', statusCode: 0, answer: null }
      : await post(hook.url, delivery.headers, of.body, this.#closing.signal)
    delivery.duration = Math.round(performance.now() - begun) / 1000
    delivery.status = outcome.status
    delivery.statusCode = outcome.statusCode
    delivery.answer = outcome.answer
    return delivery
  }

  /** Sends a recorded delivery again: same GUID, same bytes, a new log entry. */
  redeliver(app: App, old: Delivery): void {
    const { hook } = app
    if (!hook) return
    const { guid, event, action, body, installationId, repositoryId } = old
    this.#track(async () => {
      await this.record({ id: this.#world.nextId(), app, guid, event, action, body, installationId, repositoryId, redelivery: true }, hook, false)
    })
  }

  get idle(): boolean {
    return this.#open.size === 0
  }

  /** Resolves when nothing is on its way. */
  async settled(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#open)
  }
}
