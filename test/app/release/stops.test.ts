/** A line for a step that the command has no word for: its plan id says which step is meant, to whoever carries it out and to the policy. */
import { expect, test } from 'vitest'
import { planId } from '../../../evidence/pack/evidence-root.ts'
import { Draft } from '../../../app/release/draft.ts'
import { gatherFull } from '../../../app/release/gather.ts'
import { next } from '../../../app/release/next.ts'
import { currentPlan, promoteLines } from '../../../app/release/promotion.ts'
import { stopOf } from '../../../app/release/stops.ts'
import { dataOf, type ReleaseData } from '../../../app/release/state.ts'
import { commentOf, configOf, configText, factsOf, fullOf, MERGED, NOW, orderOf, pullOf, recordOf, SETTINGS } from '../../support/release.ts'
import { worldOf } from '../../support/release-ports.ts'

const TEXT = configText().replace('steps: [10, 50, 100]', 'steps: [20, 100]')
const RECORD = recordOf({ state: 'merged' })
const FULL = fullOf({ pull: pullOf(MERGED), config: configOf(TEXT) })
const draft = (): Draft => new Draft(RECORD, new Map())
const lineOf = (upTo: number): string =>
  promoteLines(draft(), FULL, { now: NOW, settings: SETTINGS })?.lines.find((one) => one.upTo === upTo)?.line ?? ''

function said(line: string): ReleaseData {
  return dataOf(next(RECORD, factsOf({ ...FULL, orders: [orderOf(line)] })).record)
}

test('each line that is shown is taken for its own step', () => {
  expect(lineOf(20)).toMatch(/^\/promote plan:[0-9a-f]{32}$/)
  expect(said(lineOf(20)).rollout).toMatchObject({ step: 20, upTo: 20 })
  expect(said(lineOf(100)).rollout).toMatchObject({ step: 20, upTo: 100 })
  expect(said(lineOf(100).replace(' 100', '')).rollout).toMatchObject({ step: 20, upTo: 100 })
})

test('a plan that is of none of them is answered with the line of the highest', () => {
  const { rollout, answers } = said(`/promote plan:${'0'.repeat(32)}`)
  expect([rollout, answers.at(-1)?.answer]).toEqual([null, expect.stringContaining(lineOf(100))])
  expect(stopOf(draft(), FULL, { environment: 'prod', steps: [20, 100] }, null)).toBeNull()
  expect(stopOf(draft(), FULL, { environment: 'prod', steps: [20, 100] }, lineOf(100).slice(-32))).toBeNull()
})

/** Does the policy want a key, of whoever pastes the plan of this step without naming it? */
async function wantsKey(elevated: string, step: number): Promise<boolean> {
  const config = TEXT.replace('people: {', `people: { step_up: { for: [${elevated}], with: webauthn },`)
  const world = worldOf({ config, pull: pullOf(MERGED) })
  const { full } = await gatherFull(world.context, RECORD)
  if (full === null) throw new Error('nothing was gathered')
  world.comments = [commentOf(`/promote plan:${planId(currentPlan(draft(), full, 'prod', step))}`)]
  const [order] = (await gatherFull(world.context, RECORD)).full?.orders ?? []
  if (order?.authorisation == null) throw new Error('nobody was asked')
  return order.authorisation.codes.includes('command.step-up-missing')
}

test('the policy sees the step that is meant, and the highest as before', async () => {
  expect(await wantsKey('"promote:100"', 20)).toBe(false)
  expect(await wantsKey('"promote:100"', 100)).toBe(true)
  expect(await wantsKey('"promote:20"', 20)).toBe(true)
  expect(await wantsKey('"promote:20"', 100)).toBe(false)
  expect(await wantsKey('promote', 20)).toBe(true)
})
