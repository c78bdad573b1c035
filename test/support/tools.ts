/** Tools of other people, for the tests that let them read what we write. `.ci/tools` installs them; elsewhere a test that lacks one is skipped and says which. */
import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where Debian keeps servers; the PATH of a user who is not root lacks it. */
const SERVERS = '/usr/sbin'

/** Path of a program: in the folder `RC_TOOLS`, on the PATH, or among the servers of the system; null when it is nowhere. */
export function tool(name: string): string | null {
  const folders = [process.env['RC_TOOLS'] ?? '', ...(process.env['PATH'] ?? '').split(delimiter), SERVERS].filter((folder) => folder !== '')
  return (
    folders
      .map((folder) => join(folder, name))
      .find((path) => {
        try {
          accessSync(path, constants.X_OK)
          return true
        } catch {
          return false
        }
      }) ?? null
  )
}

/** A published file that `.ci/tools` keeps beside the programs; null when it is absent. */
export function toolFile(name: string): string | null {
  const path = join(process.env['RC_TOOLS'] ?? '/nowhere', name)
  try {
    accessSync(path, constants.R_OK)
    return path
  } catch {
    return null
  }
}

export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs to its end, bounded in time and output; never throws for an exit code. */
export function ended(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...options.env }
    const child = execFile(
      command,
      args,
      { ...(options.cwd !== undefined && { cwd: options.cwd }), env, timeout: 120_000, maxBuffer: 64 << 20 },
      (error, out, err) => {
        if (error !== null && typeof error.code !== 'number') reject(error)
        else resolve({ code: error === null ? 0 : Number(error.code), out, err })
      },
    )
    // A program may end before it has read what it is given; its exit code says how that went.
    child.stdin?.on('error', () => {})
    child.stdin?.end(options.input ?? '')
  })
}
