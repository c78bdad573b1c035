import { describe, expect, test } from 'vitest'
import { GATES } from '../../../gates/index.ts'
import { Draft } from '../../../app/release/draft.ts'
import type { FullFacts } from '../../../app/release/facts.ts'
import type { RunFacts } from '../../../app/release/ports.ts'
import { evidenceKey, evidenceRunning } from '../../../app/release/proving.ts'
import type { VerdictContext } from '../../../evidence/model/verdict-context.ts'
import {
  fullOf,
  HEAD,
  MERGED,
  NOW,
  PICTURE,
  pullOf,
  recordOf,
  respondedRow,
  rolloutOf,
  rowOf,
  SETTINGS,
  Story,
  verdictOf,
  verdictsOf,
} from '../../support/release.ts'

const WANTING = verdictsOf('indeterminate')
const DEADLINE = NOW + SETTINGS.evidenceDeadlineMs

function runOf(id: number, status: string): RunFacts {
  return {
    id,
    attempt: 1,
    path: '.github/workflows/release-conductor.yml',
    event: 'workflow_dispatch',
    headSha: HEAD,
    headRepositoryId: 7,
    title: '',
    status,
    conclusion: status === 'completed' ? 'success' : null,
    url: '',
  }
}

/** A story whose checks exist, and the run of its evidence. */
function begun(full: FullFacts = fullOf({ verdicts: WANTING })): Story {
  const story = new Story()
  story.look(full)
  story.carryOut()
  return story
}

function runIdOf(story: Story): number {
  return [...story.rows.values()].find((row) => row.effect.kind === 'workflow.dispatch')?.outcome?.id ?? -1
}

function newest(story: Story, gate: string): unknown {
  const of = story.effects('check.update').filter((effect) => effect.name.includes(`/${gate} `))
  const last = of.at(-1)
  if (last !== undefined) return [last.status, last.conclusion]
  const made = story.effects('check.create').find((effect) => effect.name.includes(`/${gate} `))
  return made === undefined ? undefined : [made.status ?? 'queued', null]
}

test('one check for each commit, base and gate, created before anything is known; it says when agents look from the start (T4, T11)', () => {
  const story = new Story()
  story.look(fullOf({ verdicts: WANTING }))
  const created = story.effects('check.create')
  expect(created.map((effect) => effect.name)).toEqual(GATES.map(({ id }) => `release-conductor/${id} (main)`))
  for (const effect of created) {
    expect(effect).toMatchObject({ sha: HEAD, externalId: effect.key })
    expect(effect.key).toContain('/main/')
  }
  const said = created.map(({ status, output }) => [status ?? 'queued', output.title])
  expect(said.at(-1)).toEqual(['queued', 'Waiting for evidence'])
  for (const each of said.slice(0, -1)) expect(each).toEqual(['in_progress', 'Agents are looking'])
  expect(story.effects('check.update')).toEqual([])
  story.look(fullOf({ verdicts: WANTING }))
  story.carryOut()
  story.look(fullOf({ verdicts: WANTING }))
  expect(story.effects('check.create')).toHaveLength(GATES.length)
})

/** Looks until nothing is wanted any more; every run is as far as `status`. */
function settle(story: Story, full: Partial<FullFacts>, status: string): void {
  for (let looks = 0; looks < 3; looks++) {
    const runs = new Map(
      [...story.rows.values()].flatMap(({ effect, outcome }) =>
        effect.kind === 'workflow.dispatch' && outcome?.id != null ? [[outcome.id, runOf(outcome.id, status)] as const] : [],
      ),
    )
    story.look(fullOf({ ...full, runs }))
    story.carryOut()
  }
}

const outputs = (story: Story, gate: string): string[] =>
  story.effects('check.update').flatMap((effect) => (effect.name.includes(`/${gate} `) ? [`${effect.output.title}\n${effect.output.summary}`] : []))

describe('a further attempt', () => {
  test('shows the gates of its phase under way, numbered, and no other; then it stands beside the first', () => {
    const story = begun()
    settle(story, { verdicts: verdictsOf() }, 'completed')
    const before = outputs(story, 'slo').length
    story.look(fullOf({ verdicts: verdictsOf(), rerequested: ['policy_ci'] }))
    story.carryOut()
    settle(story, { verdicts: verdictsOf() }, 'in_progress')
    expect(outputs(story, 'policy_ci').at(-1)).toContain('Agents are looking again, attempt 2')
    expect(outputs(story, 'hardening').at(-1)).toContain('attempt 2')
    expect(outputs(story, 'slo')).toHaveLength(before)
    settle(story, { verdicts: verdictsOf() }, 'completed')
    expect(outputs(story, 'policy_ci').at(-1)).toContain('**Attempts on this commit.** 1, 2')
    expect(newest(story, 'policy_ci')).toEqual(['completed', 'success'])
  })

  test('has the whole time again', () => {
    const story = begun()
    settle(story, { verdicts: verdictsOf() }, 'completed')
    story.now = DEADLINE + 5_000
    story.look(fullOf({ verdicts: verdictsOf(), rerequested: ['policy_ci'] }))
    story.carryOut()
    settle(story, { verdicts: verdictsOf() }, 'in_progress')
    expect(newest(story, 'policy_ci')).toEqual(['in_progress', null])
    expect(newest(story, 'slo')).toEqual(['completed', 'success'])
  })
})

test('a number stands beside that of the last release, unless another version of the gate counted it', () => {
  const context = { gate_version: 1 } as VerdictContext
  const before = verdictOf('policy_ci', 'pass', undefined, { metrics: { findings: 7 } })
  const summaryFor = (was: VerdictContext | null): string => {
    const story = begun(fullOf())
    story.look(
      fullOf({
        contexts: new Map([['policy_ci', context]]),
        last: { version: 'v1.9.0', decided: [{ gate: 'policy_ci', verdict: before, context: was }] },
      }),
    )
    return story.effects('check.update').find(({ name }) => name.includes('policy_ci'))?.output.summary ?? ''
  }
  expect(summaryFor(context)).toContain('7 (-7)')
  expect(summaryFor({ ...context, gate_version: 2 })).not.toContain('v1.9.0')
  expect(summaryFor(null)).not.toContain('v1.9.0')
})

describe('while the agents look', () => {
  test('what reads evidence is in progress; the gate over gates already says no', () => {
    const story = begun()
    const full = fullOf({ verdicts: WANTING, runs: new Map([[runIdOf(story), runOf(runIdOf(story), 'in_progress')]]) })
    story.look(full)
    expect(newest(story, 'policy_ci')).toEqual(['in_progress', null])
    expect(newest(story, 'hardening')).toEqual(['in_progress', null])
    expect(newest(story, 'all_required_gates')).toEqual(['completed', 'action_required'])
  })

  test('a check that says the same is not written again; one that says something else is', () => {
    const story = begun()
    const full = fullOf({ verdicts: WANTING, runs: new Map([[runIdOf(story), runOf(runIdOf(story), 'in_progress')]]) })
    story.look(full)
    const count = story.effects('check.update').length
    story.now += 5_000
    story.look({ ...full, verdicts: WANTING.map((verdict) => ({ ...verdict, at: '2026-11-22T13:00:00.000Z' })) })
    expect(story.effects('check.update')).toHaveLength(count)
    story.look({ ...full, verdicts: verdictsOf() })
    expect(story.effects('check.update')).toHaveLength(count + GATES.length)
    expect(newest(story, 'policy_ci')).toEqual(['completed', 'success'])
    const keys = story.effects('check.update').map((effect) => effect.key)
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('a run that ended without evidence leaves an open no, not a running check', () => {
    const story = begun()
    story.look(fullOf({ verdicts: WANTING, runs: new Map([[runIdOf(story), runOf(runIdOf(story), 'completed')]]) }))
    expect(newest(story, 'policy_ci')).toEqual(['completed', 'action_required'])
  })

  test('past the deadline it is timed out, run or no run (T13)', () => {
    const story = begun()
    const full = fullOf({ verdicts: WANTING, runs: new Map([[runIdOf(story), runOf(runIdOf(story), 'in_progress')]]) })
    story.now = DEADLINE - 1
    story.look(full)
    expect(newest(story, 'policy_ci')).toEqual(['in_progress', null])
    story.now = DEADLINE
    story.look(full)
    expect(newest(story, 'policy_ci')).toEqual(['completed', 'timed_out'])
    expect(newest(story, 'hardening')).toEqual(['completed', 'timed_out'])
  })

  test('a re-run shows again that somebody looks, although the verdict stands (T10)', () => {
    const story = begun(fullOf())
    story.look(fullOf())
    expect(newest(story, 'policy_ci')).toEqual(['completed', 'success'])
    story.look(fullOf({ rerequested: ['policy_ci'] }))
    expect(newest(story, 'policy_ci')).toEqual(['in_progress', null])
    story.carryOut()
    const run = story.effects('workflow.dispatch').length
    expect(run).toBe(1)
    story.look(fullOf({ runs: new Map([[runIdOf(story), runOf(runIdOf(story), 'completed')]]) }))
    expect(newest(story, 'policy_ci')).toEqual(['completed', 'success'])
  })
})

const anchor = (size: number): FullFacts['anchor'] => ({ size, root: 'a'.repeat(64), note: `origin\n${size}\nroot\n\n— origin sig\n` })
const kept = (story: Story): unknown[] => story.effects('check.update').flatMap((effect) => effect.anchor?.size ?? [])

describe("the ledger's checkpoint", () => {
  test('is in the text of the gate over gates, and in no other check', () => {
    const story = begun()
    story.look(fullOf({ anchor: anchor(7) }))
    for (const effect of story.effects('check.update')) {
      const isAll = effect.name.includes('/all_required_gates ')
      expect(effect.anchor).toEqual(isAll ? { size: 7, root: 'a'.repeat(64) } : undefined)
      expect(effect.output.text?.includes('origin\n7\nroot\n\n— origin sig\n')).toBe(isAll)
    }
  })

  test('rides on what is written anyway: a ledger that only grew writes nothing', () => {
    const story = begun()
    story.look(fullOf({ verdicts: WANTING, anchor: anchor(7) }))
    const count = story.effects('check.update').length
    for (const size of [8, 9, 10]) story.look(fullOf({ verdicts: WANTING, anchor: anchor(size) }))
    expect(story.effects('check.update')).toHaveLength(count)
    story.look(fullOf({ anchor: anchor(11) }))
    expect(kept(story)).toEqual([7, 11])
  })

  test('of a ledger without an entry is none', () => {
    const story = begun()
    story.look(fullOf())
    expect(kept(story)).toEqual([])
  })
})

test('no verdict ever leaves as neutral, skipped or stale: GitHub would count it as passed (T3)', () => {
  for (const verdict of ['pass', 'fail', 'indeterminate', 'waived'] as const)
    for (const now of [NOW, DEADLINE + 1]) {
      const story = begun(fullOf({ verdicts: verdictsOf(verdict) }))
      story.now = now
      story.look(fullOf({ verdicts: verdictsOf(verdict) }))
      const conclusions = story.effects('check.update').map((effect) => effect.conclusion)
      expect(conclusions.filter((conclusion) => conclusion === 'neutral')).toEqual([])
      expect(conclusions.includes('success')).toBe(verdict === 'pass')
    }
})

test('the pull request moved to another base: its checks are others, and are written though they say the same (T7)', () => {
  const story = begun(fullOf())
  story.look(fullOf())
  const full = fullOf({ pull: pullOf({ base: { ref: 'support/1.x', sha: 'b'.repeat(40) } }) })
  story.look(full)
  story.carryOut()
  story.look(full)
  const ids = new Set([...story.rows.values()].filter((row) => row.effect.kind === 'check.create').map((row) => row.outcome?.id))
  const written = new Set(story.effects('check.update').map((effect) => effect.checkRun))
  expect(ids.size).toBe(2 * GATES.length)
  expect([...ids].filter((id) => !written.has(id ?? -1))).toEqual([])
})

test('a release that has ended leaves its checks alone', () => {
  const story = begun()
  story.record = { ...story.record, state: 'abandoned' }
  const before = story.effects('check.update').length
  story.look(fullOf({ pull: pullOf({ state: 'closed' }), verdicts: [verdictOf('policy_ci', 'fail', 'policy_ci.findings')] }))
  expect(story.effects('check.update')).toHaveLength(before)
})

test('evidence is on its way until its run is completed or could not be started', () => {
  const full = fullOf({ verdicts: WANTING })
  const key = evidenceKey(new Draft(recordOf(), new Map()), full, 'P0')
  const effect = { kind: 'workflow.dispatch', key, workflow: 'w', ref: 'r', inputs: {} } as const
  const running = (row: ReturnType<typeof rowOf> | null, runs: FullFacts['runs'] = new Map()): boolean =>
    evidenceRunning(new Draft(recordOf(), new Map(row === null ? [] : [[key, row]])), { ...full, runs }, 'P0')
  expect(running(null)).toBe(false)
  expect(running(rowOf(effect))).toBe(true)
  expect(running(rowOf(effect, null, { state: 'failed' }))).toBe(false)
  expect(running(rowOf(effect, { id: 9 }))).toBe(true)
  expect(running(rowOf(effect, { id: 9 }), new Map([[9, runOf(9, 'queued')]]))).toBe(true)
  expect(running(rowOf(effect, { id: 9 }), new Map([[9, runOf(9, 'completed')]]))).toBe(false)
})

function summaryOf(story: Story, gate: string): string {
  return story.effects('check.update').findLast((effect) => effect.name.includes(`/${gate} `))?.output.summary ?? ''
}

describe('pictures', () => {
  const SERIES = 'd'.repeat(64)
  const evidence = [
    {
      evidence: { kind: 'self-test' as const, digest: '1'.repeat(64), signer: 'demo', predicate: {} as never },
      bundle: '2'.repeat(64),
      files: [
        { path: 'slo/availability.objective.json', sha256: SERIES },
        { path: 'slo/report.json', sha256: '3'.repeat(64) },
      ],
      source: 'artifact:9',
    },
  ]
  test('of each objective stand in the check of its gate, and of no other', () => {
    const story = new Story(recordOf(), { ...SETTINGS, picture: PICTURE })
    story.look(fullOf({ evidence }))
    story.carryOut()
    story.look(fullOf({ evidence }))
    expect(summaryOf(story, 'slo')).toContain(
      `![What was bad, against the budget of availability](https://conductor.example/7-3/${SERIES}?at=-${NOW})`,
    )
    expect(summaryOf(story, 'hardening')).not.toContain('![')
  })

  test('of each step stand in the check of all gates, which is written again when a step began and when the judge ended it, and at no other look', () => {
    const story = new Story(
      recordOf(
        { state: 'canary' },
        { rollout: rolloutOf({ step: 10, stage: 'baking', startedAt: NOW, shiftedAt: NOW, moved: [{ step: 10, at: NOW }] }), rollouts: 1 },
      ),
      { ...SETTINGS, picture: PICTURE },
    )
    const full = fullOf({ pull: pullOf(MERGED) })
    story.look(full)
    story.carryOut()
    for (let look = 0; look < 3; look++) {
      story.now += 100
      story.look(full)
    }
    expect(summaryOf(story, 'all_required_gates')).toContain('at 10 % of prod](https://conductor.example/7-3/1/10?at=0)')
    expect(story.effects('check.update').filter(({ name }) => name.includes('all_required_gates'))).toHaveLength(1)
  })

  test('where nothing can be reached from outside there are none', () => {
    const story = begun(fullOf({ evidence }))
    story.look(fullOf({ evidence }))
    expect(story.effects('check.update').filter(({ output }) => output.summary.includes('!['))).toEqual([])
  })
})

const findings = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    rule: 'image.user-root',
    severity: 'error' as const,
    path: 'Dockerfile',
    line: at + 1,
    message: 'runs as root',
    next: 'Add a USER.',
  }))
const told = (story: Story): [number, number][] => story.effects('check.annotate').map(({ annotations, total }) => [annotations.length, total])
const red = (count: number): FullFacts => fullOf({ verdicts: verdictsOf('fail'), evidence: [respondedRow('images', findings(count))] })

describe('findings on lines', () => {
  test('are shown once each, in pages, in the check of the gate that reads them, and no more than so many', () => {
    const story = new Story()
    story.look(red(120))
    story.carryOut()
    story.look(red(120))
    expect(told(story)).toEqual([
      [50, 50],
      [50, 100],
      [20, 120],
    ])
    const [first] = story.effects('check.annotate')
    expect([...story.rows.values()].find(({ effect }) => effect.kind === 'check.create' && effect.name.includes('hardening'))?.outcome?.id).toBe(
      first?.checkRun,
    )
    story.carryOut()
    story.now += 1_000
    story.look(red(120))
    expect(told(story)).toHaveLength(3)
    story.look(red(400))
    expect(told(story).slice(3)).toEqual([[30, 150]])
  })

  test('are not shown where the gate holds', () => {
    const story = new Story()
    const green = fullOf({ evidence: [respondedRow('images', findings(2))] })
    story.look(green)
    story.carryOut()
    story.look(green)
    expect(told(story)).toEqual([])
  })
})

const madeOf = (story: Story) => story.effects('check.create').filter(({ name }) => name.includes('/policy_ci ')).length
/** Looks twice, as a look finds what the one before made. */
const looked = (story: Story, at: Partial<Pick<Story, 'now' | 'settings'>> = {}): number => {
  Object.assign(story, at)
  for (const _ of [1, 2]) {
    story.look(fullOf({ verdicts: verdictsOf('pass') }))
    story.carryOut()
  }
  return madeOf(story)
}
const by = (app: number) => ({ settings: { ...SETTINGS, app } })

describe('a run that GitHub will not keep or let us change', () => {
  const DAY = 86_400_000
  test('is made anew when it grows old, and says the same at once (T20)', () => {
    const story = new Story()
    expect([NOW, NOW + 180 * DAY, NOW + 181 * DAY, NOW + 181 * DAY].map((now) => looked(story, { now }))).toEqual([1, 1, 2, 2])
    const updates = story.effects('check.update').filter(({ name }) => name.includes('/policy_ci '))
    expect(new Set(updates.map(({ checkRun }) => checkRun)).size).toBe(2)
    expect(newest(story, 'policy_ci')).toEqual(['completed', 'success'])
  })

  test('is made anew when another App made it, and is left alone when it is ours or nobody knows (T19)', () => {
    const story = new Story()
    expect([looked(story), ...[1, 1, 2, 2].map((app) => looked(story, by(app)))]).toEqual([1, 1, 1, 2, 2])
    expect(newest(story, 'policy_ci')).toEqual(['completed', 'success'])
  })
})
