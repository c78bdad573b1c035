import { describe, expect, test } from 'vitest'
import { owed } from '../../../app/release/debt.ts'
import type { FullFacts } from '../../../app/release/facts.ts'
import type { ReleaseState } from '../../../app/release/ports.ts'
import type { Granted } from '../../../app/release/voice.ts'
import { waiverIssueKey } from '../../../app/release/waivers.ts'
import {
  configOf,
  configText,
  fullOf,
  HEAD,
  KEY,
  MERGED,
  NOW,
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

const GRANTED: Granted = {
  gate: 'hotfix',
  lane: { must_hold: ['hardening'], covers: ['perf', 'slo'] },
  reason: 'the checkout is down',
  head: HEAD,
  grantedBy: [voiceOf(), voiceOf({ id: 22, login: 'second' })],
  grantedAt: NOW,
  expiresAt: NOW + 86_400_000,
}
const ISSUE = waiverIssueKey(KEY, 1)
const config = configOf(configText().replace('"support/*"] }', '"support/*"], hotfix: { gates: [hardening] } }'))
const LABELLED = { labels: ['hotfix'], head: { ref: 'release/v2.0.1', sha: HEAD, repositoryId: 7 } }
const SERVED = { rollout: rolloutOf({ stage: 'done', step: 100, startedAt: NOW, shiftedAt: NOW }), rollouts: 1, completed: ['prod'] }
const waived = verdictsOf().map((verdict) => (verdict.gate === 'slo' ? verdictOf('slo', 'waived', 'gate.waived') : verdict))

function story(state: ReleaseState, granted: Granted = GRANTED): Story {
  const told = new Story(
    recordOf({ state, version: 'v2.0.1' }, { waivers: [structuredClone(granted)], ...(state === 'ga' ? structuredClone(SERVED) : {}) }),
  )
  told.rows.set(ISSUE, rowOf({ kind: 'issue.open', key: ISSUE, title: '', body: '', labels: [] }, { id: 70 }))
  return told
}

function look(told: Story, over: Partial<FullFacts> = {}): void {
  told.look(fullOf({ pull: pullOf({ ...LABELLED, ...MERGED }), config, verdicts: waived, ...over }))
  told.carryOut()
}

const closed = (told: Story): number[] => told.effects('issue.close').map(({ issue }) => issue)
const comments = (told: Story): string[] => told.effects('comment.write').flatMap(({ pull, body }) => (pull === 70 ? [body] : []))

describe('what a hotfix owes', () => {
  test('is told on its issue while it is owed, and the issue stays open', () => {
    const told = story('ga')
    look(told)
    expect(closed(told)).toEqual([])
    expect(comments(told)).toEqual([expect.stringContaining('- `slo`: waived')])
    look(told)
    expect(comments(told)).toHaveLength(1)
  })

  test('is closed when every gate it covers holds on that commit after the merge, and not before', () => {
    const told = story('proving')
    look(told, { pull: pullOf(LABELLED), verdicts: verdictsOf() })
    expect(closed(told)).toEqual([])
    look(told, { verdicts: verdictsOf() })
    look(told, { verdicts: verdictsOf() })
    expect(closed(told)).toEqual([70])
    expect(told.data.waivers).toMatchObject([{ settled: { why: `every gate it covers holds on commit ${HEAD.slice(0, 12)}`, proven: true } }])
    expect(told.events.map(({ type }) => type)).toContain('hotfix.settled')
  })

  test.each<[string, readonly ('perf' | 'slo' | 'hardening')[], readonly number[]]>([
    ['all of them', ['perf', 'slo', 'hardening'], [70]],
    ['some of them', ['perf', 'hardening'], []],
  ])('is closed by a later release that contains it where %s hold', (_what, holds, issues) => {
    const told = story('ga')
    look(told)
    for (let looks = 0; looks < 2; looks++) look(told, { later: { version: 'v2.0.2', holds } })
    expect(closed(told)).toEqual(issues)
  })

  test.each<[string, ReleaseState, Granted, Partial<FullFacts>]>([
    ['another commit took its place', 'proving', { ...GRANTED, head: OTHER_HEAD }, { pull: pullOf(LABELLED) }],
    ['the pull request was closed', 'proving', GRANTED, { pull: pullOf({ ...LABELLED, state: 'closed' }) }],
  ])('is nothing when %s before anything shipped', (_what, state, granted, over) => {
    const told = story(state, granted)
    for (let looks = 0; looks < 2; looks++) look(told, over)
    expect([closed(told), told.data.waivers[0]?.settled?.proven]).toEqual([[70], false])
  })

  test('of the waiver of one gate nothing is closed by the App', () => {
    const { lane: _lane, ...slo } = GRANTED
    const told = story('ga', { ...slo, gate: 'slo' })
    for (let looks = 0; looks < 2; looks++) look(told, { verdicts: verdictsOf(), later: { version: 'v2.0.2', holds: ['slo'] } })
    expect([closed(told), comments(told)]).toEqual([[], []])
  })
})

test('what is owed is each gate that does not hold, among those that are asked about, with what it is without the waiver', () => {
  const reasons = [
    { code: 'gate.waived' as const, message: 'waived with the hotfix', next: 'bring it' },
    { code: 'slo.burn' as const, message: 'it burns', next: 'look' },
  ]
  const verdicts = [verdictOf('slo', 'waived', 'gate.waived', { reasons }), verdictOf('perf', 'fail'), verdictOf('all_required_gates', 'fail')]
  expect(owed(verdicts, ['slo'])).toEqual(['- `slo`: waived, it burns **Next:** look'])
  expect(owed(verdicts)).toHaveLength(2)
  expect(owed([verdictOf('slo', 'waived', 'gate.waived', { reasons: reasons.slice(0, 1) })])).toEqual(['- `slo`: waived'])
  expect(owed(verdictsOf())).toEqual(['- Nothing: every gate holds.'])
})
