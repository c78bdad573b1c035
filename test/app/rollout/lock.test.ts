import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Facts } from '../../../app/release/facts.ts'
import { next, type Step } from '../../../app/release/next.ts'
import type { EnvironmentLock, EvidenceRow, OutboxRow, StorePort } from '../../../app/release/ports.ts'
import { reconcile } from '../../../app/release/reconcile.ts'
import { dataOf, type Rollout } from '../../../app/release/state.ts'
import { sayLock } from '../../../app/rollout/lock.ts'
import { stateOf } from '../../../app/rollout/steps.ts'
import { openPostgres } from '../../../app/store/postgres.ts'
import type { Sql } from '../../../app/store/sql.ts'
import { openStore } from '../../../app/store/store.ts'
import type { SelfTestPredicate } from '../../../evidence/model/statement.ts'
import { gateById, GATES } from '../../../gates/index.ts'
import { gateCases } from '../../../gates/self-test.ts'
import { postgresBinaries, startCluster, type Cluster } from '../../support/postgres.ts'
import { worldOf, type World } from '../../support/release-ports.ts'
import {
  commentOf,
  configText,
  DIGESTS,
  factsOf,
  fullOf,
  HEAD,
  MERGED,
  NOW,
  orderOf,
  originOf,
  pullOf,
  recordOf,
  REPOSITORY,
  rolloutOf,
  rowOf,
  samplesOf,
  Story,
} from '../../support/release.ts'

/** Markdown without what keeps it from being any. */
function plainOf(markdown: string): string {
  return markdown.replaceAll('\\', '')
}

const FULL = fullOf({ pull: pullOf(MERGED) })
const OURS: EnvironmentLock = { environment: 'prod', release: '7#3', version: 'v2.0.0', rollout: 1, since: NOW, fence: 4 }
const THEIRS: EnvironmentLock = { ...OURS, release: '7#2', version: 'v1.9.0', doing: 'canary 10 %', fence: 5 }
const SEAL = rowOf({ kind: 'pack.seal', key: '7#3/seal/proven/1', outcome: 'proven' }, { id: null })
const HOME = rowOf({ kind: 'weight.set', key: '7#3/rollout/1/prod/stay-home', environment: 'prod', router: 'proxy', percent: 0 }, { id: null })
const BAKING: Partial<Rollout> = { stage: 'baking', startedAt: NOW, shiftedAt: NOW, digests: DIGESTS }

function look(
  over: Partial<Rollout>,
  locks: Facts['locks'],
  of: { full?: typeof FULL; rows?: OutboxRow[]; state?: 'ga' | 'rolled_back' } = {},
): Step {
  const rollout = rolloutOf(over)
  const record = recordOf({ state: of.state ?? stateOf(rollout) }, { rollout, rollouts: 1 })
  const { full = null, rows = [] } = of
  return next(record, factsOf(full, { rows: [SEAL, ...rows], samples: samplesOf(NOW, NOW), ...(locks !== undefined && { locks }) }))
}

function rolloutIn(step: Step): Rollout | null {
  return dataOf(step.record).rollout
}

test('who has it, with what it does there and since when', () => {
  expect(sayLock(THEIRS)).toBe('environment prod is locked by v1.9.0 (canary 10 %), since 1970-01-01T00:16:40.000Z')
})

describe('the lock', () => {
  test.each<[string, Step['lock'], Step]>([
    ['is taken as a rollout begins', { kind: 'take', environment: 'prod', rollout: 1, since: NOW }, look({}, [])],
    ['is what every further change rests on', { kind: 'keep', environment: 'prod', fence: 4 }, look(BAKING, [OURS])],
    [
      'of another environment is nothing to it',
      { kind: 'take', environment: 'prod', rollout: 1, since: NOW },
      look({}, [{ ...THEIRS, environment: 'stage' }]),
    ],
    [
      'is kept while it waits for an approval',
      { kind: 'keep', environment: 'prod', fence: 4 },
      look({ ...BAKING, stage: 'waiting', upTo: 10 }, [OURS]),
    ],
    ['is kept while everything goes home', { kind: 'keep', environment: 'prod', fence: 4 }, look({ ...BAKING, stage: 'withdrawing' }, [OURS])],
    [
      'is kept until weight 0 was said once more',
      { kind: 'keep', environment: 'prod', fence: 4 },
      look({ ...BAKING, stage: 'withdrawn' }, [OURS], { state: 'rolled_back' }),
    ],
    [
      'is free then',
      { kind: 'free', environment: 'prod', fence: 4 },
      look({ ...BAKING, stage: 'withdrawn' }, [OURS], { state: 'rolled_back', rows: [HOME] }),
    ],
    [
      'is free when the last step baked',
      { kind: 'free', environment: 'prod', fence: 4 },
      look({ ...BAKING, stage: 'done', step: 100 }, [OURS], { state: 'ga' }),
    ],
    ['is not asked for again by what has ended', null, look({ ...BAKING, stage: 'done', step: 100 }, [], { state: 'ga' })],
    ['that was not asked about is left alone', null, look(BAKING, undefined)],
  ])('%s', (_what, lock, step) => {
    expect(step.lock).toEqual(lock)
  })

  test('that changes is a change, and stands in the ledger', () => {
    const freed = look({ ...BAKING, stage: 'withdrawn' }, [OURS], { state: 'rolled_back', rows: [HOME] })
    expect(freed.changed).toBe(true)
    expect(freed.events).toContainEqual({ type: 'lock.free', data: { environment: 'prod' } })
  })
})

describe('while another release has it', () => {
  test('a promotion is refused, says who has it, and no line is shown', () => {
    const record = recordOf({ state: 'merged' })
    const step = next(record, factsOf({ ...FULL, orders: [orderOf('/promote')] }, { locks: [THEIRS] }))
    expect(plainOf(dataOf(step.record).answers[0]?.answer ?? '')).toContain(`Nothing was done: ${sayLock(THEIRS)}.`)
    expect(step.lock).toBeNull()
    const status = step.intents.flatMap((effect) => (effect.kind === 'comment.write' ? [effect.body] : []))[0]
    expect(status).toContain(String.raw`> Waits: environment prod is locked by v1.9.0 (canary 10 %), since`.replace(/[()]/g, String.raw`\$&`))
    expect(status).not.toMatch(/plan:[0-9a-f]{32}/)
  })

  test('a rollback waits for nothing', () => {
    const step = look({ ...BAKING, stage: 'withdrawing' }, [THEIRS])
    expect(step.lock).toBeNull()
    expect(step.intents).toMatchObject([{ kind: 'weight.set', percent: 0 }])
  })

  test('a rollout that had it goes back: what it is compared with goes back', () => {
    const step = look(BAKING, [THEIRS])
    expect(step.record.state).toBe('rolling_back')
    expect(rolloutIn(step)).toMatchObject({
      stage: 'withdrawing',
      why: { code: 'locked', sentence: `Roll back: ${sayLock(THEIRS)}, and that release goes back from everyone.` },
    })
    expect(step.intents).toMatchObject([{ kind: 'weight.set', percent: 0 }])
  })

  test('a release that goes back from everyone takes it', () => {
    const full = { ...FULL, orders: [orderOf('/rollback it loses orders')] }
    const step = look({ ...BAKING, stage: 'done', step: 100 }, [THEIRS], { full, state: 'ga' })
    expect(step.lock).toEqual({ kind: 'seize', environment: 'prod', rollout: 1, since: NOW })
    expect(step.events).toContainEqual({ type: 'lock.seize', data: { environment: 'prod', from: 'v1.9.0' } })
    expect(look({ ...BAKING, stage: 'done', step: 100 }, [], { full, state: 'ga' }).lock).toMatchObject({ kind: 'take' })
  })
})

test('a guardian that cannot ask who has it loses nothing by that', () => {
  const story = new Story(recordOf({ state: 'canary' }, { rollout: rolloutOf(BAKING), rollouts: 1 }))
  story.tick(samplesOf(NOW, NOW))
  expect(story.record.state).toBe('canary')
})

const binaries = postgresBinaries()

describe.skipIf(binaries === null)('two Apps on one PostgreSQL', () => {
  let cluster: Cluster
  let pools: Sql[]
  beforeAll(async () => {
    cluster = await startCluster(binaries ?? '')
  })
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.close()))
    await cluster.stop()
  })

  const NOTHING_TO_PROVE = configText().replace(
    /^gates:.*$/m,
    `not_applicable:\n${GATES.filter(({ id }) => id !== 'all_required_gates')
      .map(({ id }) => `  ${id}: { reason: none of it here, by: "@acme/leads" }`)
      .join('\n')}`,
  )

  const OVER_ALL = gateById('all_required_gates')

  /** What shows that the gate over gates can fail: all that is left to prove. */
  function receipt(): EvidenceRow {
    if (OVER_ALL === undefined) throw new Error('the gate over gates is built')
    const predicate: SelfTestPredicate = {
      schema_version: 1,
      gate: OVER_ALL.id,
      gate_version: OVER_ALL.version,
      cases: gateCases(OVER_ALL),
      origin: originOf(5),
      made_at: '2026-11-22T12:00:00.000Z',
    }
    return {
      evidence: { kind: 'self-test', digest: 'd'.repeat(64), signer: 'demo', predicate },
      bundle: 'e'.repeat(64),
      files: [],
      source: 'artifact:5',
    }
  }

  /** An App of its own, which has merged one release and shows its line. */
  async function app(store: StorePort, number: number, version: string): Promise<{ world: World; promote: () => Promise<unknown> }> {
    const pull = pullOf({ number, head: { ...pullOf().head, ref: `release/${version}` } })
    const world = worldOf({ config: NOTHING_TO_PROVE, pull })
    const context = { ...world.context, owner: version, ports: { ...world.ports, store } }
    const of = { repository: REPOSITORY, pull: number, mode: 'full' } as const
    await reconcile(context, of)
    await store.keepEvidence({ releaseKey: `7#${number}`, sha: HEAD, source: 'artifact:5', rows: [receipt()], rejections: [], events: [] })
    world.pull = { ...pull, ...MERGED }
    await reconcile(context, of)
    return {
      world,
      async promote() {
        const status = world.done.findLast((effect) => effect.kind === 'comment.write')
        const line = /\/promote 100 plan:[0-9a-f]{32}/.exec(status?.kind === 'comment.write' ? status.body : '')?.[0] ?? 'no line'
        if (!world.comments.some(({ body }) => body === line)) world.comments.push(commentOf(line))
        for (let ask = 0; ask < 5 && (await reconcile(context, of)) !== 'settled'; ask++);
      },
    }
  }

  test('two promotes at once: exactly one begins, the other is told who has it (T58)', { timeout: 60_000 }, async () => {
    const url = await cluster.database()
    pools = [await openPostgres(url), await openPostgres(url)]
    for (let round = 0; round < 5; round++) {
      const [a, b] = [10 + 2 * round, 11 + 2 * round]
      const apps = await Promise.all(
        pools.map(async (sql, at) => app(await openStore(sql, { now: () => NOW }), at === 0 ? a : b, at === 0 ? `v2.${round}.0` : `v3.${round}.0`)),
      )
      await Promise.all(apps.map((one) => one.promote()))
      const [sql] = pools
      if (sql === undefined) throw new Error('there are two')
      const store = await openStore(sql, { now: () => NOW })
      const records = (await store.releasesOf(REPOSITORY.id)).filter(({ pull }) => pull === a || pull === b)
      const [winner, ...more] = records.filter(({ state }) => state === 'canary')
      const [loser] = records.filter(({ state }) => state === 'merged')
      expect(more).toEqual([])
      expect(await store.locks(REPOSITORY.id)).toMatchObject([{ environment: 'prod', release: winner?.key, version: winner?.version }])
      // Whose it is may be known a moment before its canary is.
      const answer = plainOf(loser === undefined ? '' : (dataOf(loser).answers.at(-1)?.answer ?? ''))
      expect(answer).toMatch(new RegExp(`environment prod is locked by ${winner?.version} \\((?:canary 10 %|merged)\\)`))
      expect(apps.flatMap(({ world }) => world.done).filter(({ kind }) => kind === 'deployment.create')).toHaveLength(1)
      await sql.rows('update conductor.environments set release_key = null')
    }
  })
})
