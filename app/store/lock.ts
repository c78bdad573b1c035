/**
 * Keeps a second process out of a data directory: two PGlite processes on one directory lose rows. The lock is a file that names its holder; the lock
 * of a dead holder is taken over. A holder on this machine is dead when its process is gone or its process id belongs to another start time; a holder on
 * another machine (a container that was replaced) is dead when it has not touched the file for {@link SILENCE_MS}.
 */
import { mkdirSync, linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { StoreError } from './error.ts'

export const SILENCE_MS = 30_000

const Holder = z.object({ pid: z.number().int().positive(), started: z.string(), host: z.string() })
type Holder = z.infer<typeof Holder>

export interface DirectoryLock {
  release(): void
}

/** Start time of a process in clock ticks, or '' where /proc does not say. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return (
      stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .at(19) ?? ''
    )
  } catch {
    return ''
  }
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function isAlive(holder: Holder, path: string): boolean {
  if (holder.host !== hostname()) return Date.now() - statSync(path).mtimeMs < SILENCE_MS
  return processExists(holder.pid) && (holder.started === '' || startOf(holder.pid) === holder.started)
}

function readHolder(path: string): { readonly text: string; readonly holder: Holder | null } | null {
  try {
    const text = readFileSync(path, 'utf8')
    try {
      return { text, holder: Holder.parse(JSON.parse(text)) }
    } catch {
      return { text, holder: null }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function place(path: string, text: string): boolean {
  const own = `${path}.${process.pid}`
  writeFileSync(own, text, { mode: 0o600 })
  try {
    linkSync(own, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(own, { force: true })
  }
}

/** Moves a dead holder's file away. When another process was faster and the moved file is a fresh one, it is put back. */
function clear(path: string, dead: string): void {
  const aside = `${path}.dead.${process.pid}`
  try {
    renameSync(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if (readFileSync(aside, 'utf8') !== dead) place(path, readFileSync(aside, 'utf8'))
  rmSync(aside, { force: true })
}

/**
 * Takes the directory (made when absent) for this process.
 * @throws StoreError `locked`, naming the holder
 */
export function lockDirectory(directory: string): DirectoryLock {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, 'lock')
  const text = JSON.stringify({ pid: process.pid, started: startOf(process.pid), host: hostname() })
  for (let round = 0; round < 5; round += 1) {
    if (place(path, text)) return held(path, text)
    const found = readHolder(path)
    if (found === null) continue
    if (found.holder !== null && isAlive(found.holder, path))
      throw new StoreError(
        'locked',
        `${directory} is in use by process ${found.holder.pid} on ${found.holder.host}. The embedded database serves one process: stop that one, ` +
          'give this one another data_dir, or set DATABASE_URL to a PostgreSQL server, which several processes can share.',
      )
    clear(path, found.text)
  }
  throw new StoreError('locked', `${directory} is being taken by other processes at the same time. Start one of them.`)
}

function held(path: string, text: string): DirectoryLock {
  const touch = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date())
    } catch {
      clearInterval(touch)
    }
  }, SILENCE_MS / 6).unref()
  return {
    release() {
      clearInterval(touch)
      if (readHolder(path)?.text === text) rmSync(path, { force: true })
    },
  }
}
