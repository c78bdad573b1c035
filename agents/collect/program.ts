/** A program of the job's PATH, run to its end in a folder of its own: nothing of the job's environment, and limits of time, memory and words. */
import { execFile } from 'node:child_process'
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
