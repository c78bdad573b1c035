import { describe, expect, test } from 'vitest'
import { gatherFull } from '../../../app/release/gather.ts'
import { hotfixIssue, hotfixOf, keepLane, laneOf, laneWords, standingHotfix, waiversNow, type HotfixFacts } from '../../../app/release/hotfix.ts'
import { Draft } from '../../../app/release/draft.ts'
import type { FullFacts } from '../../../app/release/facts.ts'
import { next } from '../../../app/release/next.ts'
import type { PullFacts, ReleaseRecord } from '../../../app/release/ports.ts'
import { reconcile } from '../../../app/release/reconcile.ts'
import { dataOf, type ReleaseData } from '../../../app/release/state.ts'
import type { Granted } from '../../../app/release/voice.ts'
import { grantedInQuarter, waiverIssueKey } from '../../../app/release/waivers.ts'
import {
  commentOf,
  configOf,
  configText,
  factsOf,
  fullOf,
  HEAD,
  KEY,
  NOW,
  orderOf,
  OTHER_HEAD,
  pullOf,
  recordOf,
  REPOSITORY,
  verdictOf,
  verdictsOf,
  voiceOf,
} from '../../support/release.ts'
import { worldOf, type World } from '../../support/release-ports.ts'

const MUST_HOLD = ['hardening', 'supply_chain'] as const
const waive = { gate: 'hotfix', days: 3, must_hold: [...MUST_HOLD] } as const
const first = voiceOf({ waive, reason: 'the checkout is down' })
const GRANTED: Granted = {
  gate: 'hotfix',
  lane: { must_hold: [...MUST_HOLD], covers: ['perf', 'policy_ci', 'preview_budget', 'slo'] },
  reason: 'the checkout is down',
  head: HEAD,
  base: 'main',
  grantedBy: [first, voiceOf({ id: 22, login: 'second', nodeId: 'IC_2', waive })],
  grantedAt: NOW,
  expiresAt: NOW + 86_400_000,
}

/** @param gates of `release.hotfix.gates` */
function textOf(gates = 'supply_chain, hardening, hardening'): string {
  const text = configText().replace('approvers: {', 'approvers: { waive: { users: [approver, second], not: [author] },')
  return text.replace('"support/*"] }', `"support/*"], hotfix: { gates: [${gates}] } }`)
}

const LABELLED: Partial<PullFacts> = { labels: ['type:fix', 'hotfix'], head: { ref: 'release/v2.0.1', sha: HEAD, repositoryId: 7 } }
const fullWith = (over: Partial<FullFacts> = {}): FullFacts => fullOf({ pull: pullOf(LABELLED), config: configOf(textOf()), ...over })
const recordWith = (data: Partial<ReleaseData> = {}): ReleaseRecord => recordOf({ version: 'v2.0.1' }, data)

describe('is it a hotfix?', () => {
  test.each<[string, string, readonly string[], boolean]>([
    ['a patch with the label', 'v2.0.1', ['hotfix'], true],
    ['a patch without it', 'v2.0.1', ['type:fix'], false],
    ['a first version with it', 'v2.0.0', ['hotfix'], false],
    ['a preview of a patch with it', 'v2.0.1-beta.1', ['hotfix'], false],
  ])('%s', (_what, version, labels, is) => {
    expect(hotfixOf(version, { labels }, configOf(textOf()))).toEqual({ is, mustHold: MUST_HOLD })
  })

  test('the label is the one that the config names', () => {
    const config = configOf(textOf().replace('hotfix: { gates', 'hotfix: { label: urgent, gates'))
    expect(hotfixOf('v2.0.1', { labels: ['hotfix'] }, config)?.is).toBe(false)
    expect(hotfixOf('v2.0.1', { labels: ['urgent'] }, config)?.is).toBe(true)
  })

  test('without a config nobody knows, and a config that names no gates has none', () => {
    expect(hotfixOf('v2.0.1', { labels: ['hotfix'] }, { ok: false, code: 'config.absent', message: '' })).toBeNull()
    expect(hotfixOf('v2.0.1', { labels: ['hotfix'] }, configOf())?.mustHold).toEqual([])
  })
})

test('it covers the gates there are, but those that must hold and the gate over gates', () => {
  expect(laneOf(MUST_HOLD, verdictsOf())).toEqual(GRANTED.lane)
  expect(laneOf([], verdictsOf())).toBeNull()
  expect(laneOf(['slo'], [verdictOf('slo'), verdictOf('all_required_gates')])).toBeNull()
})

function asOf(waivers: readonly Granted[], head: string, of: HotfixFacts | null, state: ReleaseRecord['state'] = 'proving'): Granted[] {
  return waiversNow({ ...recordWith({ waivers: [...waivers] }), state }, head, of)
}

describe('what was granted', () => {
  const now = { is: true, mustHold: MUST_HOLD }

  test('covers while the label is there and the config names the same gates', () => {
    expect(asOf([GRANTED], HEAD, now)).toEqual([GRANTED])
    expect(asOf([GRANTED], HEAD, { ...now, is: false })[0]?.off).toContain('label')
    expect(asOf([GRANTED], HEAD, { ...now, mustHold: ['hardening'] })[0]?.off).toContain('other gates')
    expect(asOf([GRANTED], HEAD, { ...now, mustHold: ['hardening', 'slo', 'supply_chain'] })[0]?.off).toContain('other gates')
  })

  test('covers again when it is as it was', () => {
    expect(asOf([{ ...GRANTED, off: 'the label is gone' }], HEAD, now)).toEqual([GRANTED])
  })

  test('stays as it is when nothing could be asked, and of another commit; nothing else is touched', () => {
    const slo = { ...GRANTED, gate: 'slo' as const }
    expect(asOf([GRANTED], HEAD, null)).toEqual([GRANTED])
    expect(asOf([GRANTED, slo], OTHER_HEAD, { ...now, is: false })).toEqual([GRANTED, slo])
    expect(asOf([slo], HEAD, { ...now, is: false })).toEqual([slo])
  })

  test('stays as it is when the release has ended', () => {
    expect(asOf([GRANTED], HEAD, { ...now, is: false }, 'ga')).toEqual([GRANTED])
    const draft = new Draft({ ...recordWith({ waivers: [GRANTED] }), state: 'ga' }, new Map())
    keepLane(draft, fullWith({ pull: pullOf() }))
    expect(draft.data.waivers).toEqual([GRANTED])
  })

  test('is kept with the release, and each turn stands in the ledger once', () => {
    const draft = new Draft(recordWith({ waivers: [GRANTED] }), new Map())
    keepLane(draft, fullWith({ pull: pullOf() }))
    keepLane(draft, fullWith({ pull: pullOf() }))
    expect(draft.data.waivers).toMatchObject([{ off: 'the pull request does not carry the label of a hotfix' }])
    keepLane(draft, fullWith())
    expect(draft.data.waivers).toEqual([GRANTED])
    expect(draft.events.map(({ type, data }) => [type, data['says']])).toEqual([
      ['hotfix', 'covers nothing: the pull request does not carry the label of a hotfix'],
      ['hotfix', 'covers again'],
    ])
  })

  test('is shown until it is over', () => {
    const draft = new Draft(recordWith({ waivers: [GRANTED] }), new Map())
    expect(standingHotfix(draft, NOW)).toEqual(GRANTED)
    expect(standingHotfix(draft, GRANTED.expiresAt)).toBeNull()
    expect(standingHotfix({ data: draft.data, head: OTHER_HEAD, base: draft.base }, NOW)).toBeNull()
  })

  test('counts once in its quarter, however many gates it covers', () => {
    expect(grantedInQuarter([recordWith({ waivers: [GRANTED] })], NOW)).toBe(1)
  })
})

describe('/waive hotfix', () => {
  const body = '/waive hotfix 3d the checkout is down'
  const second = orderOf(body, { login: 'second', id: 22, counted: [21, 22], need: 2 })
  const order = { ...second, voice: second.voice === null ? null : { ...second.voice, waive } }
  const red = verdictsOf().map((verdict) => (verdict.gate === 'slo' ? verdictOf('slo', 'fail', 'slo.burn') : verdict))
  const said = (data: Partial<ReleaseData>, over: Partial<FullFacts> = {}) => {
    const step = next(recordWith(data), factsOf(fullWith({ orders: [order], verdicts: red, ...over })))
    return { step, data: dataOf(step.record), answer: dataOf(step.record).answers.at(-1) }
  }

  test('two people grant one waiver, with one issue that names the gates that are owed', () => {
    const { step, data, answer } = said({ voices: [first] })
    expect(data.waivers).toMatchObject([{ gate: 'hotfix', lane: GRANTED.lane, head: HEAD, expiresAt: NOW + 3 * 86_400_000 }])
    const opened = step.intents.flatMap((effect) => (effect.kind === 'issue.open' ? [effect] : []))
    expect(opened).toMatchObject([{ key: waiverIssueKey(KEY, 1), labels: ['waiver'], title: expect.stringContaining('The hotfix v2.0.1 is waived') }])
    expect(opened[0]?.body).toContain('- `slo`: fail')
    expect(answer?.answer).toContain('without the proof of `perf`, `policy_ci`, `preview_budget`, `slo`')
    expect(answer?.answer).toContain('must hold as always: `hardening`, `supply_chain`')
    expect(step.events).toContainEqual({ type: 'waiver', data: expect.objectContaining({ gate: 'hotfix', ...GRANTED.lane }) })
  })

  test.each<[string, object]>([
    ['one gate', { waive: { gate: 'slo', days: 3 } }],
    ['other days', { waive: { ...waive, days: 4 } }],
    ['another list of gates', { waive: { ...waive, must_hold: ['hardening'] } }],
    ['another commit', { head: OTHER_HEAD }],
  ])('a word for %s is no second one', (_what, over) => {
    const { data, answer } = said({ voices: [{ ...first, ...over }] })
    expect([data.waivers, answer?.answer]).toEqual([[], expect.stringContaining('1 of 2')])
  })

  test('what is waived is not waived again, but what covers nothing is', () => {
    expect(said({ voices: [first], waivers: [GRANTED] }).answer).toMatchObject({
      done: false,
      answer: expect.stringContaining('the hotfix is waived already'),
    })
    const changed = { ...GRANTED, lane: { must_hold: ['slo' as const], covers: ['perf' as const] } }
    expect(said({ voices: [first], waivers: [changed] }).data.waivers).toHaveLength(2)
  })

  test('there must be a gate that it could go without', () => {
    const { data, answer } = said({ voices: [first] }, { verdicts: [verdictOf('hardening', 'fail', 'gate.evidence-absent')] })
    expect([data.waivers, answer?.done]).toEqual([[], false])
  })

  test('its issue says what held then, too', () => {
    const draft = new Draft(recordWith(), new Map())
    const { body } = hotfixIssue(draft, fullWith({ verdicts: red }), {
      lane: { must_hold: ['hardening'], covers: ['perf', 'slo'] },
      voices: [first],
      expiresAt: NOW,
    })
    expect(body).toContain('These held, and are owed when they turn red: `perf`.')
    expect(laneWords({ must_hold: ['hardening'], covers: ['perf'] })).toContain('`hardening`')
  })
})

const LOOK = { repository: REPOSITORY, pull: 3, mode: 'full' } as const

async function worldWith(config: string, pull: Partial<PullFacts> = LABELLED, waivers: readonly Granted[] = []): Promise<World> {
  const world = worldOf({ config, pull: pullOf(pull) })
  const lease = await world.store.lease(KEY, 'test', world.now, 1_000)
  if (lease === null) throw new Error('the lease is free')
  const version = (pull.head ?? pullOf().head).ref.replace('release/', '')
  const intents = waivers.map((_, at) => ({ kind: 'issue.open' as const, key: waiverIssueKey(KEY, at + 1), title: '', body: '', labels: [] }))
  const release = recordOf({ version }, { waivers: structuredClone([...waivers]) })
  await world.store.commit({ release, expected: null, lease, intents, events: [], verdicts: [] })
  await world.store.free(lease)
  for (const login of ['approver', 'second']) world.roles.set(login, 'maintain')
  await reconcile(world.context, LOOK)
  return world
}

async function verdictsIn(world: World): Promise<Record<string, string>> {
  const record = await world.store.release(KEY)
  if (record === null) throw new Error('there is a release')
  const { full } = await gatherFull(world.context, record)
  return Object.fromEntries((full?.verdicts ?? []).map(({ gate, verdict }) => [gate, verdict]))
}

async function answersIn(world: World): Promise<readonly string[]> {
  world.comments.push(
    commentOf('/waive hotfix 3d the checkout is down', 'approver', 21),
    commentOf('/waive hotfix 3d the checkout is down', 'second', 22),
  )
  for (let looks = 0; looks < 3; looks++) await reconcile(world.context, LOOK)
  const record = await world.store.release(KEY)
  return record === null ? [] : dataOf(record).answers.map(({ answer }) => answer)
}

const RED = ['indeterminate', 'indeterminate', 'indeterminate', 'indeterminate']
const covered = (verdicts: Record<string, string>): (string | undefined)[] => GRANTED.lane?.covers.map((gate) => verdicts[gate]) ?? []
const WAIVED = ['waived', 'waived', 'waived', 'waived']

describe('nothing is let through', () => {
  test('by the label alone', async () => {
    const verdicts = await verdictsIn(await worldWith(textOf()))
    expect(covered(verdicts)).toEqual(RED)
    expect(verdicts['all_required_gates']).toBe('indeterminate')
  })

  test('where a gate that must hold is red, in spite of the waiver', async () => {
    const verdicts = await verdictsIn(await worldWith(textOf(), LABELLED, [GRANTED]))
    expect(covered(verdicts)).toEqual(WAIVED)
    expect([verdicts['hardening'], verdicts['supply_chain'], verdicts['all_required_gates']]).toEqual([
      'indeterminate',
      'indeterminate',
      'indeterminate',
    ])
  })

  test.each<[string, string, Partial<PullFacts>, string]>([
    ['of what is no patch', textOf(), { labels: ['hotfix'] }, 'command.not-a-hotfix'],
    ['of what has no label', textOf(), { head: LABELLED.head ?? pullOf().head }, 'command.not-a-hotfix'],
    ['where the config names no gates', textOf(''), LABELLED, 'command.hotfix-without-gates'],
  ])('by a waiver %s: it is refused', async (_what, config, pull, code) => {
    const world = await worldWith(config, pull)
    const answers = await answersIn(world)
    expect(answers).toEqual([expect.stringContaining(code), expect.stringContaining(code)])
    expect(Object.values(await verdictsIn(world))).not.toContain('waived')
  })

  test('by a waiver once a new commit is there', async () => {
    const world = await worldWith(textOf(), LABELLED, [GRANTED])
    world.pull = pullOf({ ...LABELLED, head: { ref: 'release/v2.0.1', sha: OTHER_HEAD, repositoryId: 7 } })
    expect(covered(await verdictsIn(world))).toEqual(RED)
  })

  test('by a waiver while the label is off, or the config names other gates; it is again when they are as they were', async () => {
    const world = await worldWith(textOf(), LABELLED, [GRANTED])
    world.pull = pullOf({ ...LABELLED, labels: ['type:fix'] })
    expect(covered(await verdictsIn(world))).toEqual(RED)
    await reconcile(world.context, LOOK)
    expect(covered(await verdictsIn(world))).toEqual(RED)
    world.pull = pullOf(LABELLED)
    expect(covered(await verdictsIn(world))).toEqual(WAIVED)
    world.config = textOf('hardening')
    expect(covered(await verdictsIn(world))).toEqual(RED)
  })
})

test('two people waive a hotfix, and it is one waiver', async () => {
  const world = await worldWith(textOf())
  const answers = await answersIn(world)
  expect(answers).toEqual([expect.stringContaining('1 of 2'), expect.stringContaining('The hotfix is waived for 3 days')])
  expect(covered(await verdictsIn(world))).toEqual(WAIVED)
  const opened = world.done.flatMap((effect) => (effect.kind === 'issue.open' ? [effect.title] : []))
  expect(opened).toEqual([expect.stringContaining('The hotfix v2.0.1 is waived until')])
  const checks = world.done.flatMap((effect) => (effect.kind === 'check.update' && effect.name.includes('slo') ? [effect] : []))
  expect(checks.at(-1)).toMatchObject({
    conclusion: 'neutral',
    output: { title: expect.stringContaining('waived with the hotfix by approver and second until') },
  })
})
