/** A real HAProxy for a test or a benchmark: one backend `shop` with the servers `c1` (weight 0) and `s1`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { haproxy } from '../../app/rollout/routers/haproxy.ts'
import type { Router } from '../../app/rollout/routers/router.ts'
import { freePort } from '../demo/stage.ts'

/** @param program path of HAProxy @param versions where they listen, as `127.0.0.1:8001` */
export async function startHaproxy(
  program: string,
  versions: { readonly canary: string; readonly stable: string },
): Promise<{ readonly url: string; readonly router: Router; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'haproxy-'))
  const [port, socket] = [await freePort(), join(folder, 'admin.sock')]
  await writeFile(
    join(folder, 'haproxy.cfg'),
    [
      'global',
      `  stats socket ${socket} mode 600 level admin`,
      'defaults',
      '  mode http',
      '  timeout connect 5s',
      '  timeout client 30s',
      '  timeout server 30s',
      'frontend front',
      `  bind 127.0.0.1:${port}`,
      '  default_backend shop',
      'backend shop',
      '  balance roundrobin',
      `  server c1 ${versions.canary} weight 0`,
      `  server s1 ${versions.stable} weight 100`,
      '',
    ].join('\n'),
  )
  const child = spawn(program, ['-db', '-f', join(folder, 'haproxy.cfg')], { stdio: 'ignore' })
  const router = haproxy({ socket, backend: 'shop', canary: ['c1'], stable: ['s1'] })
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill()
      await once(child, 'exit')
    }
    await rm(folder, { recursive: true, force: true })
  }
  const answers = (): Promise<boolean> =>
    router.read().then(
      () => true,
      () => false,
    )
  for (let left = 200; !(await answers()); left--) {
    if (left === 0 || child.exitCode !== null) {
      await stop()
      throw new Error('HAProxy did not start')
    }
    await sleep(50)
  }
  return { url: `http://127.0.0.1:${port}`, router, stop }
}
