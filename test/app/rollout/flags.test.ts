import { describe, expect, test } from 'vitest'
import type { Effect } from '../../../app/release/ports.ts'
import type { Rollout } from '../../../app/release/state.ts'
import { DIGESTS, fullOf, MERGED, NOW, orderOf, pullOf, recordOf, rolloutOf, rowOf, samplesOf, SETTINGS, Story } from '../../support/release.ts'

const FULL = fullOf({ pull: pullOf(MERGED) })
const BAKING: Partial<Rollout> = { stage: 'baking', since: NOW, startedAt: NOW, shiftedAt: NOW, digests: DIGESTS }
const KEY = '7#3/rollout/1/prod'

function at(over: Partial<Rollout> = {}): Story {
  const plain = rolloutOf({ ...BAKING, ...over })
  const rollout: Rollout = { ...plain, policy: { ...plain.policy, flags: ['search', 'cart'] } }
  const story = new Story(recordOf({ state: 'canary' }, { rollout, rollouts: 1 }))
  story.rows.set('7#3/seal/proven/1', rowOf({ kind: 'pack.seal', key: '7#3/seal/proven/1', outcome: 'proven' }, { id: null }))
  return story
}

const isFlag = (effect: Effect): boolean => effect.kind === 'weight.set' && effect.router !== 'proxy'
const flags = (story: Story) =>
  story.effects('weight.set').flatMap((effect) => (isFlag(effect) ? [`${effect.key.replace(`${KEY}/`, '')} = ${effect.percent}`] : []))

/** The flags had 5 and 0 before. */
function read(story: Story): void {
  story.settle(`${KEY}/flag/search/before`, { id: null, data: { percent: 5 } })
  story.settle(`${KEY}/flag/cart/before`, { id: null, data: { percent: 0 } })
}

/** Both follow to 10 %. */
function ramped(): Story {
  const story = at()
  story.tick()
  read(story)
  story.tick()
  return story
}

const back = { ...FULL, orders: [orderOf('/rollback customers see errors')] }

test('what a flag has is read and recorded before it is set to the percent of the step', () => {
  const story = at()
  story.tick()
  expect(story.effects('weight.read').map(({ router }) => router)).toEqual(['search', 'cart'])
  expect(flags(story)).toEqual([])
  read(story)
  story.tick()
  expect(flags(story)).toEqual(['flag/search/10 = 10', 'flag/cart/10 = 10'])
})

test('the traffic waits for no flag; the next step does, until the deadline', () => {
  const story = ramped()
  story.settle(`${KEY}/flag/search/10`, { id: null })
  story.now = NOW + 6_000
  story.look(FULL, samplesOf(NOW, story.now))
  expect(story.data.rollout).toMatchObject({ step: 10, stage: 'baking' })
  expect(story.data.sentence).toBe('Hold at 10 %: cart is not seen to follow to 10 % yet.')
  story.settle(`${KEY}/flag/cart/10`, { id: null })
  story.look(FULL, samplesOf(NOW, story.now))
  expect(story.data.rollout).toMatchObject({ step: 50 })
  const late = ramped()
  late.now = NOW + 90_000
  late.look(FULL, samplesOf(NOW, late.now))
  expect(late.data.rollout?.stage).toBe('withdrawing')
})

describe('the way back', () => {
  test('puts each flag back to what it had, after the traffic in the same look', () => {
    const story = ramped()
    story.look(back)
    expect(story.effects('weight.set').slice(-3)).toMatchObject([
      { router: 'proxy', percent: 0 },
      { router: 'search', percent: 5 },
      { router: 'cart', percent: 0 },
    ])
  })

  test('is done when each was seen to be back', () => {
    const story = ramped()
    story.look(back)
    story.settle(`${KEY}/withdraw`, { id: null })
    story.settle(`${KEY}/flag/cart/restore`, { id: null })
    story.tick()
    expect(story.record.state).toBe('rolling_back')
    expect(story.data.rollout?.red).toEqual(['the flag search is not back at 5 % yet'])
    story.settle(`${KEY}/flag/search/restore`, { id: null })
    story.tick()
    expect(story.record.state).toBe('rolled_back')
  })

  test('changes no flag that was never read', () => {
    const story = at()
    story.tick()
    story.look(back)
    story.settle(`${KEY}/withdraw`, { id: null })
    story.tick()
    expect(flags(story)).toEqual([])
    expect(story.record.state).toBe('rolled_back')
  })

  test('is said once more when a process that slept may have woken', () => {
    const story = ramped()
    story.look(back)
    story.carryOut()
    story.tick()
    story.now += SETTINGS.leaseMs + 1_000
    story.tick()
    expect(flags(story).slice(-2)).toEqual(['flag/search/stay-home = 5', 'flag/cart/stay-home = 0'])
  })
})

test('only what gives a flag back what it had is marked as the way home', () => {
  const story = ramped()
  story.look(back)
  story.tick()
  const marked = story.effects('weight.set').flatMap(({ key, home }) => (home === true ? [key.replace(`${KEY}/`, '')] : []))
  expect(marked.length).toBeGreaterThan(0)
  expect(marked.every((key) => /^flag\/(search|cart)\/(restore|stay-home)$/.test(key))).toBe(true)
})
