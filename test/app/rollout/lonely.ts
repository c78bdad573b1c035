/** A canary at 10 % over a store that can fail, a router and metrics by script, and a clock that is moved by hand: for the tests of the guardian. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GATES } from '../../../gates/index.ts'
import type { Log, MetricsPort, ReadPort, ReleaseRecord, Sample, StorePort } from '../../../app/release/ports.ts'
import { reconcile } from '../../../app/release/reconcile.ts'
import type { Rollout } from '../../../app/release/state.ts'
import type { WeightEffect } from '../../../app/rollout/effects.ts'
import { guardian, type Guardian } from '../../../app/rollout/guardian.ts'
import { openRollbackFile, type Append } from '../../../app/rollout/rollback-file.ts'
import { observed } from '../../../app/store/observed.ts'
import { MemoryStore } from '../../sim/memory-store.ts'
import { KEY, NOW, recordOf, rolloutOf, SETTINGS } from '../../support/release.ts'
import { checkpointText } from '../../../evidence/ledger/checkpoint.ts'

export const LOOK = SETTINGS.sampleMs
const quiet: Log = { info() {}, warn() {}, error() {} }

export type StoreFault = 'none' | 'errors' | 'hangs' | 'no-writes'

export class Lonely {
  now = NOW
  readonly clock = { now: () => this.now }
  readonly truth = new MemoryStore(this.clock)
  readonly path = join(mkdtempSync(join(tmpdir(), 'conductor-guardian-')), 'rollbacks.jsonl')
  fault: StoreFault = 'none'
  /** Share of canary requests that fail from now on; null: nothing can be read. */
  share: number | null = 0
  weights: { at: number; percent: number }[] = []
  weight = 10
  routerFails = false
  looks = 0
  sampleMs = LOOK
  private canary = { requests: 0, errors: 0 }
  private sampledAt = NOW
  store: StorePort = this.truth
  guard: Guardian | null = null

  async begin(rollout: Partial<Rollout> = {}): Promise<void> {
    const lease = await this.truth.lease(`release/${KEY}`, 'begin', this.now, 1_000)
    if (lease === null) throw new Error('the store is not empty')
    const canary = rolloutOf({ stage: 'baking', since: NOW, startedAt: NOW, shiftedAt: NOW, ...rollout })
    const policy = { ...canary.policy, bake: { 10: 60_000, 50: 60_000, 100: 60_000 } }
    const release = recordOf({ state: 'canary', dueAt: NOW }, { rollouts: 1, rollout: { ...canary, policy } })
    await this.truth.commit({ release, expected: null, lease, intents: [], events: [{ type: 'opened', data: {} }], verdicts: [] })
    await this.truth.free(lease)
  }

  /** A process: the store as it sees it, and its guardian. A second call is the process after a crash. */
  async start(append?: Append): Promise<Guardian> {
    const guard = guardian({
      metrics: this.metrics,
      traffic: {
        perform: async (effect: WeightEffect) => {
          if (this.routerFails) throw new Error('the router does not answer')
          this.weight = effect.percent
          this.weights.push({ at: this.now, percent: effect.percent })
          return { id: null }
        },
        find: async (effect: WeightEffect) => (this.weight === effect.percent ? { id: null } : null),
      },
      file: await openRollbackFile(this.path, append),
      clock: this.clock,
      settings: { ...SETTINGS, sampleMs: this.sampleMs },
      owner: 'test',
      logOf: () => quiet,
    })
    this.guard = guard
    this.store = observed(this.faulty(), [guard])
    await guard.sendHome()
    return guard
  }

  /** Lets time pass in halves of a look, as the worker does: timed looks when due, then the guardian's round. */
  async pass(looks: number): Promise<void> {
    for (let half = 0; half < looks * 2; half += 1) {
      this.now += this.sampleMs / 2
      await this.timed().catch(() => {})
      await this.guard?.round(this.store)
    }
  }

  async record(): Promise<ReleaseRecord> {
    const record = await this.truth.release(KEY)
    if (record === null) throw new Error('there is no release')
    return record
  }

  async entries(type: string): Promise<number> {
    return (await this.truth.ledger(KEY)).filter((entry) => entry.type === type).length
  }

  private async timed(): Promise<void> {
    for (const release of await this.store.due(this.now)) {
      this.looks += 1
      await reconcile(
        {
          ports: {
            read: unread,
            effects: {
              perform: async (_repository, effect) => {
                if (this.guard?.forbids(effect) === true) throw new Error('withdrawn')
                if (effect.kind !== 'weight.set') throw new Error('GitHub does not answer')
                this.weight = effect.percent
                this.weights.push({ at: this.now, percent: effect.percent })
                return { id: null }
              },
              find: async () => null,
            },
            metrics: this.metrics,
            store: this.store,
            notary: { sign: checkpointText },
            clock: this.clock,
            random: { hex: (digits) => String(this.looks).padStart(digits, '0') },
            log: quiet,
          },
          gates: GATES,
          settings: { ...SETTINGS, sampleMs: this.sampleMs },
          owner: 'worker',
        },
        { repository: release.repository, pull: release.pull, mode: 'tick' },
      )
    }
  }

  private readonly metrics: MetricsPort = {
    sample: async () => {
      const requests = Math.round(((this.now - this.sampledAt) / 1_000) * 100)
      this.sampledAt = this.now
      if (this.weight > 0)
        this.canary = { requests: this.canary.requests + requests, errors: this.canary.errors + Math.round(requests * (this.share ?? 0)) }
      const sample: Sample = {
        at: this.now,
        canary: this.share === null ? null : { ...this.canary },
        stable: { requests: this.now, errors: 0 },
        note: '',
      }
      return sample
    },
  }

  private faulty(): StorePort {
    const writes = new Set(['commit', 'start', 'settle', 'append', 'keepEvidence', 'putBlob', 'keepSample', 'dropSamples', 'lease', 'free'])
    return new Proxy<StorePort>(this.truth, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property, target)
        if (typeof member !== 'function') return member
        return (...given: unknown[]): unknown => {
          if (this.fault === 'hangs') return new Promise(() => {})
          if (this.fault === 'errors') return Promise.reject(new Error('the database is gone'))
          if (this.fault === 'no-writes' && writes.has(String(property))) return Promise.reject(new Error('no space left on device'))
          return Reflect.apply(member, target, given)
        }
      },
    })
  }
}

/** Ticks read nothing from GitHub; whatever would, fails. */
const unread = new Proxy({} as ReadPort, {
  get: () => () => Promise.reject(new Error('GitHub does not answer')),
})
