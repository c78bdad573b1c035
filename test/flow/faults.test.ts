import { expect, test } from 'vitest'
import { openRelease } from './release.ts'
import { setStage } from './stage.ts'

/** Requests of the App alone: a person or a job that meets a 502 would end the test, not tell of the App. */
const OF_THE_APP =
  /^(?:GET|POST|PATCH) \/api\/v3\/repos\/acme\/shop\/(?:check-runs|deployments|git|releases|collaborators|actions|issues\/\d+\/comments$|issues$|issues\/comments)/

test.each([7])(
  'a release while webhooks are lost, repeated, reordered and delayed, and calls fail before and after their effect (seed %i) (T34, T35)',
  async (seed) => {
    await using stage = await setStage({ github: { seed, limits: { secondary: false } } })
    const { github } = stage
    const webhooks = { lose: 0.15, repeat: 0.2, reorder: 0.2, delayMs: 300 }
    const api = { failBefore: 0.05, failAfter: 0.05, only: OF_THE_APP }
    github.setFaults({ webhooks })
    const release = await openRelease(stage)
    github.setFaults({ webhooks, api })
    const line = await release.merged()
    github.setFaults({ webhooks })
    await release.approve(line)
    github.setFaults({ webhooks, api })
    const outcome = await release.ended(200_000)
    process.stdout.write(`seed ${seed}: ${outcome}, ${release.ramp.join(' ')}; ${github.decisions.filter((one) => one.lost).length} webhooks lost\n`)
    expect(release.faults(outcome)).toEqual([])
    expect(await release.packProblems()).toEqual([])
    expect(github.decisions.some((one) => one.lost)).toBe(true)
    expect(github.decisions.some((one) => one.repeated)).toBe(true)
    github.assertClean()
  },
)
