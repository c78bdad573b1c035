/** One slot of the hosting: a fixed port behind which one version of the shop runs, in one process or in several. Changes of a slot happen one after the other. */
import { once } from 'node:events'
import type { ChildProcess } from 'node:child_process'
import { z } from 'zod'
import type { Build } from './archive.ts'
import { balancer } from './balancer.ts'
import { ended, running, startChild, stopChild } from './child.ts'
import { PlatformError } from './platform-error.ts'

const GRACE_MS = 3000
const START_MS = 20_000
const Health = z.looseObject({ ok: z.literal(true), version: z.string(), sha: z.string() })

export interface SlotState {
  readonly url: string
  readonly sha: string | null
  readonly digest: string | null
  readonly version: string | null
  readonly running: boolean
  readonly pid: number | null
}

export interface Slot {
  state(): SlotState
  build(): Build | null
  /** Same commit and digest, still running: nothing happens. @throws PlatformError `migration`, `unhealthy` */
  deploy(build: Build): Promise<SlotState>
  stop(): Promise<void>
}

export interface SlotOptions {
  readonly port: number
  /** Of the replicas behind it; none: one process stands at the port itself. */
  readonly replicas: readonly number[]
  readonly databaseUrl: string
  /** File descriptor for what the version prints. */
  readonly log: number
}

async function healthy(url: string, children: readonly ChildProcess[], sha: string): Promise<string> {
  const until = Date.now() + START_MS
  while (children.every(running) && Date.now() < until) {
    try {
      const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2000) })
      const health = Health.safeParse(await answer.json())
      if (answer.ok && health.success && health.data.sha === sha) return health.data.version
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  throw new PlatformError('unhealthy', `Commit ${sha} did not become healthy.`)
}

export function slot({ port, replicas, databaseUrl, log }: SlotOptions): Slot {
  const url = `http://127.0.0.1:${port}`
  const ports = replicas.length === 0 ? [port] : replicas
  const front = replicas.length === 0 ? null : balancer(replicas)
  let children: readonly ChildProcess[] = []
  let current: Build | null = null
  let version: string | null = null
  let turn: Promise<unknown> = Promise.resolve()

  function state(): SlotState {
    const up = children.length > 0 && children.every(running)
    const pid = up ? (children[0]?.pid ?? null) : null
    return { url, sha: current?.sha ?? null, digest: current?.digest ?? null, version, running: up, pid }
  }

  function environment(build: Build, index = 0): Record<string, string> {
    const own = { PORT: String(ports[index] ?? port), REPLICA: String(index + 1) }
    return { DATABASE_URL: databaseUrl, GIT_SHA: build.sha, HOST: '127.0.0.1', NODE_ENV: 'production', ...own }
  }

  async function stopAll(graceMs: number): Promise<void> {
    await Promise.all(children.map((child) => stopChild(child, graceMs)))
  }

  async function replace(build: Build): Promise<void> {
    if (front !== null && !front.listening) {
      front.listen(port, '127.0.0.1')
      await once(front, 'listening')
    }
    await stopAll(GRACE_MS)
    children = ports.map((_port, index) => startChild('src/main.mjs', { cwd: build.dir, env: environment(build, index), log }))
    version = await healthy(url, children, build.sha)
    current = build
  }

  async function change(build: Build): Promise<SlotState> {
    if (current?.digest === build.digest && current.sha === build.sha && children.every(running)) return state()
    const migration = startChild('db/migrate.mjs', { cwd: build.dir, env: environment(build), log })
    if ((await ended(migration)) !== 0) throw new PlatformError('migration', `The migrations of commit ${build.sha} failed; nothing was replaced.`)
    const before = current
    try {
      await replace(build)
    } catch (error) {
      if (before !== null) await replace(before)
      else await stopAll(GRACE_MS)
      throw error
    }
    return state()
  }

  return {
    state,
    build: () => current,
    deploy(build) {
      const mine = turn.then(() => change(build))
      turn = mine.catch(() => undefined)
      return mine
    },
    async stop() {
      front?.closeAllConnections()
      front?.close()
      await stopAll(500)
    },
  }
}
