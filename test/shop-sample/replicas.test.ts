/** Three replicas of a version of which one is bad, behind one port: what customers see, and what the one page of metrics tells. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseOpenMetrics } from '../../agents/collect/metrics/openmetrics.ts'
import { buildHistory } from '../shop/history.ts'
import { merged } from '../support/platform/balancer.ts'
import { startPlatform } from '../support/platform/platform.ts'

test('every sixth answer fails, all of them of the second replica, and the page says so', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'shop-'))
  const platform = await startPlatform({ folder: dir, replicas: 3 })
  onTestFinished(async () => {
    await platform.close()
    await rm(dir, { recursive: true })
  })
  const shop = await buildHistory({ dir: join(dir, 'shop'), trustKeyPem: 'none', conductorSha: 'a'.repeat(40), errors: 0, bad: 'replica' })
  const order = JSON.stringify({ slot: 'canary', sha: shop.release.sha, gitDir: shop.workDir })
  const deployed = await fetch(`${platform.url}/deploy`, { method: 'POST', body: order })
  expect(await deployed.json()).toMatchObject({ version: 'v2.0.0' })
  const { url, running } = platform.state().slots.canary
  expect(running).toBe(true)
  const codes: number[] = []
  for (let at = 0; at < 60; at += 1) {
    const answer = await fetch(`${url}/products`)
    await answer.text()
    codes.push(answer.status)
  }
  const placed = await fetch(`${url}/orders`, { method: 'POST', body: '{"product":1,"quantity":1}' })
  expect([200, 201, 500]).toContain(placed.status)
  expect(codes.filter((code) => code === 500)).toHaveLength(10)
  const { series, ended } = parseOpenMetrics(await (await fetch(`${url}/metrics`)).text())
  expect(ended).toBe(true)
  const failed = series.filter(({ name, labels }) => name === 'http_requests_total' && labels.get('code') === '500')
  expect(failed.map(({ labels }) => labels.get('replica'))).toEqual(['2'])
  expect(new Set(series.map(({ labels }) => labels.get('replica')))).toEqual(new Set(['1', '2', '3']))
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
})

const page = (total: number) => `# TYPE a counter\n# HELP a Of a.\na_total{x="1"} ${total}\n# TYPE b gauge\nb{} 1\n# EOF\n`

test('a family stands once, with the series of all', () => {
  expect(merged([page(1), page(2)])).toBe(
    '# TYPE a counter\n# HELP a Of a.\na_total{replica="1",x="1"} 1\na_total{replica="2",x="1"} 2\n# TYPE b gauge\nb{replica="1",} 1\nb{replica="2",} 1\n# EOF\n',
  )
})
