/** A command of the operator's, to its end: no shell, bounded in time and output, and nothing of our environment but the PATH, so that no secret of ours reaches it. */
import { execFile } from 'node:child_process'
import { z } from 'zod'
import { RouterError } from './router.ts'

const MAX_OUTPUT = 256 * 1024

/** Program and arguments. */
export const Command = z.array(z.string().min(1).max(500)).min(1).max(20)

export interface Ran {
  readonly ok: boolean
  /** What it wrote, to standard error first. */
  readonly said: string
}

/** @throws RouterError `refused` when it cannot be started, does not end in time, or writes more than 256 KiB */
export function run([program = '', ...args]: readonly string[], timeoutMs: number): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const options = {
      timeout: Math.max(1, Math.round(timeoutMs)),
      killSignal: 'SIGKILL',
      maxBuffer: MAX_OUTPUT,
      env: { PATH: process.env['PATH'] ?? '' },
    } as const
    const child = execFile(program, args, options, (error, out, err) => {
      if (error === null) resolve({ ok: true, said: `${err}${out}` })
      else if (typeof error.code === 'number') resolve({ ok: false, said: `${err}${out}` })
      else {
        const why = error.killed === true ? `did not end in ${Math.round(timeoutMs)} ms` : `could not be run (${error.code ?? error.message})`
        reject(
          new RouterError('refused', `The command ${program} ${why}. Name it in the operator's file as the App's user can run it.`, { cause: error }),
        )
      }
    })
    child.stdin?.end()
  })
}
