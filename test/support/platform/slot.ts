/** One slot of the hosting: a fixed port behind which one version of the shop runs. Changes of a slot happen one after the other. */
import type { ChildProcess } from 'node:child_process'
import { z } from 'zod'
import type { Build } from './archive.ts'
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
  readonly databaseUrl: string
  /** File descriptor for what the version prints. */
  readonly log: number
}

async function healthy(url: string, child: ChildProcess, sha: string): Promise<string> {
  const until = Date.now() + START_MS
  while (running(child) && Date.now() < until) {
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

export function slot({ port, databaseUrl, log }: SlotOptions): Slot {
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess | null = null
  let current: Build | null = null
  let version: string | null = null
  let turn: Promise<unknown> = Promise.resolve()

  function state(): SlotState {
    const up = running(child)
    return { url, sha: current?.sha ?? null, digest: current?.digest ?? null, version, running: up, pid: up ? (child?.pid ?? null) : null }
  }

  function environment(build: Build): Record<string, string> {
    return { DATABASE_URL: databaseUrl, GIT_SHA: build.sha, HOST: '127.0.0.1', PORT: String(port), NODE_ENV: 'production' }
  }

  async function replace(build: Build): Promise<void> {
    await stopChild(child, GRACE_MS)
    child = startChild('src/main.mjs', { cwd: build.dir, env: environment(build), log })
    version = await healthy(url, child, build.sha)
    current = build
  }

  async function change(build: Build): Promise<SlotState> {
    if (current?.digest === build.digest && current.sha === build.sha && running(child)) return state()
    const migration = startChild('db/migrate.mjs', { cwd: build.dir, env: environment(build), log })
    if ((await ended(migration)) !== 0) throw new PlatformError('migration', `The migrations of commit ${build.sha} failed; nothing was replaced.`)
    const before = current
    try {
      await replace(build)
    } catch (error) {
      if (before !== null) await replace(before)
      else await stopChild(child, GRACE_MS)
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
      await stopChild(child, 500)
    },
  }
}
