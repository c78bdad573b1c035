/** The deploy workflow asks the App before it deploys, as where GitHub has no rule for it: a release goes out, and nobody deploys by hand. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRelease, type Release } from './release.ts'
import { setStage, type Stage } from './stage.ts'

const DEPLOY = '.github/workflows/deploy.yml'
/** The double's runner fetches no action of another repository, so the job checks it out. */
const PROTECT = `jobs:
  protect:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read
      id-token: write
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          repository: release-conductor/release-conductor
          ref: ${'0'.repeat(40)}
          path: conductor
          persist-credentials: false
      - uses: ./conductor/actions/protect
        with:
          url: \${{ vars.APP_URL }}
          timeout: '2'
  deploy:
    needs: protect
`

let stage: Stage
let release: Release

beforeAll(async () => {
  stage = await setStage({ login: true, edits: { v1: { [DEPLOY]: (text) => (text ?? '').replace('jobs:\n  deploy:\n', PROTECT) }, v2: {} } })
  stage.github.repository(stage.shop.fullName).variables['APP_URL'] = stage.app.publicUrl
  release = await openRelease(stage)
})

afterAll(async () => {
  await stage[Symbol.asyncDispose]()
})

const runs = () => release.repository.runs.filter(({ workflow }) => workflow.path === DEPLOY)

test('each step of a release deploys after the yes of the App (T57)', async () => {
  await release.approve(await release.merged())
  expect(await release.ended()).toBe('promoted')
  expect(release.ramp).toEqual([0, 10, 50, 100])
  expect(runs().map(({ conclusion }) => conclusion)).toEqual(['success', 'success', 'success'])
})

test('a run that somebody starts by hand is stopped before it deploys (T57)', async () => {
  const inputs = { ...runs()[0]?.inputs, key: 'by-hand', step: '100' }
  const path = `/repos/${stage.shop.fullName}/actions/workflows/deploy.yml/dispatches`
  await stage.github.as('dev').request('POST', path, { ref: 'main', inputs })
  const run = await release.until('it has ended', () => runs().find((one) => one.inputs['key'] === 'by-hand' && one.status === 'completed') ?? null)
  expect(run.conclusion).toBe('failure')
  expect([...run.jobs.values()].map(({ update: { name, conclusion } }) => [name.split(' ')[0], conclusion])).toEqual(
    expect.arrayContaining([
      ['protect', 'failure'],
      ['deploy', 'skipped'],
    ]),
  )
  stage.github.assertClean()
})
