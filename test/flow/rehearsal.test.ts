/** The way back tried out for real: on a stage, before production is asked for. */
import { expect, test } from 'vitest'
import { openRelease } from './release.ts'
import { setStage } from './stage.ts'

test(
  'stage serves it, its traffic goes home and returns, the status promises what was measured, and production goes on as ever',
  { timeout: 240_000 },
  async () => {
    await using stage = await setStage({
      // The second one lends its hosting: it is the stage of the first.
      shops: ['shop', 'stage'],
      github: { limits: { secondary: false } },
      configure(config) {
        const { prod } = (config.toJS() as { readonly environments: { readonly prod: object } }).environments
        const before = { ...prod, router: 'router-stage', metrics: 'metrics-stage', steps: [100], bake: { 100: '1s' }, deadline: { 100: '40s' } }
        config.setIn(['environments'], config.createNode({ stage: before, prod }, { aliasDuplicateObjects: false }))
      },
    })
    const [shop, lender] = stage.shops
    if (shop === undefined || lender === undefined) throw new Error('there are two shops')
    const ramp = (): number[] => lender.hosting.weights.map(({ percent }) => percent).filter((percent, at, all) => percent !== all[at - 1])
    const release = await openRelease(stage, shop)
    const first = await release.merged()
    await release.approve(first)
    await release.until(
      'stage serves it, and production may be asked for',
      () => release.line !== null && release.line !== first && ramp().at(-1) === 100,
    )
    expect(release.status).toContain('never rehearsed, so nothing is promised')
    await release.approve('/rollback --rehearse')
    await release.until('it was rehearsed', () => release.status.includes('The way back was rehearsed on stage: all traffic home in'))
    expect(ramp()).toEqual([0, 100, 0, 100])
    expect(release.ramp).toEqual([0])
    expect(release.status).toMatch(/Back within \d+\.\d s, traffic home within \d+\.\d s: rehearsed on stage on /)
    await release.approve(await release.until('a line to paste', () => release.line))
    expect(await release.ended()).toBe('promoted')
    expect(release.ramp).toEqual([0, 10, 50, 100])
    expect(ramp()).toEqual([0, 100, 0, 100])
    expect(await release.packProblems()).toEqual([])
    stage.github.assertClean()
  },
)
