/** The deploy workflow moves the traffic, both ways: the App starts it, and believes only what its run signed. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRelease } from './release.ts'
import { setStage, type Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await setStage({
    shops: ['shop-good', 'shop-bad'],
    bake: '3s',
    deadline: '60s',
    configure: (config) => config.setIn(['environments', 'prod', 'router'], 'deployment'),
    github: { limits: { secondary: false } },
  })
  for (const { hosting } of stage.shops) hosting.movesAtDeploy = true
})

afterAll(async () => {
  await stage[Symbol.asyncDispose]()
})

test('a good version reaches everyone by three runs, each signed for its step', { timeout: 240_000 }, async () => {
  const [shop] = stage.shops
  if (shop === undefined) throw new Error('there are two shops')
  const release = await openRelease(stage, shop)
  await release.approve(await release.merged())
  expect(await release.ended()).toBe('promoted')
  expect(release.ramp).toEqual([0, 10, 50, 100])
  expect(release.faults('promoted')).toEqual([])
  expect(await release.packProblems()).toEqual([])
})

test('a bad one comes back by a run with step 0, and is rolled back when that run has signed it', { timeout: 240_000 }, async () => {
  const [, shop] = stage.shops
  if (shop === undefined) throw new Error('there are two shops')
  const release = await openRelease(stage, shop)
  await release.approve(await release.merged())
  await release.until('10 %', () => release.weight === 10)
  shop.hosting.errors = 0.3
  expect(await release.ended()).toBe('rolled_back')
  expect(release.ramp).toEqual([0, 10, 0])
  expect(release.faults('rolled_back')).toEqual([])
  const steps = () => release.repository.runs.filter((run) => run.inputs['environment'] === 'prod').map((run) => run.inputs['step'])
  expect(steps()).toEqual(['10', '0'])
  await release.until('0 % is said once more', () => steps().join(',') === '10,0,0')
  expect(release.ramp).toEqual([0, 10, 0])
})

test('nothing else was moved, and the double saw nothing odd', () => {
  expect(stage.app.starts()).toBe(1)
  stage.github.assertClean()
})
