import { describe, expect, test } from 'vitest'
import { glassExpiry, openGlass, standingGlass } from '../../../app/release/glass.ts'
import { next } from '../../../app/release/next.ts'
import { dataOf, type ReleaseData } from '../../../app/release/state.ts'
import { waiversOf } from '../../../app/release/waivers.ts'
import { Draft } from '../../../app/release/draft.ts'
import type { FullFacts } from '../../../app/release/facts.ts'
import type { ReleaseState } from '../../../app/release/ports.ts'
import type { Granted, Voice } from '../../../app/release/voice.ts'
import type { Outcome as VerdictOutcome } from '../../../evidence/model/verdict.ts'
import { CONFIG_PATH } from '../../../evidence/model/config.ts'
import {
  configOf,
  configText,
  factsOf,
  fullOf,
  HEAD,
  KEY,
  MERGED,
  NOW,
  orderOf,
  OTHER_HEAD,
  pullOf,
  recordOf,
  rolloutOf,
  rowOf,
  Story,
  verdictOf,
  verdictsOf,
  voiceOf,
} from '../../support/release.ts'
import { sealedRelease } from '../../support/sealed-release.ts'
import { worldOf } from '../../support/release-ports.ts'
import { gatherFull } from '../../../app/release/gather.ts'

const waive = { gate: 'all_required_gates', days: null } as const
const GLASS: Granted = {
  gate: 'all_required_gates',
  reason: 'the shop is down',
  head: HEAD,
  grantedBy: [voiceOf({ waive }), voiceOf({ id: 22, login: 'second', nodeId: 'IC_2', waive })],
  grantedAt: NOW,
  expiresAt: NOW + 60_000,
}
const SETTLED = { at: NOW, why: 'every gate holds', proven: true }
const SERVED = rolloutOf({ stage: 'done', step: 100, startedAt: NOW, shiftedAt: NOW })

/** One red gate, and what the gate over gates says of it. */
function redOf(over: VerdictOutcome): FullFacts['verdicts'] {
  return verdictsOf().map((verdict) =>
    verdict.gate === 'slo'
      ? verdictOf('slo', 'fail', 'slo.burn')
      : verdict.gate === 'all_required_gates'
        ? verdictOf('all_required_gates', over, over === 'waived' ? 'gate.glass-broken' : 'all_required_gates.gate-not-held')
        : verdict,
  )
}

function story(state: ReleaseState, glass: Partial<Granted> = {}): Story {
  const isServed = state === 'broken_glass' || state === 'baking'
  const served = isServed ? { rollout: structuredClone(SERVED), rollouts: 1, completed: ['prod'] } : {}
  const told = new Story(recordOf({ state }, { waivers: [structuredClone({ ...GLASS, ...glass })], ...served }))
  // Its issue is open.
  told.rows.set(`${KEY}/waiver/1`, {
    key: `${KEY}/waiver/1`,
    releaseKey: KEY,
    effect: { kind: 'issue.open', key: `${KEY}/waiver/1`, title: '', body: '', labels: [] },
    state: 'done',
    outcome: { id: 70 },
    error: null,
    attempts: 1,
  })
  return told
}

const waivers = waiversOf(recordOf({}, { waivers: [GLASS] }), HEAD, () => ({ id: 70 }))
const MERGED_FULL = { pull: pullOf(MERGED), verdicts: redOf('waived'), waivers }

const draftWith = (glass: Partial<Granted>, head = HEAD): Draft => new Draft(recordOf({ head }, { waivers: [{ ...GLASS, ...glass }] }), new Map())

describe('what stands', () => {
  test('stands on its commit until it is over or closed', () => {
    expect(standingGlass(draftWith({}), NOW)).toMatchObject({ reason: 'the shop is down' })
    expect(standingGlass(draftWith({}), GLASS.expiresAt - 1)).not.toBeNull()
    expect(standingGlass(draftWith({}), GLASS.expiresAt)).toBeNull()
    expect(standingGlass(draftWith({}, OTHER_HEAD), NOW)).toBeNull()
    expect(standingGlass(draftWith({ base: 'support/1' }), NOW)).toBeNull()
    expect(standingGlass(draftWith({ settled: SETTLED }), NOW)).toBeNull()
    expect(standingGlass(draftWith({ gate: 'slo' }), NOW)).toBeNull()
  })

  test('its record is open until it is closed, over or not', () => {
    expect(openGlass({ waivers: [GLASS, { ...GLASS, gate: 'slo' }, { ...GLASS, settled: SETTLED }] })).toEqual([GLASS])
  })

  test('it stands as long as the first word counts', () => {
    expect(glassExpiry([voiceOf({ saidAt: 50 }), voiceOf({ saidAt: 20 })], 100, 60)).toBe(120)
    // A clock of others that is ahead makes no word live longer.
    expect(glassExpiry([voiceOf({ saidAt: 50 })], 100, 40)).toBe(140)
  })
})

describe('a red release with a broken glass', () => {
  test('can be merged, and no incident is made of it', () => {
    const told = story('proving')
    told.look(fullOf({ ...MERGED_FULL, pull: pullOf() }))
    expect(told.record.state).toBe('proving')
    told.look(fullOf(MERGED_FULL))
    expect(told.record.state).toBe('merged')
    expect(told.events).toContainEqual({ type: 'state', data: expect.objectContaining({ why: 'it was merged by break-glass' }) })
    expect(told.events.map(({ type }) => type)).not.toContain('incident')
  })

  test('shows a plan to promote; when it is over, it shows none', () => {
    const told = story('merged')
    told.look(fullOf(MERGED_FULL))
    const [shown] = told.effects('comment.write').filter(({ key }) => key === `${KEY}/comment`)
    expect(shown?.body).toContain('**The glass is broken**')
    expect(shown?.body).toMatch(/promote 100 plan:[0-9a-f]{32}/)
    const over = story('merged', { expiresAt: NOW })
    over.look(fullOf({ ...MERGED_FULL, waivers: [], verdicts: redOf('fail') }))
    expect(over.effects('comment.write').find(({ key }) => key === `${KEY}/comment`)?.body).not.toMatch(/plan:[0-9a-f]{32}/)
  })

  test('goes through a freeze, as long as it stands', () => {
    const window = configOf(configText().replace('release: {', 'release: { window: { allow: ["Mon 10:00-10:01"] },')).config.release.window
    const planIn = (full: Partial<FullFacts>): boolean => {
      const told = story('merged')
      told.look(fullOf({ ...MERGED_FULL, window, ...full }))
      return told.effects('comment.write').some(({ body }) => /plan:[0-9a-f]{32}/.test(body))
    }
    expect(planIn({})).toBe(true)
    expect(planIn({ waivers: [], verdicts: verdictsOf() })).toBe(false)
  })

  test('that baked to its end is shipped and not GA; it is tagged and published, and says what it owes', () => {
    const told = story('baking')
    told.look(fullOf(MERGED_FULL))
    expect(told.record.state).toBe('broken_glass')
    for (let looks = 0; looks < 4; looks++) {
      told.carryOut()
      told.look(fullOf(MERGED_FULL))
    }
    expect(told.record.state).toBe('broken_glass')
    expect(told.effects('release.publish')).toMatchObject([{ body: expect.stringContaining('without the proof of its gates') }])
  })

  test('that was proven in the meantime is GA at once', () => {
    const told = story('baking')
    told.look(fullOf({ ...MERGED_FULL, verdicts: verdictsOf() }))
    expect(told.record.state).toBe('ga')
  })
})

describe('the record', () => {
  test('says what is owed, in one comment that is edited in place', () => {
    const told = story('broken_glass')
    told.look(fullOf(MERGED_FULL))
    const records = () => told.effects('comment.write').filter(({ pull }) => pull === 70)
    expect(records()).toMatchObject([{ comment: null, body: expect.stringContaining('`slo`: fail') }])
    told.carryOut()
    told.look(fullOf(MERGED_FULL))
    expect(records()).toHaveLength(1)
    told.look(fullOf({ ...MERGED_FULL, verdicts: [...redOf('waived').filter(({ gate }) => gate !== 'perf'), verdictOf('perf', 'indeterminate')] }))
    expect(records()).toMatchObject([{}, { comment: expect.any(Number), body: expect.stringContaining('`perf`: indeterminate') }])
    expect(told.effects('issue.close')).toEqual([])
  })

  test('is closed by the App when every gate holds: the release is GA, and a further pack is sealed', () => {
    const told = story('broken_glass')
    told.look(fullOf(MERGED_FULL))
    told.carryOut()
    told.look(fullOf({ ...MERGED_FULL, verdicts: verdictsOf() }))
    expect(told.record.state).toBe('ga')
    expect(told.effects('issue.close')).toMatchObject([{ issue: 70 }])
    expect(told.effects('comment.write').findLast(({ pull }) => pull === 70)?.body).toContain('every required gate holds on commit 111111111111')
    expect(told.effects('pack.seal').map(({ key }) => key)).toContain(`${KEY}/seal/promoted/1/proof`)
    expect(told.events).toContainEqual({ type: 'glass.settled', data: expect.objectContaining({ proven: true }) })
  })

  test('is closed when a later release that contains it is proven: this one is closed, and moves nothing', () => {
    const told = story('broken_glass')
    told.look(fullOf({ ...MERGED_FULL, provenIn: 'v2.1.0' }))
    expect(told.record.state).toBe('closed')
    expect(dataOf(told.record).waivers).toMatchObject([{ settled: { why: expect.stringContaining('v2.1.0'), proven: true } }])
    told.look(fullOf({ ...MERGED_FULL, provenIn: 'v2.1.0' }))
    expect(told.record.state).toBe('closed')
  })

  test.each<[string, ReleaseState, Partial<FullFacts>]>([
    ['the pull request was closed', 'proving', { pull: pullOf({ state: 'closed' }), verdicts: redOf('waived') }],
    ['another commit came', 'proving', { pull: pullOf({ head: { ...pullOf().head, sha: OTHER_HEAD } }), verdicts: redOf('fail') }],
  ])('is closed without proof when %s', (_what, state, full) => {
    const told = story(state)
    told.look(fullOf(full))
    expect(dataOf(told.record).waivers).toMatchObject([{ settled: { proven: false } }])
  })

  test('stays open when the glass is whole again and nothing is proven', () => {
    const told = story('broken_glass', { expiresAt: NOW - 1 })
    told.look(fullOf({ ...MERGED_FULL, waivers: [], verdicts: redOf('fail') }))
    expect(told.record.state).toBe('broken_glass')
    expect(openGlass(dataOf(told.record))).toHaveLength(1)
  })

  test('is closed when everything was taken back, which no glass forbids', () => {
    const told = story('broken_glass')
    told.look(fullOf({ ...MERGED_FULL, orders: [orderOf('/rollback people complain')] }))
    expect(told.record.state).toBe('rolling_back')
    for (let looks = 0; looks < 4; looks++) {
      told.carryOut()
      told.look(fullOf(MERGED_FULL))
    }
    expect(told.record.state).toBe('rolled_back')
    expect(dataOf(told.record).waivers).toMatchObject([{ settled: { why: 'everything was taken back', proven: false } }])
  })
})

test('the gates go on after the merge: evidence is asked for while the record is open', () => {
  const missing = verdictsOf().map((verdict) =>
    verdict.gate === 'policy_ci' ? verdictOf('policy_ci', 'indeterminate', 'gate.evidence-absent') : verdict,
  )
  const asked = (told: Story): number => {
    told.look(
      fullOf({
        ...MERGED_FULL,
        verdicts: missing.map((one) => (one.gate === 'all_required_gates' ? verdictOf('all_required_gates', 'waived') : one)),
      }),
    )
    return told.effects('workflow.dispatch').filter(({ inputs }) => inputs['phase'] === 'P0').length
  }
  expect(asked(story('broken_glass'))).toBe(1)
  expect(asked(story('merged'))).toBe(1)
  expect(asked(story('merged', { settled: SETTLED }))).toBe(0)
})

test('once it is tagged the agents run on the tag, because a merged branch may be gone', () => {
  const shipped = story('broken_glass')
  const tag = { kind: 'tag.create', key: `${KEY}/tag`, tag: 'v2.0.0', sha: HEAD } as const
  shipped.rows.set(tag.key, rowOf(tag, { id: null }))
  const missing = verdictsOf().map((one) => (one.gate === 'policy_ci' ? verdictOf('policy_ci', 'indeterminate') : one))
  shipped.look(fullOf({ ...MERGED_FULL, verdicts: missing }))
  expect(shipped.effects('workflow.dispatch')).toMatchObject([{ ref: 'v2.0.0' }])
})

describe('when it is over', () => {
  test('the release is looked at in full at that very time, once', () => {
    const told = story('ready', { expiresAt: NOW + 5_000 })
    expect(told.look(fullOf({ verdicts: redOf('waived'), waivers })).record.dueAt).toBe(NOW + 5_000)
    told.now = NOW + 5_000
    expect(told.tick().wantsFull).toBe(true)
    expect(told.look(fullOf({ verdicts: redOf('fail') })).record.dueAt).not.toBe(NOW + 5_000)
    expect(told.tick().wantsFull).toBe(false)
  })
})

describe('after the merge', () => {
  const CHANGED = configText().replace('bake: 6s', 'bake: 7s')
  async function configDigest(glass: readonly Granted[]): Promise<boolean> {
    const world = worldOf({ pull: pullOf(MERGED), config: CHANGED })
    const refs: string[] = []
    const read = { ...world.ports.read }
    world.ports.read.file = async (repository, path, ref, maxBytes) => {
      if (path === CONFIG_PATH) refs.push(ref)
      return read.file(repository, path, ref, maxBytes)
    }
    const record = recordOf({ state: 'merged' }, { policy: { commit: 'd'.repeat(40), digest: 'd'.repeat(64) }, waivers: [...glass] })
    await gatherFull(world.context, record)
    return refs[0] === 'main'
  }

  test('the rules are those of now while the proof is owed, and frozen otherwise', async () => {
    expect(await configDigest([GLASS])).toBe(true)
    expect(await configDigest([{ ...GLASS, settled: SETTLED }])).toBe(false)
    expect(await configDigest([])).toBe(false)
  })

  test('a later release is asked for this commit, only while the proof is owed', async () => {
    const world = worldOf({ pull: pullOf(MERGED) })
    world.contained = true
    const later = recordOf({ key: '7#4', pull: 4, version: 'v2.1.0', head: OTHER_HEAD, state: 'ga' })
    world.store.releasesOf = async () => [later]
    const of = async (record: ReturnType<typeof recordOf>): Promise<string | null | undefined> =>
      (await gatherFull(world.context, record)).full?.provenIn
    expect(await of(recordOf({ state: 'broken_glass' }, { waivers: [GLASS] }))).toBe('v2.1.0')
    expect(world.asked).toContain('contains 1111 2222')
    expect(await of(recordOf({ state: 'ga' }))).toBeNull()
    world.contained = false
    expect(await of(recordOf({ state: 'broken_glass' }, { waivers: [GLASS] }))).toBeNull()
  })
})

interface Told {
  readonly record: { readonly state: ReleaseState; readonly data: ReleaseData }
  readonly answer: string
  readonly done: boolean
}

/** What comes of a command in this state. */
function told(orders: FullFacts['orders'], state: ReleaseState, data: Partial<ReleaseData> = {}): Told {
  const isOpen = state === 'proving' || state === 'draft' || state === 'abandoned'
  const pull = isOpen ? pullOf({ draft: state === 'draft', state: state === 'abandoned' ? 'closed' : 'open' }) : pullOf(MERGED)
  const step = next(recordOf({ state }, data), factsOf(fullOf({ orders, pull })))
  const kept = step.record.data as ReleaseData
  const last = kept.answers.at(-1)
  return { record: { state: step.record.state, data: kept }, answer: last?.answer ?? '', done: last?.done ?? false }
}

describe('/break-glass', () => {
  const body = '/break-glass the shop is down'
  const waive = { gate: 'all_required_gates', days: null } as const
  const first = voiceOf({ waive, reason: 'the shop is down', saidAt: NOW - 5 })
  const second = { login: 'second', id: 22, counted: [21, 22], need: 2 }
  const DAY = 86_400_000

  test('one word is noted, and breaks nothing, whatever the policy said', () => {
    const said = told([orderOf(body, { need: 1 })], 'proving')
    expect(said).toMatchObject({ done: true, answer: expect.stringContaining('1 of 2'), record: { data: { waivers: [], voices: [{ id: 21 }] } } })
  })

  test('the word of another person breaks it, until the first of them is too old, with a record and a call', () => {
    const step = next(
      recordOf({ state: 'proving' }, { voices: [first] }),
      factsOf(fullOf({ orders: [orderOf(body, second)], verdicts: verdictsOf('fail') })),
    )
    const saidAt = Math.min(NOW - 5, Date.parse('2026-11-22T12:00:00.000Z'))
    const of = { gate: 'all_required_gates', head: HEAD, grantedAt: NOW, expiresAt: saidAt + DAY, grantedBy: [{ id: 21 }, { id: 22 }] }
    expect((step.record.data as ReleaseData).waivers).toMatchObject([of])
    expect(step.intents).toContainEqual(
      expect.objectContaining({ kind: 'issue.open', key: '7#3/waiver/1', labels: ['break-glass'], body: expect.stringContaining('`slo`: fail') }),
    )
    expect(step.intents).toContainEqual(expect.objectContaining({ kind: 'comment.write', key: '7#3/glass/1/told' }))
    expect(step.record.state).toBe('proving')
  })

  test.each<[string, Partial<Voice>]>([
    ['another commit', { head: OTHER_HEAD }],
    ['one gate', { waive: { gate: 'slo', days: 3 } }],
    ['an approval', { waive: null }],
  ])('a word for %s is no second one', (_what, over) => {
    const said = told([orderOf(body, second)], 'proving', { voices: [{ ...first, ...over }] })
    expect(said).toMatchObject({ answer: expect.stringContaining('1 of 2'), record: { data: { waivers: [] } } })
  })

  test('what is broken is not broken again before it is over', () => {
    const granted = { gate: 'all_required_gates' as const, reason: 'x', head: HEAD, grantedBy: [first, first], grantedAt: 0 }
    const broken = (expiresAt: number): Partial<ReleaseData> => ({ voices: [first], waivers: [{ ...granted, expiresAt }] })
    expect(told([orderOf(body, second)], 'proving', broken(NOW + 1))).toMatchObject({ done: false, answer: expect.stringContaining('already') })
    expect(told([orderOf(body, second)], 'proving', broken(NOW))).toMatchObject({ done: true, record: { data: { waivers: [{}, {}] } } })
  })

  test.each<ReleaseState>(['abandoned', 'rolled_back', 'ga', 'broken_glass', 'draft'])('in %s nothing is broken', (state) => {
    const rollout = rolloutOf({ stage: state === 'rolled_back' ? 'withdrawn' : 'done', step: 100 })
    const data = state === 'abandoned' || state === 'draft' ? {} : { rollout, rollouts: 1, completed: ['prod'] }
    expect(told([orderOf(body, second)], state, { voices: [first], ...data })).toMatchObject({ done: false, record: { data: { waivers: [] } } })
  })
})

test('two people break the glass: the check is neutral, it ships and owes; the title is put right, and it is proven', async () => {
  const shipped = await sealedRelease({ breakGlass: true })
  expect((await shipped.world.store.release(KEY))?.state).toBe('broken_glass')
  const checks = shipped.world.done.flatMap((effect) =>
    effect.kind === 'check.update' && effect.name.includes('all_required_gates') && effect.conclusion !== null ? [effect] : [],
  )
  expect(checks.at(-1)).toMatchObject({
    conclusion: 'neutral',
    waiver: expect.stringMatching(/^[0-9a-f]{64}$/),
    output: { title: expect.stringMatching(/^Not proven, let through by break-glass of approver and second until .*: the shop is down/) },
  })
  const proven = await sealedRelease({ breakGlass: true, proves: true })
  expect((await proven.world.store.release(KEY))?.state).toBe('ga')
  expect(proven.world.done.map(({ kind }) => kind)).toContain('issue.close')
  expect(proven.packs.size).toBe(3)
})
