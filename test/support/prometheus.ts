/** A real Prometheus for a test: scrapes the given pages once a second, each under a label `track`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../demo/stage.ts'

export interface Scraped {
  readonly track: string
  /** `127.0.0.1:9001`. */
  readonly target: string
  /** Where the page is; `/metrics` when left out. */
  readonly path?: string
}

/** @param program path of the server @param scraped pages @returns its address, and how it is stopped */
export async function startPrometheus(program: string, scraped: readonly Scraped[]): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'))
  const file = join(folder, 'prometheus.json')
  const jobs = scraped.map(({ track, target, path = '/metrics' }) => ({
    job_name: track,
    metrics_path: path,
    static_configs: [{ targets: [target], labels: { track } }],
  }))
  await writeFile(file, JSON.stringify({ global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs: jobs }))
  const url = `http://127.0.0.1:${await freePort()}`
  const flags = { 'config.file': file, 'storage.tsdb.path': join(folder, 'data'), 'web.listen-address': url.slice('http://'.length) }
  const child = spawn(
    program,
    [
      ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
      '--enable-feature=native-histograms,exemplar-storage',
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  )
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill()
      await once(child, 'exit')
    }
    await rm(folder, { recursive: true, force: true })
  }
  const isReady = async (): Promise<boolean> =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  for (let left = 300; !(await isReady()); left--) {
    if (left === 0 || child.exitCode !== null) {
      await stop()
      throw new Error('Prometheus did not start')
    }
    await sleep(100)
  }
  return { url, stop }
}
