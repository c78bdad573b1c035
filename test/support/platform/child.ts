/** Processes that cannot outlive the one that started them. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const GUARD = join(import.meta.dirname, 'guard.mjs')

export interface ChildOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** File descriptor that takes stdout and stderr. */
  readonly log: number
}

/** @param script absolute path, or one relative to `cwd` */
export function startChild(script: string, options: ChildOptions): ChildProcess {
  return fork(script, [], {
    cwd: options.cwd,
    env: { PATH: process.env.PATH ?? '', ...options.env },
    execArgv: ['--import', GUARD],
    stdio: ['ignore', options.log, options.log, 'ipc'],
  })
}

export function running(child: ChildProcess | null): child is ChildProcess {
  return child !== null && child.exitCode === null && child.signalCode === null
}

/** Resolves with the exit code; null after a signal. */
export async function ended(child: ChildProcess): Promise<number | null> {
  if (running(child)) await once(child, 'exit')
  return child.exitCode
}

/** SIGTERM, and SIGKILL when it is still there after `graceMs`. */
export async function stopChild(child: ChildProcess | null, graceMs: number): Promise<void> {
  if (!running(child)) return
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
  await ended(child)
  clearTimeout(timer)
}
