import { afterEach, describe, expect, test } from 'vitest'
import { GATES } from '../../gates/index.ts'
import type { Ports, ReadPort, ReleaseRecord, Repository, StorePort, Trigger } from '../../app/release/ports.ts'
import type { Context } from '../../app/release/reconcile.ts'
import type { Queue, Work } from '../../app/store/queue.ts'
import { createLogger } from '../../app/telemetry/logger.ts'
import { createMetrics } from '../../app/telemetry/metrics.ts'
import { GitHubError } from '../../app/github/error.ts'
import { startWorker, type Worker, type WorkerOptions } from '../../app/worker.ts'
import { MemoryStore } from '../sim/memory-store.ts'
import { HEAD, KEY, recordOf, REPOSITORY, rolloutOf, SETTINGS, TRACE } from '../support/release.ts'
import { checkpointText } from '../../evidence/ledger/checkpoint.ts'

const clock = { now: () => Date.now() }
let worker: Worker | null = null

afterEach(async () => {
  await worker?.stop(500)
  worker = null
})

/** A queue that only remembers, and hands work to the worker when the test says so. */
function byHand(): Queue & { enqueued: Trigger[]; hand(work: Work): Promise<void> } {
  let handler: ((work: Work) => Promise<void>) | null = null
  const enqueued: Trigger[] = []
  return {
    enqueued,
    async hand(work) {
      if (handler === null) throw new Error('the worker does not work')
      await handler(work)
    },
    enqueue: async (trigger) => void enqueued.push(trigger),
    work: async (given) => {
      handler = given
    },
    depth: async () => enqueued.length,
    stop: async () => {},
  }
}

interface Setting {
  readonly store?: StorePort
  readonly read?: Partial<ReadPort>
  readonly record?: ReleaseRecord
  readonly options?: Partial<WorkerOptions>
}

async function start({ store = new MemoryStore(clock), read = {}, record, options = {} }: Setting = {}) {
  if (record !== undefined) await keep(store, record)
  let output = ''
  const queue = byHand()
  const ports: Ports = {
    read: { pull: async () => null, openPulls: async () => [], queued: async () => [], ...read } as ReadPort,
    effects: { perform: () => Promise.reject(new Error('GitHub does not answer')), find: async () => null },
    metrics: { sample: async () => ({ at: clock.now(), canary: null, stable: null, note: '' }) },
    store,
    notary: { sign: checkpointText },
    clock,
    random: { hex: (digits) => Math.random().toString(16).slice(2).padEnd(digits, '0').slice(0, digits) },
    log: createLogger({ level: 'silent' }),
  }
  const context: Context = { ports, gates: GATES, settings: { ...SETTINGS, sampleMs: 40 }, owner: 'test' }
  worker = await startWorker({
    context,
    queue,
    metrics: createMetrics(),
    log: createLogger({ to: { write: (line: string) => void (output += line) } }),
    sweepMs: 60_000,
    env: null,
    tenant: 'pilot',
    guardian: { round: async () => {} },
    installed: async () => ({ repositories: [], failed: [] }),
    ...options,
  })
  const lines = (): Record<string, unknown>[] =>
    output
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  return { queue, store, lines, worker }
}

async function keep(store: StorePort, release: ReleaseRecord): Promise<void> {
  const lease = await store.lease(`release/${release.key}`, 'begin', clock.now(), 1_000)
  if (lease === null) throw new Error('no lease')
  await store.commit({ release, expected: null, lease, intents: [], events: [], verdicts: [] })
  await store.free(lease)
}

const of = (over: Partial<Trigger> = {}): Trigger => ({ repository: REPOSITORY, pull: 3, why: 'test', ...over })

describe('what must be looked at again', () => {
  test('a release that somebody else holds: the queue keeps the triggers', async () => {
    const { queue, store } = await start({ record: recordOf() })
    await store.lease(`release/${KEY}`, 'another process', clock.now(), 60_000)
    await expect(queue.hand({ key: KEY, triggers: [of({ rerequested: [4] })] })).rejects.toMatchObject({ code: 'again' })
  })

  test('one of several releases of a repository: it gets a trigger of its own, with what was asked for', async () => {
    const { queue, store } = await start({ record: recordOf() })
    await store.lease(`release/${KEY}`, 'another process', clock.now(), 60_000)
    await queue.hand({ key: '7', triggers: [of({ pull: null, rerequested: [4], rerequestedAll: [HEAD] })] })
    expect(queue.enqueued.at(-1)).toMatchObject({ pull: 3, rerequested: [4], rerequestedAll: [HEAD] })
  })

  test('comments that ask for a release are looked at once each, where there is no release; while it cannot be done, the queue keeps them', async () => {
    const read: number[] = []
    const comment: ReadPort['comment'] = async (_repository, id) => {
      read.push(id)
      return id === 5 ? null : Promise.reject(new Error('502'))
    }
    const { queue } = await start({ read: { comment } })
    await queue.hand({ key: KEY, triggers: [of({ asked: [5] }), of({ asked: [5] }), of()] })
    expect(read).toEqual([5])
    await expect(queue.hand({ key: KEY, triggers: [of({ asked: [6] })] })).rejects.toThrow('502')
  })

  test('a look that failed is the queue’s to repeat, and is told', async () => {
    const { queue, lines } = await start({ read: { pull: () => Promise.reject(new Error('502')) } })
    await expect(queue.hand({ key: KEY, triggers: [of()] })).rejects.toThrow('502')
    expect(lines()).toMatchObject([{ level: 'warn', repository: 'acme/shop', pull: 3, why: 'test' }])
  })

  test('a look that failed is counted as failed, beside those that ended', async () => {
    const metrics = createMetrics()
    const answers = [() => Promise.reject(new Error('502')), async () => null]
    const { queue } = await start({ read: { pull: () => (answers.shift() ?? (async () => null))() }, options: { metrics } })
    await expect(queue.hand({ key: KEY, triggers: [of()] })).rejects.toThrow('502')
    await queue.hand({ key: KEY, triggers: [of()] })
    const { values } = await metrics.reconcile.get()
    const counts = values.filter(({ metricName }) => metricName?.endsWith('_count')).map(({ labels, value }) => [labels['result'], value])
    expect(counts).toEqual([
      ['failed', 1],
      ['not-a-release', 1],
    ])
  })

  test('a look that comes while the App ends is kept for the next start', async () => {
    const running = await start({ record: recordOf() })
    await running.worker.stop()
    await expect(running.queue.hand({ key: KEY, triggers: [of()] })).rejects.toMatchObject({ code: 'again' })
  })
})

describe('the sweep', () => {
  const TILL: Repository = { id: 8, owner: 'acme', name: 'till', installationId: 1 }

  test('finds repositories that no delivery named, at once; and asks for the list only every few sweeps', async () => {
    let asked = 0
    let sweeps = 0
    const store = new MemoryStore(clock)
    const counted: StorePort = new Proxy(store, {
      get: (target, property) => {
        if (property === 'openReleases') sweeps += 1
        const member: unknown = Reflect.get(target, property, target)
        return typeof member === 'function' ? (member.bind(target) as unknown) : member
      },
    })
    const installed = async () => {
      asked += 1
      return { repositories: [TILL], failed: [] }
    }
    const { queue } = await start({ store: counted, options: { installed, installedEvery: 4, sweepMs: 5 } })
    await expect.poll(() => queue.enqueued.some((trigger) => trigger.repository.id === 8)).toBe(true)
    expect(queue.enqueued[0]).toEqual({ repository: TILL, pull: null, why: 'wide sweep' })
    await expect.poll(() => sweeps).toBeGreaterThanOrEqual(13)
    expect(asked).toBeLessThanOrEqual(Math.ceil(sweeps / 4))
  })

  test('a list that cannot be had hides no known release', async () => {
    const { queue, lines } = await start({
      record: recordOf(),
      options: { installed: () => Promise.reject(new Error('GitHub does not answer')) },
    })
    await expect.poll(() => queue.enqueued.map(({ why }) => why)).toEqual(['the App started', 'wide sweep'])
    expect(lines()).toMatchObject([{ level: 'warn' }])
  })

  test('a repository-wide trigger looks at open releases and at pull requests nobody told of (T36)', async () => {
    const looked: number[] = []
    const read: Partial<ReadPort> = {
      openPulls: async () =>
        [3, 9].map((number) => ({ number, head: { ref: 'release/v2.0.0', sha: String(number), repositoryId: 7 }, base: 'main' })),
      pull: async (_repository, number) => {
        looked.push(number)
        if (number === 3) throw new Error('502')
        return null
      },
    }
    const { queue, lines } = await start({ read })
    await queue.hand({ key: '7', triggers: [of({ pull: null })] })
    // What is no release after all is looked at once more, as an ordinary pull request.
    expect(looked).toEqual([3, 9, 9])
    // What failed is asked for again by itself, and holds up nobody.
    expect(queue.enqueued.map(({ pull }) => pull)).toEqual([3])
    expect(lines()).toMatchObject([{ level: 'warn', pull: 3 }])
  })
})

describe('forty releases that ended', () => {
  const DAY = 24 * 3_600_000

  async function repository(): Promise<{ readonly queue: ReturnType<typeof byHand>; readonly looked: number[] }> {
    const store = new MemoryStore(clock)
    for (let pull = 1; pull <= 40; pull++) {
      const since = Date.now() - (pull <= 2 ? 1 : 30) * DAY
      const data = { rollout: rolloutOf({ stage: 'done', since }), headSince: since, rollouts: 1 }
      await keep(store, recordOf({ key: `7#${pull}`, pull, state: pull % 2 === 0 ? 'ga' : 'rolled_back' }, data))
    }
    await keep(store, recordOf({ key: '7#41', pull: 41, state: 'canary' }))
    const looked: number[] = []
    const read: Partial<ReadPort> = {
      pull: async (_repository, number) => {
        looked.push(number)
        throw new Error('502')
      },
    }
    return { queue: (await start({ store, read })).queue, looked }
  }

  test('are left alone by the sweep, but for the newest, once an hour', async () => {
    const { queue, looked } = await repository()
    await queue.hand({ key: '7', triggers: [of({ pull: null, why: 'sweep' })] })
    expect(looked).toEqual([1, 2, 41])
    for (const why of ['sweep', 'workflow_run.completed', 'push']) await queue.hand({ key: '7', triggers: [of({ pull: null, why })] })
    expect(looked.slice(3)).toEqual([41, 41, 41])
  })

  test('are looked at at once when they are named', async () => {
    const { queue, looked } = await repository()
    await expect(queue.hand({ key: '7#40', triggers: [of({ pull: 40, why: 'issue_comment.created' })] })).rejects.toThrow('502')
    expect(looked).toEqual([40])
  })
})

describe('a repository that GitHub does not show any more', () => {
  const gone: Partial<ReadPort> = { openPulls: () => Promise.reject(new GitHubError('not-found', 'no installation')) }

  test('is left out of the sweep for longer each time; what an event asked for is kept', async () => {
    const { queue } = await start({ read: gone, record: recordOf({ state: 'canary' }), options: { sweepMs: 5 } })
    await expect.poll(() => queue.enqueued.some(({ why }) => why === 'sweep')).toBe(true)
    await queue.hand({ key: '7', triggers: [of({ pull: null, why: 'sweep' })] })
    const before = queue.enqueued.length
    await new Promise((resolve) => setTimeout(resolve, 100))
    // One may have been on its way.
    expect(queue.enqueued.length).toBeLessThanOrEqual(before + 1)
    await expect(queue.hand({ key: '7', triggers: [of({ pull: null, why: 'sweep' }), of({ pull: null })] })).rejects.toMatchObject({
      afterMs: 4_000,
    })
  })

  test('is swept again once it was read', async () => {
    let isGone = true
    const openPulls: ReadPort['openPulls'] = async (repository) => (isGone ? await (gone.openPulls ?? never)(repository) : [])
    const { queue } = await start({
      read: { openPulls },
      record: recordOf({ state: 'closed' }),
      options: { sweepMs: 5, installed, installedEvery: 1 },
    })
    await queue.hand({ key: '7', triggers: [of({ pull: null, why: 'sweep' })] })
    isGone = false
    await queue.hand({ key: '7', triggers: [of({ pull: null, why: 'installation.created' })] })
    const before = queue.enqueued.length
    await expect.poll(() => queue.enqueued.length).toBeGreaterThan(before + 2)
  })
})

const installed: WorkerOptions['installed'] = async () => ({ repositories: [REPOSITORY], failed: [] })

function never(): never {
  throw new Error('not asked')
}

test('lines about a release carry its five words', async () => {
  const record = recordOf({ state: 'canary', dueAt: 1 }, { rollout: rolloutOf({ stage: 'deploying' }), rollouts: 1 })
  const { lines } = await start({ record })
  await expect.poll(() => lines().length, { timeout: 5_000 }).toBeGreaterThan(0)
  expect(lines()[0]).toMatchObject({ release: 'v2.0.0', env: 'prod', tenant: 'pilot', trace_id: TRACE, sha: HEAD })
})

test('the guardian has its round while the store hangs', async () => {
  const store = new MemoryStore(clock)
  let rounds = 0
  await start({ store, options: { guardian: { round: async () => void (rounds += 1) } } })
  store.due = () => new Promise(() => {})
  const before = rounds
  await expect.poll(() => rounds).toBeGreaterThan(before + 2)
})

test('stop waits for looks under way, but not for ever', async () => {
  let entered = 0
  const read: Partial<ReadPort> = {
    pull: () => {
      entered += 1
      return new Promise(() => {})
    },
  }
  const running = await start({ record: recordOf({ dueAt: 1 }), read })
  await expect.poll(() => entered).toBe(1)
  const from = Date.now()
  await running.worker.stop(300)
  expect(Date.now() - from).toBeGreaterThanOrEqual(290)
  expect(Date.now() - from).toBeLessThan(3_000)
})
