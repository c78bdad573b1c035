/** A second release after the first, with a database schema that the first does not run: the way back is refused, kept open, and taken when there is one again. */
import { expect, test } from 'vitest'
import { nextRelease } from '../shop/history.ts'
import { openRelease } from './release.ts'
import { setStage } from './stage.ts'

const runs = (min: number, max: number) => (): string => `${JSON.stringify({ runs: { min, max } })}\n`
/** The deploy job tells the schema that a variable of the repository says is live. */
const telling = (text: string | null): string =>
  (text ?? '').replace('      digests: ${{ needs.deploy.outputs.digests }}\n', '$&      schema: ${{ vars.SCHEMA }}\n')

test('v2.1.0 follows v2.0.0; what cannot go back is held where it is, and goes home once the schema allows it', { timeout: 400_000 }, async () => {
  await using stage = await setStage({
    deadline: '120s',
    github: { limits: { secondary: false } },
    edits: {
      v1: { 'db/schema.json': runs(41, 41), '.github/workflows/deploy.yml': telling },
      v2: { 'db/schema.json': runs(41, 42) },
    },
    configure(config) {
      config.setIn(['environments', 'prod', 'schema'], config.createNode({ file: 'db/schema.json' }))
      config.setIn(['environments', 'prod', 'rollback'], config.createNode({ forward_only: 'the old table is dropped in one go' }))
    },
  })
  const { github, shop } = stage
  const live = (version: number): void => void (github.repository(shop.fullName).variables['SCHEMA'] = JSON.stringify({ live: version }))
  live(42)
  const first = await openRelease(stage)
  await first.approve(await first.merged())
  expect(await first.ended()).toBe('promoted')
  shop.hosting.settle()

  const release = await nextRelease(shop.history, { 'db/schema.json': runs(42, 43) }, { scannedAt: Date.now() })
  await github.as('dev').push(shop.fullName, { dir: shop.history.workDir, ref: release.branch })
  const second = await openRelease(stage, { ...shop, history: { ...shop.history, release } })
  const line = await second.merged()
  expect(second.status).toContain('There is a way back while the schema is 42; it is 42.')
  live(43)
  await second.approve(line)
  await second.until('10 %', () => second.weight === 10)
  shop.hosting.errors = 0.3
  await second.until(
    'the way back was refused',
    () => second.state === 'held' && second.status.includes('nothing was changed: the live schema is 43'),
  )
  expect(second.weight).toBe(10)
  expect(second.incidents).toHaveLength(1)

  live(42)
  const deploy = second.repository.runs.filter((run) => run.inputs['version'] === 'v2.1.0').at(-1)
  await github.as('dev').request('POST', `/repos/${shop.fullName}/actions/runs/${deploy?.id}/rerun`)
  await second.until('home', () => second.weight === 0)
  await second.until('rolled back', () => second.state === 'rolled back')
  expect(second.ramp).toEqual([0, 10, 50, 100, 0, 10, 0])
  github.assertClean()
})
