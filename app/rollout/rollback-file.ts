/**
 * Rollbacks that were decided while the store did not answer: one line of JSON each, synced before the traffic moves, and a second line once the
 * store has it. `<data_dir>/rollbacks.jsonl`. A line that a crash tore is skipped: every line begins after a line end of its own. What it was decided on
 * may be unreadable; that never loses the rollback.
 */
import { mkdir, open, readFile, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { Log } from '../release/ports.ts'
import { RolloutError } from './error.ts'

const MAX_BYTES = 8 * 1024 * 1024
/** Far above two histograms with their traces. */
const MAX_LINE = 256 * 1024

const Totals = z.strictObject({ le: z.array(z.number()).readonly(), count: z.array(z.number()).readonly(), total: z.number() })
const Reading = z.strictObject({ requests: z.number(), errors: z.number(), latency: Totals.nullable().exactOptional() }).nullable()
const Routed = z.strictObject({ canary: z.number(), stable: z.number() })

const Read = z.strictObject({
  at: z.number(),
  canary: Reading,
  stable: Reading,
  note: z.string(),
  traces: z.array(z.string()).readonly().exactOptional(),
  routed: Routed.nullable().exactOptional(),
  weight: z.number().nullable().exactOptional(),
})
const UNREAD: z.infer<typeof Read> = { at: 0, canary: null, stable: null, note: 'what the rollback was decided on could not be read again' }

export const LateRollback = z.strictObject({
  /** `<release key>/rollout/<number>`: one rollout is taken back once. */
  id: z.string().min(1).max(300),
  release: z.string().min(1).max(200),
  version: z.string().max(100),
  rollout: z.number().int().positive(),
  environment: z.string().max(100),
  step: z.number(),
  router: z.string().max(100).nullable(),
  why: z.strictObject({ code: z.string().max(100), sentence: z.string().max(2000) }),
  /** When it was decided, epoch milliseconds. */
  at: z.number().nonnegative(),
  /** What it was decided on: counters only grow, so the last look tells all. */
  sample: Read.catch(UNREAD),
})
export type LateRollback = z.infer<typeof LateRollback>

const Line = z.union([z.strictObject({ decided: LateRollback }), z.strictObject({ entered: z.string().max(300), at: z.number() })])

export interface RollbackFile {
  /** Decided and not entered, oldest first, as the file had it when it was opened. */
  readonly pending: readonly LateRollback[]
  /** Lines that could not be read. */
  readonly unreadable: number
  /** On disk when it resolves. */
  add(rollback: LateRollback): Promise<void>
  /** On disk when it resolves. */
  entered(id: string, at: number): Promise<void>
}

/** How a line gets to the disk; tests give one without space. */
export type Append = (path: string, text: string) => Promise<void>

export interface RollbackFileOptions {
  readonly append?: Append
  readonly log?: Pick<Log, 'error'>
}

/** @throws RolloutError `file-unreadable` when the file is there and cannot be read, or is far too large */
export async function openRollbackFile(path: string, { append = appendSynced, log }: RollbackFileOptions = {}): Promise<RollbackFile> {
  const { pending, unreadable } = read(await textOf(path))
  if (unreadable > 0)
    log?.error(
      { path, lines: unreadable },
      'Lines of late rollbacks cannot be read. Look at the routers: one that was decided may not be carried out.',
    )
  const write = (line: z.infer<typeof Line>): Promise<void> => append(path, `\n${JSON.stringify(line)}\n`)
  return {
    pending: [...pending.values()],
    unreadable,
    add: (rollback) => write({ decided: rollback }),
    entered: (id, at) => write({ entered: id, at }),
  }
}

function read(text: string): { pending: ReadonlyMap<string, LateRollback>; unreadable: number } {
  const pending = new Map<string, LateRollback>()
  let unreadable = 0
  for (const line of text.split('\n')) {
    if (line === '') continue
    const parsed = Line.safeParse(jsonOf(line))
    if (!parsed.success) unreadable += 1
    else if ('decided' in parsed.data) pending.set(parsed.data.decided.id, parsed.data.decided)
    else pending.delete(parsed.data.entered)
  }
  return { pending, unreadable }
}

function jsonOf(line: string): unknown {
  if (line.length > MAX_LINE) return null
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

async function textOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size > MAX_BYTES)
      throw new RolloutError(
        'file-unreadable',
        `${path} has ${size} bytes; it is not the list of late rollbacks. Move it away, and look at the routers.`,
      )
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    if (error instanceof RolloutError) throw error
    throw new RolloutError('file-unreadable', `${path} cannot be read: ${String(error)}. Check its owner; rollbacks may wait in it.`, {
      cause: error,
    })
  }
}

async function appendSynced(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const fresh = !(await stat(path).then(
    () => true,
    () => false,
  ))
  await synced(await open(path, 'a', 0o600), text)
  // A new name is on disk only when its folder is.
  if (fresh) await synced(await open(dirname(path), 'r'), null)
}

async function synced(handle: FileHandle, text: string | null): Promise<void> {
  try {
    if (text !== null) await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
