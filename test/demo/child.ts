/** Child processes of the demo: started with a line of JSON to wait for, restarted when asked, and ended with the demo, however it ends. */
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { createWriteStream, type WriteStream } from 'node:fs'

export interface ChildOptions {
  readonly name: string
  readonly script: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Everything it prints goes here as well. */
  readonly logFile: string
  readonly onLine?: (line: string) => void
  /** Start it again when it ends by itself. */
  readonly supervise?: boolean
}

const RESTART_MS = 200

export class Child {
  private readonly options: ChildOptions
  private readonly log: WriteStream
  private child: ChildProcess | null = null
  private ending = false
  restarts = 0

  constructor(options: ChildOptions) {
    this.options = options
    this.log = createWriteStream(options.logFile, { flags: 'a' })
  }

  get pid(): number {
    return this.child?.pid ?? 0
  }

  /** Resolves with the first line of output that `ready` accepts. */
  start<Ready>(ready: (line: string) => Ready | null, timeoutMs = 60_000): Promise<Ready> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.options.name} was not ready after ${timeoutMs / 1000} s; see ${this.options.logFile}`)),
        timeoutMs,
      )
      const once = (line: string): void => {
        const answer = ready(line)
        if (answer === null) return
        clearTimeout(timer)
        resolve(answer)
      }
      this.spawn(once, (code) => {
        clearTimeout(timer)
        reject(new Error(`${this.options.name} ended with ${code}; see ${this.options.logFile}`))
      })
    })
  }

  /** As if the machine had lost it: no goodbye. */
  kill(): void {
    this.child?.kill('SIGKILL')
  }

  async stop(): Promise<void> {
    this.ending = true
    const { child } = this
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 8_000)
    await ended
    clearTimeout(timer)
  }

  private spawn(onLine: (line: string) => void, onEarlyEnd: (code: string) => void): void {
    const { script, args, env } = this.options
    const child = spawn(process.execPath, [script, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    })
    this.child = child
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.log.write(`${line}\n`)
        onLine(line)
        this.options.onLine?.(line)
      })
    }
    child.once('close', (code, signal) => {
      if (this.ending) return
      if (this.options.supervise !== true) return onEarlyEnd(String(signal ?? code))
      this.restarts += 1
      setTimeout(() => {
        if (!this.ending) this.spawn(onLine, onEarlyEnd)
      }, RESTART_MS)
    })
  }
}

/** A line of JSON with `event: listening`, else null. */
export function listening(line: string): Record<string, string> | null {
  if (!line.startsWith('{')) return null
  try {
    const value = JSON.parse(line) as Record<string, string>
    return value['event'] === 'listening' ? value : null
  } catch {
    return null
  }
}
