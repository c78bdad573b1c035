import { describe, expect, test } from 'vitest'
import { Draft } from '../../../app/release/draft.ts'
import type { EvidenceRow, RunFacts } from '../../../app/release/ports.ts'
import type { Rollout } from '../../../app/release/state.ts'
import { sayRestored } from '../../../app/rollout/restore.ts'
import { DIGESTS, deployedRow, fullOf, MERGED, NOW, orderOf, OTHER_HEAD, pullOf, recordOf, rolloutOf, rowOf, Story } from '../../support/release.ts'
import { runOf } from '../../support/release-ports.ts'

const FULL = fullOf({ pull: pullOf(MERGED) })
const BEFORE = { version: 'v1.9.0', sha: OTHER_HEAD, digests: { shop: `sha256:${'6'.repeat(64)}` } }
const MOVED = [10, 50, 100].map((step) => ({ step, at: NOW }))
const SERVED: Partial<Rollout> = { stage: 'done', step: 100, startedAt: NOW, shiftedAt: NOW, digests: DIGESTS, moved: MOVED, before: BEFORE }

function at(over: Partial<Rollout> = {}): Story {
  const story = new Story(recordOf({ state: over.stage === 'baking' ? 'canary' : 'ga' }, { rollout: rolloutOf({ ...SERVED, ...over }), rollouts: 1 }))
  story.rows.set('7#3/seal/proven/1', rowOf({ kind: 'pack.seal', key: '7#3/seal/proven/1', outcome: 'proven' }, { id: null }))
  return story
}

/** Taken back by a person, with all traffic home. */
function home(over: Partial<Rollout> = {}): Story {
  const story = at(over)
  story.look({ ...FULL, orders: [orderOf('/rollback customers see errors')] })
  story.carryOut((effect) => effect.kind !== 'weight.set')
  story.look(FULL)
  return story
}

const dispatches = (story: Story) => story.effects('workflow.dispatch').filter(({ workflow }) => workflow === 'deploy.yml')
const run = (story: Story, attempt: number): number => story.rows.get(`7#3/rollout/1/prod/restore/${attempt}`)?.outcome?.id ?? -1
const looked = (runs: readonly RunFacts[], evidence: readonly EvidenceRow[] = []) => ({
  ...FULL,
  evidence,
  runs: new Map(runs.map((one) => [one.id, one])),
})
const word = (of: number, over: object = {}) => deployedRow(of, { ...BEFORE, step: 100, ...over })

describe('a way back after everyone was served', () => {
  test('goes home first, and then deploys the version before, with its commit and digests', () => {
    const story = at()
    story.look({ ...FULL, orders: [orderOf('/rollback customers see errors')] })
    expect(dispatches(story)).toEqual([])
    story.carryOut((effect) => effect.kind !== 'weight.set')
    story.look(FULL)
    expect(dispatches(story)).toMatchObject([
      {
        key: '7#3/rollout/1/prod/restore/1',
        ref: 'main',
        inputs: { version: 'v1.9.0', sha: OTHER_HEAD, environment: 'prod', step: '100', deployment: '', digests: JSON.stringify(BEFORE.digests) },
      },
    ])
    expect(story.record.state).toBe('rolling_back')
    expect(story.data.rollout?.red).toEqual(['v1.9.0 is not deployed again yet'])
  })

  test('is done when that very run says, signed, that it runs those digests; the ledger names the statement', () => {
    const story = home()
    story.carryOut()
    const id = run(story, 1)
    const wrong = [
      word(id + 1),
      word(id, { digests: DIGESTS }),
      word(id, { sha: recordOf().head }),
      word(id, { version: 'v2.0.0' }),
      word(id, { event: 'withdrawn' }),
      word(id, { environment: 'stage' }),
      word(id, { step: 50 }),
    ]
    story.look(looked([runOf(id, { status: 'in_progress', conclusion: null })], wrong))
    expect(story.record.state).toBe('rolling_back')
    const right = word(id)
    story.look(looked([runOf(id)], [...wrong, right]))
    expect(story.record.state).toBe('rolled_back')
    expect(story.events.find(({ type }) => type === 'restored')?.data).toMatchObject({ version: 'v1.9.0', statement: right.evidence.digest })
    expect(dispatches(story)).toHaveLength(1)
    expect(sayRestored(new Draft(story.record, story.rows), story.data.rollout ?? rolloutOf())).toMatch(/^v1.9.0 is deployed again/)
  })

  test('a run that ends without that word is started again, five times; then a person is told what to do, and heard', () => {
    const story = home()
    const runs: RunFacts[] = []
    for (let attempt = 1; attempt <= 5; attempt++) {
      story.carryOut()
      runs.push(runOf(run(story, attempt), { conclusion: attempt % 2 === 1 ? 'failure' : 'success' }))
      story.look(looked(runs))
    }
    expect(dispatches(story)).toHaveLength(5)
    expect(story.data.rollout?.red?.[0]).toMatch(/^deploy.yml was started 5 times to deploy v1.9.0 again .* re-run its last run$/)
    expect(story.record.state).toBe('rolling_back')
    story.look(looked(runs, [word(run(story, 5))]))
    expect(story.record.state).toBe('rolled_back')
  })
})

test.each([
  [0, false],
  [1, true],
])('a step to everyone whose weight was tried %i times, with no word of its end: deployed again: %s', (attempts, again) => {
  const story = at({ stage: 'shifting', step: 100, moved: MOVED.slice(0, 2), shiftedAt: null })
  story.record = { ...story.record, state: 'full' }
  const effect = { kind: 'weight.set', key: '7#3/rollout/1/prod/100/weight', environment: 'prod', router: 'proxy', percent: 100 } as const
  story.rows.set(effect.key, rowOf(effect, null, { attempts, state: 'failed' }))
  story.look({ ...FULL, orders: [orderOf('/rollback customers see errors')] })
  story.carryOut((each) => each.kind !== 'weight.set')
  story.look(FULL)
  expect(dispatches(story)).toHaveLength(again ? 1 : 0)
})

test.each<[string, Partial<Rollout>, RegExp]>([
  ['during a canary', { stage: 'baking', step: 10, moved: MOVED.slice(0, 1), since: NOW }, /never touched/],
  ['when nothing says what served before', { before: null }, /^Nothing says which version served before/],
])('nothing is deployed again %s, and people read so', (_when, over, words) => {
  const story = home(over)
  expect(dispatches(story)).toEqual([])
  expect(story.record.state).toBe('rolled_back')
  story.carryOut()
  story.look(FULL)
  expect(sayRestored(new Draft(story.record, story.rows), story.data.rollout ?? rolloutOf())).toMatch(words)
  expect(story.effects('comment.write').at(-1)?.body).toMatch(/What happens next\n\n1\. (?:The version before was never touched|Nothing says)/)
})
