/** One canary during which the App is killed with SIGKILL at moments the seed chooses: from the approver's comment until the release has ended. */
import { setTimeout as sleep } from 'node:timers/promises'
import { seeded } from '../support/github/http/faults.ts'
import { openRelease } from './release.ts'
import { setStage } from './stage.ts'

export interface KillRound {
  readonly seed: number
  readonly outcome: 'promoted' | 'rolled_back'
  readonly kills: number
  readonly starts: number
  readonly ramp: readonly number[]
  readonly seconds: number
  /** What is there twice, lost or out of order. */
  readonly faults: readonly string[]
  /** Problems of the sealed pack. */
  readonly pack: readonly string[]
}

const MAX_KILLS = 5

export async function killRound({ seed, say }: { readonly seed: number; readonly say: (line: string) => void }): Promise<KillRound> {
  const random = seeded(seed)
  await using stage = await setStage({ github: { seed } })
  // Every third seed has a canary that must come back.
  if (seed % 3 === 0) stage.shop.hosting.errors = 0.2
  const release = await openRelease(stage)
  const line = await release.merged()
  const began = Date.now()
  await release.approve(line)
  const { child, starts } = stage.app
  let kills = 0
  const over = new AbortController()
  const killer = (async () => {
    while (kills < MAX_KILLS && !over.signal.aborted) {
      // It must be up to be killed; then it gets between nothing and some seconds.
      while (starts() <= kills && !over.signal.aborted) await sleep(20)
      await sleep(random() < 0.3 ? random() * 300 : random() * 5_000, undefined, { signal: over.signal }).catch(() => undefined)
      if (over.signal.aborted) return
      say(`seed ${seed}: kill ${kills + 1} after ${((Date.now() - began) / 1000).toFixed(2)} s at ${release.weight} %`)
      child.kill()
      kills += 1
    }
  })()
  let outcome: KillRound['outcome']
  try {
    outcome = await release.ended(150_000)
  } finally {
    over.abort()
    await killer
  }
  const seconds = (Date.now() - began) / 1000
  await release.until('the App is up again', () => starts() === kills + 1)
  await stage.github.settled()
  stage.github.assertClean()
  return { seed, outcome, kills, starts: starts(), ramp: release.ramp, seconds, faults: release.faults(outcome), pack: await release.packProblems() }
}
