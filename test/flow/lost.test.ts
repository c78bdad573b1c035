import { expect, test } from 'vitest'
import { openRelease } from './release.ts'
import { setStage } from './stage.ts'

test('no webhook ever arrives: the sweep alone brings a release from its pull request to 100 % (T36)', async () => {
  await using stage = await setStage({ github: { faults: { webhooks: { lose: 1 } } }, sweep: '1s' })
  const { github } = stage
  const release = await openRelease(stage)
  await release.approve(await release.merged())
  const outcome = await release.ended()
  expect(outcome).toBe('promoted')
  expect(release.faults(outcome)).toEqual([])
  expect(await release.packProblems()).toEqual([])
  expect(github.decisions.length).toBeGreaterThan(10)
  expect(github.decisions.filter((one) => !one.lost)).toEqual([])
  github.assertClean()
})
