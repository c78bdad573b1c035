/** One child process, in a group of its own so that nothing it starts outlives the step. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  /** All of it: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly onLine: (line: string) => void
  readonly signal: AbortSignal
}

/** @returns exit code; null when the process was stopped by the signal or by another process */
export async function execute(command: Command): Promise<number | null> {
  if (command.signal.aborted) return null
  const child = spawn(command.file, [...command.args], {
    cwd: command.cwd,
    env: { ...command.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const stop = (): void => {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // the group is already gone
    }
  }
  command.signal.addEventListener('abort', stop, { once: true })
  const failures: unknown[] = []
  const reading = [child.stdout, child.stderr].map(async (stream) => {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      try {
        command.onLine(line)
      } catch (error) {
        failures.push(error)
      }
    }
  })
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', resolve)
    })
    stop()
    await Promise.all(reading)
    if (failures.length > 0) throw failures[0]
    return code
  } finally {
    command.signal.removeEventListener('abort', stop)
  }
}
