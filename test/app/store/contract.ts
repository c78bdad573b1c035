/** The cases every store must pass: the one in memory of the simulator, PGlite and PostgreSQL run the very same ones. `make` answers a fresh store. */
import { afterEach, describe, expect, test } from 'vitest'
import { checkChain } from '../../../evidence/ledger/chain.ts'
import type { Verdict } from '../../../evidence/model/verdict.ts'
import type { VerdictContext } from '../../../evidence/model/verdict-context.ts'
import type { Change, Clock, Effect, EvidenceRow, Lease, ReleaseRecord, Sample, StorePort } from '../../../app/release/ports.ts'
import { ledgerContract } from './contract-ledger.ts'

export interface MadeStore {
  readonly store: StorePort
  close(): Promise<void>
}

const SHA = 'a'.repeat(40)
const OTHER_SHA = 'b'.repeat(40)
const KEY = '7#12'
const START = Date.parse('2026-11-22T18:00:00.000Z')

function release(over: Partial<ReleaseRecord> = {}): ReleaseRecord {
  return {
    key: KEY,
    repository: { id: 7, owner: 'acme', name: 'shop', installationId: 3 },
    pull: 12,
    version: 'v2.0.0',
    head: SHA,
    base: 'main',
    state: 'proving',
    traceId: 'c'.repeat(32),
    revision: 1,
    dueAt: null,
    data: { note: 'Grüße \u0000 \u2028 "quoted"', list: [1, 0.1, 1e21, -5], none: null },
    ...over,
  }
}

function effect(key: string): Effect {
  return { key, kind: 'weight.set', environment: 'prod', router: 'prod-proxy', percent: 10 }
}

function verdict(result: 'fail' | 'indeterminate', env = 'all', sha = SHA): Verdict {
  return {
    gate: 'hardening',
    env,
    sha,
    verdict: result,
    metrics: {},
    thresholds: {},
    measured: null,
    evidence: [],
    reasons: [{ code: 'hardening.not-measured', message: 'm', next: 'n' }],
    agent: 'infrasec',
    trace_id: 'c'.repeat(32),
    at: '2026-11-22T18:00:00.000Z',
  }
}

const CONTEXT: VerdictContext = {
  gate_version: 1,
  base: 'main',
  policy_digest: 'd'.repeat(64),
  policy_commit: SHA,
  unreadable: null,
  not_applicable: { reason: 'Grüße', by: '@a' },
  absent_topics: [{ topic: 'manifests', reason: 'no cluster', by: '@a' }],
  own_topics: ['board'],
  inputs: [{ kind: 'policy', sha256: 'd'.repeat(64) }],
  rejections: 2,
  deadline: START,
}

function evidenceRow(source: string, topic: string): EvidenceRow {
  const predicate = { topic } as unknown as EvidenceRow['evidence']['predicate']
  return {
    evidence: { kind: 'agent-response', digest: 'd'.repeat(64), signer: 'demo', predicate } as EvidenceRow['evidence'],
    bundle: 'e'.repeat(64),
    files: [{ path: `ci/${topic}.json`, sha256: 'f'.repeat(64) }],
    source,
  }
}

function change(lease: Lease, over: Partial<Change> = {}): Change {
  return { release: release(), expected: null, lease, intents: [], events: [], verdicts: [], ...over }
}

function sampleAt(offset: number): Sample {
  return { at: START + offset, canary: { requests: 10, errors: 1 }, stable: null, note: 'stable: refused' }
}

export function storeContract(name: string, make: (clock: Clock) => Promise<MadeStore>): void {
  describe(`store: ${name}`, () => {
    const made: MadeStore[] = []
    let now = START
    const clock: Clock = { now: () => now }

    async function fresh(): Promise<StorePort> {
      now = START
      const one = await make(clock)
      made.push(one)
      return one.store
    }
    afterEach(async () => {
      for (const one of made.splice(0)) await one.close()
    })

    async function leaseOf(store: StorePort, owner = 'one', key = KEY): Promise<Lease> {
      const lease = await store.lease(key, owner, now, 30_000)
      if (lease === null) throw new Error(`no lease for ${owner}`)
      return lease
    }
    async function created(over: Partial<Change> = {}): Promise<{ store: StorePort; lease: Lease }> {
      const store = await fresh()
      const lease = await leaseOf(store)
      expect(await store.commit(change(lease, over))).toBe(true)
      return { store, lease }
    }

    test('a release is kept as written, revision 1 first, and found by key, repository and due time', async () => {
      const { store } = await created({ release: release({ dueAt: START + 5000, revision: 99 }) })
      const kept = release({ dueAt: START + 5000, revision: 1 })
      expect(await store.release(KEY)).toEqual(kept)
      expect(await store.release('7#13')).toBeNull()
      expect(await store.releasesOf(7)).toEqual([kept])
      expect(await store.releasesOf(8)).toEqual([])
      expect(await store.due(START + 4999)).toEqual([])
      expect(await store.due(START + 5000)).toEqual([kept])
    })

    test('a release that ended is not open; a held or broken-glass one is', async () => {
      const store = await fresh()
      const states = ['draft', 'ga', 'closed', 'rolled_back', 'abandoned', 'held', 'broken_glass'] as const
      for (const [index, state] of states.entries()) {
        const key = `7#${index}`
        const lease = await leaseOf(store, 'one', key)
        await store.commit(change(lease, { release: release({ key, pull: index, state }) }))
      }
      expect((await store.openReleases()).map((one) => one.state)).toEqual(['draft', 'held', 'broken_glass'])
      expect((await store.recent(4)).map((one) => one.pull)).toEqual([6, 5, 0, 4])
    })

    test('compare and set: the second writer of a revision is told to look again and leaves nothing', async () => {
      const { store, lease } = await created()
      expect(await store.commit(change(lease))).toBe(false)
      expect(await store.commit(change(lease, { expected: 1, release: release({ state: 'ready' }) }))).toBe(true)
      const late = change(lease, {
        expected: 1,
        intents: [effect('late')],
        events: [{ type: 'late', data: {} }],
        verdicts: [{ gate: 'hardening', verdict: verdict('fail'), context: null }],
      })
      expect(await store.commit(late)).toBe(false)
      expect(await store.release(KEY)).toMatchObject({ revision: 2, state: 'ready' })
      expect(await store.outbox(KEY)).toEqual([])
      expect(await store.ledger(KEY)).toEqual([])
      expect(await store.verdicts(KEY, SHA)).toEqual([])
      expect(await store.commit(change(lease, { expected: 2, release: release({ key: '7#99' }) }))).toBe(false)
    })

    test('of many writers of one revision exactly one wins', async () => {
      const { store, lease } = await created()
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) => store.commit(change(lease, { expected: 1, events: [{ type: 'won', data: { index } }] }))),
      )
      expect(answers.filter(Boolean)).toHaveLength(1)
      expect(await store.ledger(KEY)).toHaveLength(1)
    })

    test('a lease is exclusive, renewable, expires, and its fence only rises', async () => {
      const store = await fresh()
      const first = await leaseOf(store)
      expect(first.fence).toBeGreaterThan(0)
      expect(await store.lease(KEY, 'two', now, 30_000)).toBeNull()
      expect((await leaseOf(store)).fence).toBe(first.fence)
      now += 30_000
      const second = await leaseOf(store, 'two')
      expect(second.fence).toBeGreaterThan(first.fence)
      expect(await store.lease(KEY, 'one', now, 30_000)).toBeNull()
      await store.free(first)
      expect(await store.lease(KEY, 'three', now, 30_000)).toBeNull()
      await store.free(second)
      expect((await leaseOf(store, 'three')).fence).toBeGreaterThan(second.fence)
    })

    test('of many that take a free lease exactly one gets it', async () => {
      const store = await fresh()
      const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => store.lease(KEY, `owner ${index}`, now, 30_000)))
      expect(answers.filter((lease) => lease !== null)).toHaveLength(1)
    })

    test('a write with an old fence, a freed lease or no lease at all is refused', async () => {
      const { store, lease } = await created({ intents: [effect('w')] })
      now += 31_000
      const newer = await leaseOf(store, 'two')
      expect(await store.commit(change(lease, { expected: 1 }))).toBe(false)
      expect(await store.start('w', lease)).toBe(false)
      expect(await store.start('w', newer)).toBe(true)
      expect(await store.commit(change(newer, { expected: 1, also: lease }))).toBe(false)
      expect(await store.commit(change(newer, { expected: 1, also: newer }))).toBe(true)
      await store.free(newer)
      expect(await store.commit(change(newer, { expected: 2 }))).toBe(false)
      expect(await store.commit(change({ key: 'never', owner: 'x', fence: 1 }, { expected: 1 }))).toBe(false)
    })

    test('intents beside any release are kept once, with their story, and only under the newest lease', async () => {
      const store = await fresh()
      const lease = await leaseOf(store, 'one', 'cut/7/v2.0.0')
      const wanted = { key: 'cut/7/v2.0.0', lease, intents: [effect('c')], events: [{ type: 'planned', data: { changes: 3 } }] }
      expect(await store.intend(wanted)).toBe(true)
      expect(await store.intend({ ...wanted, events: [] })).toBe(true)
      expect((await store.outbox('cut/7/v2.0.0')).map(({ key, state }) => [key, state])).toEqual([['c', 'intended']])
      expect((await store.ledger('cut/7/v2.0.0')).map(({ type }) => type)).toEqual(['planned', 'effect.intended'])
      expect(await store.openReleases()).toEqual([])
      now += 31_000
      const newer = await leaseOf(store, 'two', 'cut/7/v2.0.0')
      expect(await store.intend({ ...wanted, intents: [effect('d')] })).toBe(false)
      expect(await store.start('c', newer)).toBe(true)
    })

    describe('the lock of an environment', () => {
      const other = release({ key: '7#13', pull: 13, version: 'v2.1.0' })
      const take = { kind: 'take', environment: 'prod', rollout: 1, since: START } as const
      const seize = { ...take, kind: 'seize', rollout: 2 } as const
      const held = { environment: 'prod', release: KEY, version: 'v2.0.0', rollout: 1, since: START, fence: 1 }

      async function two(): Promise<{ store: StorePort; one: Lease; two: Lease }> {
        const { store, lease } = await created()
        const second = await leaseOf(store, 'two', other.key)
        await store.commit(change(second, { release: other }))
        return { store, one: lease, two: second }
      }

      test('is one release’s, and a change that wants it is refused whole', async () => {
        const { store, one, two: second } = await two()
        expect(await store.locks(7)).toEqual([])
        expect(await store.commit(change(one, { expected: 1, lock: take }))).toBe(true)
        expect(await store.locks(7)).toEqual([held])
        expect(await store.locks(8)).toEqual([])
        const refused = change(second, {
          release: { ...other, state: 'canary' },
          expected: 1,
          lock: take,
          intents: [effect('w')],
          events: [{ type: 'decision', data: {} }],
        })
        expect(await store.commit(refused)).toBe(false)
        expect(await store.outbox(other.key)).toEqual([])
        expect(await store.ledger(other.key)).toEqual([])
        expect(await store.release(other.key)).toMatchObject({ state: 'proving', revision: 1 })
        expect(await store.commit({ ...refused, lock: { ...take, environment: 'stage' } })).toBe(true)
        expect((await store.locks(7)).map(({ environment, release: key }) => [environment, key])).toEqual([
          ['prod', KEY],
          ['stage', other.key],
        ])
      })

      test('is kept with its fence, freed by its holder only, and taken anew with a higher one', async () => {
        const { store, one, two: second } = await two()
        await store.commit(change(one, { expected: 1, lock: take }))
        expect(await store.commit(change(one, { expected: 2, lock: { kind: 'keep', environment: 'prod', fence: 1 } }))).toBe(true)
        expect(await store.commit(change(one, { expected: 3, lock: { kind: 'keep', environment: 'prod', fence: 2 } }))).toBe(false)
        expect(await store.commit(change(second, { release: other, expected: 1, lock: { kind: 'free', environment: 'prod', fence: 1 } }))).toBe(true)
        expect(await store.locks(7)).toEqual([held])
        expect(await store.commit(change(one, { expected: 3, lock: { kind: 'free', environment: 'prod', fence: 1 } }))).toBe(true)
        expect(await store.locks(7)).toEqual([])
        expect(await store.commit(change(one, { expected: 4, lock: { kind: 'keep', environment: 'prod', fence: 1 } }))).toBe(false)
        expect(await store.commit(change(second, { release: other, expected: 2, lock: take }))).toBe(true)
        expect(await store.locks(7)).toEqual([{ ...held, release: other.key, version: 'v2.1.0', fence: 2 }])
      })

      test('is seized from whoever has it, who cannot go on', async () => {
        const { store, one, two: second } = await two()
        await store.commit(change(one, { expected: 1, lock: take }))
        expect(await store.commit(change(second, { release: other, expected: 1, lock: seize }))).toBe(true)
        expect(await store.locks(7)).toEqual([{ ...held, release: other.key, version: 'v2.1.0', rollout: 2, fence: 2 }])
        expect(await store.commit(change(one, { expected: 2, lock: { kind: 'keep', environment: 'prod', fence: 1 } }))).toBe(false)
        expect(await store.commit(change(one, { expected: 2 }))).toBe(true)
      })
    })

    test('an expired lease that nobody took still writes', async () => {
      const { store, lease } = await created()
      now += 31_000
      expect(await store.commit(change(lease, { expected: 1 }))).toBe(true)
    })

    test('intent, attempt and outcome are in the outbox and in the ledger', async () => {
      const { store, lease } = await created({ intents: [effect('w1'), effect('w2')], events: [{ type: 'planned', data: {} }] })
      expect(await store.outbox(KEY)).toMatchObject([
        { key: 'w1', releaseKey: KEY, effect: effect('w1'), state: 'intended', outcome: null, error: null, attempts: 0 },
        { key: 'w2', state: 'intended' },
      ])
      expect(await store.start('w1', lease)).toBe(true)
      expect((await store.outbox(KEY))[0]).toMatchObject({ state: 'started', attempts: 1 })
      expect((await store.waiting('weight.set')).map((row) => row.key)).toContain((await store.outbox(KEY))[0]?.key)
      expect(await store.waiting('pack.keep')).toEqual([])
      await store.settle('w1', { outcome: { id: 5, url: 'u', data: { digest: 'x' } } }, [{ type: 'weight', data: { percent: 10 } }])
      expect((await store.outbox(KEY))[0]).toMatchObject({ state: 'done', outcome: { id: 5, url: 'u', data: { digest: 'x' } } })
      expect((await store.waiting('weight.set')).map((row) => row.state)).not.toContain('done')
      const ledger = await store.ledger(KEY)
      expect(ledger.map((entry) => entry.type)).toEqual(['planned', 'effect.intended', 'effect.intended', 'effect.done', 'weight'])
      expect(ledger[1]?.data).toMatchObject({ key: 'w1', kind: 'weight.set', percent: 10, environment: 'prod' })
      expect(ledger[3]?.data).toMatchObject({ key: 'w1', kind: 'weight.set', outcome: { id: 5 } })
      expect(checkChain(ledger)).toHaveProperty('root')
    })

    test('a failure that is not final stays started; a final one is failed and starts no more; a fact beats it', async () => {
      const { store, lease } = await created({ intents: [effect('w')] })
      await store.start('w', lease)
      await store.settle('w', { error: 'socket hang up', final: false }, [])
      expect((await store.outbox(KEY))[0]).toMatchObject({
        state: 'started',
        error: 'socket hang up',
        attempts: 1,
        failedAt: now,
        refusedSince: null,
      })
      expect(await store.start('w', lease)).toBe(true)
      await store.settle('w', { error: '422', final: true }, [])
      expect((await store.outbox(KEY))[0]).toMatchObject({ state: 'failed', error: '422', attempts: 2 })
      expect(await store.start('w', lease)).toBe(false)
      await store.settle('w', { outcome: { id: null } }, [])
      expect((await store.outbox(KEY))[0]).toMatchObject({ state: 'done', error: null })
      expect((await store.ledger(KEY)).map((entry) => entry.type)).toEqual(['effect.intended', 'effect.failed', 'effect.failed', 'effect.done'])
    })

    test('since when an effect is refused is kept, until it fails by something else', async () => {
      const { store, lease } = await created({ intents: [effect('w')] })
      await store.start('w', lease)
      await store.settle('w', { error: '403', final: false, refused: true }, [])
      const first = now
      now += 5_000
      await store.settle('w', { error: '403', final: false, refused: true }, [])
      expect((await store.outbox(KEY))[0]).toMatchObject({ failedAt: now, refusedSince: first })
      await store.settle('w', { error: '502', final: false }, [])
      expect((await store.outbox(KEY))[0]).toMatchObject({ failedAt: now, refusedSince: null })
    })

    test('what is done stays done, and an effect is settled once', async () => {
      const { store, lease } = await created({ intents: [effect('w')] })
      await store.start('w', lease)
      await store.settle('w', { outcome: { id: 1 } }, [])
      await store.settle('w', { outcome: { id: 2 } }, [{ type: 'again', data: {} }])
      await store.settle('w', { error: 'late', final: true }, [])
      expect(await store.start('w', lease)).toBe(false)
      expect((await store.outbox(KEY))[0]).toMatchObject({ state: 'done', outcome: { id: 1 }, error: null })
      expect(await store.ledger(KEY)).toHaveLength(2)
    })

    test('an intent whose key exists is left alone', async () => {
      const { store, lease } = await created({ intents: [effect('w')] })
      await store.start('w', lease)
      expect(
        await store.commit(
          change(lease, { expected: 1, intents: [{ key: 'w', kind: 'weight.set', environment: 'prod', router: 'prod-proxy', percent: 90 }] }),
        ),
      ).toBe(true)
      expect(await store.outbox(KEY)).toMatchObject([{ effect: effect('w'), state: 'started' }])
      expect(await store.ledger(KEY)).toHaveLength(1)
    })

    test('an effect that was never intended cannot start or settle', async () => {
      const { store, lease } = await created()
      await expect(store.start('ghost', lease)).rejects.toMatchObject({ code: 'unknown-effect' })
      await expect(store.settle('ghost', { outcome: { id: null } }, [])).rejects.toMatchObject({ code: 'unknown-effect' })
    })

    test('the newest verdict of each gate and environment, per commit, with what it was decided from', async () => {
      const { store, lease } = await created({ verdicts: [{ gate: 'hardening', verdict: verdict('indeterminate'), context: null }] })
      const verdicts = [verdict('fail'), verdict('fail', 'prod'), verdict('fail', 'all', OTHER_SHA)].map((one) => ({
        gate: 'hardening' as const,
        verdict: one,
        context: one.env === 'prod' ? null : CONTEXT,
      }))
      await store.commit(change(lease, { expected: 1, verdicts }))
      expect(await store.verdicts(KEY, SHA)).toEqual(verdicts.slice(0, 2))
      expect(await store.verdicts(KEY, OTHER_SHA)).toEqual(verdicts.slice(2))
      expect(await store.verdicts('7#13', SHA)).toEqual([])
    })

    test('a source is kept once, with its rejections and its ledger entries', async () => {
      const { store } = await created()
      const source = 'artifact:9'
      const rejections = [{ source, code: 'wrong-commit', message: 'speaks for another commit \u0000' }]
      const keep = {
        releaseKey: KEY,
        sha: SHA,
        source,
        rows: [evidenceRow(source, 'images'), evidenceRow(source, 'commits')],
        rejections,
        events: [{ type: 'evidence.kept', data: {} }],
      }
      await Promise.all([store.keepEvidence(keep), store.keepEvidence(keep), store.keepEvidence(keep)])
      await store.keepEvidence({ ...keep, sha: OTHER_SHA })
      expect(await store.evidence(KEY, SHA)).toEqual(keep.rows)
      expect(await store.evidence(KEY, OTHER_SHA)).toEqual([])
      expect(await store.rejections(KEY)).toEqual(rejections)
      expect([...(await store.sources(KEY))]).toEqual([source])
      expect(await store.ledger(KEY)).toHaveLength(1)
    })

    test('blobs are found by the digest of their bytes', async () => {
      const store = await fresh()
      const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256)
      const digest = await store.putBlob(bytes)
      expect(await store.putBlob(bytes)).toBe(digest)
      expect(await store.blob(digest)).toEqual(bytes)
      expect(await store.blob(await store.putBlob(new Uint8Array()))).toEqual(new Uint8Array())
      expect(await store.blob('0'.repeat(64))).toBeNull()
    })

    test('samples of a step, oldest first, an instant once', async () => {
      const store = await fresh()
      await store.keepSample(KEY, 'prod:10', sampleAt(2000))
      await store.keepSample(KEY, 'prod:10', sampleAt(1000))
      await store.keepSample(KEY, 'prod:10', { ...sampleAt(1000), note: 'again' })
      await store.keepSample(KEY, 'prod:50', sampleAt(3000))
      expect(await store.samples(KEY, 'prod:10')).toEqual([sampleAt(1000), sampleAt(2000)])
      expect(await store.samples(KEY, 'prod:100')).toEqual([])
    })

    ledgerContract({ key: KEY, from: START, fresh, setNow: (at) => (now = at) })
  })
}
