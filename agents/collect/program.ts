/** A program of the job's PATH, run to its end in a folder of its own: nothing of the job's environment, and limits of time, memory and words. */
import { execFile, spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** Kilobytes of data the program may hold. */
const MEMORY_KB = 2 << 20
const MAX_OUT = 32 << 20

export interface Ended {
  /** null: it was stopped, or could not be started; `why` says so. */
  readonly code: number | null
  readonly out: string
  readonly said: string
  readonly why: string | null
}

/** Where the job finds it; null: nowhere. */
export async function programOf(name: string): Promise<string | null> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter((each) => each !== '')) {
    const path = join(folder, name)
    const is = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (is) return path
  }
  return null
}

/** Never throws. */
export function runProgram(
  program: string,
  args: readonly string[],
  of: { readonly cwd: string; readonly input?: string; readonly timeoutMs: number },
): Promise<Ended> {
  const options = {
    cwd: of.cwd,
    env: { PATH: '/nonexistent', HOME: of.cwd, LC_ALL: 'C', GOMEMLIMIT: '1GiB' },
    maxBuffer: MAX_OUT,
    timeout: of.timeoutMs,
    killSignal: 'SIGKILL' as const,
  }
  return new Promise((resolve) => {
    // The limit of memory holds for the program; the shell does nothing else.
    const child = execFile('/bin/sh', ['-c', `ulimit -d ${MEMORY_KB}; exec "$@"`, 'sh', program, ...args], options, (error, out, said) => {
      if (error === null) return resolve({ code: 0, out, said, why: null })
      if (error.killed === true) return resolve({ code: null, out: '', said, why: `it did not end within ${of.timeoutMs / 1000} seconds` })
      if (typeof error.code === 'number') return resolve({ code: error.code, out, said, why: null })
      const large = String(error.code) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER'
      resolve({ code: null, out: '', said, why: large ? `it answered more than ${MAX_OUT} bytes` : `it ended by ${error.signal ?? error.message}` })
    })
    child.stdin?.on('error', () => {})
    child.stdin?.end(of.input ?? '')
  })
}

export interface Streamed {
  /** null: it was stopped, or could not be started; `why` says so. */
  readonly code: number | null
  /** The last that it said. */
  readonly said: string
  readonly why: string | null
}

const SAID_BYTES = 4000

/**
 * As `runProgram`, for programs that run long and tell much: what they tell is handed on as it comes, and whatever they started ends with them.
 * @param of.more variables beside those of `runProgram` @param of.take what it wrote; answers why it must stop, else null
 * @returns never throws
 */
export async function streamProgram(
  program: string,
  args: readonly string[],
  of: {
    readonly cwd: string
    readonly more: Readonly<Record<string, string>>
    readonly timeoutMs: number
    readonly memoryKb: number
    readonly take: (chunk: Buffer) => string | null
  },
): Promise<Streamed> {
  const child = spawn('/bin/sh', ['-c', `ulimit -d ${of.memoryKb}; exec "$@"`, 'sh', program, ...args], {
    cwd: of.cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: '/nonexistent', HOME: of.cwd, LC_ALL: 'C', ...of.more },
  })
  let why: string | null = null
  let said = Buffer.alloc(0)
  const stop = (reason: string): void => {
    why ??= reason
    killGroup(child.pid)
  }
  child.stdout.on('data', (chunk: Buffer) => {
    const enough = why === null ? of.take(chunk) : null
    if (enough !== null) stop(enough)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    said = Buffer.concat([said, chunk.subarray(-SAID_BYTES)]).subarray(-SAID_BYTES)
  })
  const timer = setTimeout(() => stop(`it did not end within ${of.timeoutMs / 1000} seconds`), of.timeoutMs)
  const ended = await new Promise<Pick<Streamed, 'code' | 'why'>>((resolve) => {
    child.once('error', (error) => resolve({ code: null, why: `it could not be started: ${error.message}` }))
    // What it left running holds the pipes open: it goes first.
    child.once('exit', () => killGroup(child.pid))
    child.once('close', (code, signal) => resolve({ code, why: code === null ? `it ended by ${signal}` : null }))
  })
  clearTimeout(timer)
  return { code: why === null ? ended.code : null, said: said.toString('utf8'), why: why ?? ended.why }
}

/** What it left running ends with it. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody of it is left.
  }
}
