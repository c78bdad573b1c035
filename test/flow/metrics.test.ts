import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MetricsFault } from './hosting.ts'
import { openRelease } from './release.ts'
import { setStage, type Stage } from './stage.ts'

const FAULTS: readonly MetricsFault[] = ['gone', 'empty', 'nan', 'frozen', 'endless', 'astray']
let stage: Stage

/** One shop for each, all under the same App at the same time. */
beforeAll(async () => {
  stage = await setStage({ shops: FAULTS.map((fault) => `shop-${fault}`), bake: '4s', deadline: '30s', github: { limits: { secondary: false } } })
})

afterAll(async () => {
  await stage[Symbol.asyncDispose]()
})

/** Jobs are dear: one release at a time gets to its canary; then all of them wait for their deadlines together. */
let turn: Promise<unknown> = Promise.resolve()
function inTurn<Made>(make: () => Promise<Made>): Promise<Made> {
  const made = turn.then(make)
  turn = made.catch(() => undefined)
  return made
}

/** As the status comment words it. */
const SAYS: Readonly<Record<MetricsFault, RegExp>> = {
  gone: /metrics are no_data/,
  empty: /metrics are no_data/,
  nan: /metrics are no_data/,
  frozen: /metrics are (?:frozen|no_data)/,
  endless: /metrics are no_data/,
  astray: /the router gave \d+ of \d+ requests to the new version, \d\.\d\d % instead of 10 % \(share-off\)/,
}

test.concurrent.each(FAULTS)(
  'metrics that are %s in the middle of a canary never advance it: it holds, and comes back at the deadline',
  async (fault) => {
    const shop = stage.shops.find((one) => one.name === `shop-${fault}`) ?? stage.shop
    const release = await inTurn(async () => {
      const opened = await openRelease(stage, shop)
      await opened.approve(await opened.merged())
      await opened.until('10 %', () => opened.weight === 10)
      return opened
    })
    // A second of truth, so that it is not the first reading that is missing.
    const since = shop.hosting.weights.at(-1)?.at ?? 0
    await release.until('a second of good readings', () => Date.now() - since > 1_000)
    shop.hosting.fault = fault
    expect(await release.ended()).toBe('rolled_back')
    const stayed = (shop.hosting.weights.findLast((one) => one.percent === 0)?.at ?? 0) - since
    expect(release.ramp).toEqual([0, 10, 0])
    expect(stayed).toBeGreaterThan(12_000)
    const sentence = [...release.repository.issues.values()].find((issue) => issue.labels.includes('incident'))?.body ?? ''
    expect(sentence).toMatch(/^Roll back: the deadline came (?:and|while)/m)
    expect(sentence).toMatch(SAYS[fault])
    expect(release.faults('rolled_back')).toEqual([])
  },
)

test('the App outlived all of it, and the double saw nothing odd', async () => {
  expect(stage.app.starts()).toBe(1)
  stage.github.assertClean()
})
