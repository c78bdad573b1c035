/** What a canary runs on, all of it real: the shop's two versions with their database, HAProxy before them, Prometheus beside them, customers. */
import { join } from 'node:path'
import { buildHistory } from '../../shop/history.ts'
import { startHaproxy } from '../../support/haproxy.ts'
import { startLoad, type Load } from '../../support/load.ts'
import { startPlatform, type Platform } from '../../support/platform/platform.ts'
import { startPrometheus } from '../../support/prometheus.ts'
import { tool } from '../../support/tools.ts'
import type { Router } from '../../../app/rollout/routers/router.ts'
import { Unavailable } from '../benchmark.ts'

export interface Around {
  readonly versions: { readonly canary: string; readonly stable: string }
  readonly prometheus: string
  readonly router: Router
  readonly load: Load
  close(): Promise<void>
}

const SECONDS = 3_600

/** @param errors share of the canary's answers that fail @param rate customers' requests a second */
export async function around(dir: string, { errors, rate }: { readonly errors: number; readonly rate: number }): Promise<Around> {
  const [haproxy, prometheus] = [tool('haproxy'), tool('prometheus')]
  if (haproxy === null || prometheus === null) throw new Unavailable('haproxy and prometheus are not both here')
  const stops: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const stop of stops.toReversed()) await stop()
  }
  try {
    const history = await buildHistory({ dir: join(dir, 'shop'), trustKeyPem: 'none', conductorSha: 'a'.repeat(40), errors })
    const platform = await startPlatform()
    stops.push(() => platform.close())
    await deploy(platform, 'stable', history.main, history.gitDir)
    await deploy(platform, 'canary', history.release.sha, history.gitDir)
    const { canary, stable } = platform.state().slots
    const hosts = { canary: new URL(canary.url).host, stable: new URL(stable.url).host }
    const edge = await startHaproxy(haproxy, hosts)
    stops.push(() => edge.stop())
    const measured = await startPrometheus(
      prometheus,
      Object.entries(hosts).map(([track, target]) => ({ track, target })),
    )
    stops.push(() => measured.stop())
    const load = startLoad({ url: edge.url, rate, seconds: SECONDS })
    stops.push(async () => {
      load.stop()
      await load.done
    })
    return { versions: { canary: canary.url, stable: stable.url }, prometheus: measured.url, router: edge.router, load, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function deploy(platform: Platform, slot: 'canary' | 'stable', sha: string, gitDir: string): Promise<void> {
  const answer = await fetch(`${platform.url}/deploy`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ slot, sha, gitDir }),
  })
  if (!answer.ok) throw new Error(`${slot} could not be deployed: ${await answer.text()}`)
}
