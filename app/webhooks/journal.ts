/**
 * The first place a delivery is safe in: an append-only file. GitHub does not send a delivery twice by itself, so the answer waits for the sync; one
 * synced write serves every delivery that arrived during the one before. The reader takes records out in order and a segment goes when it is read to its end.
 *
 * Failures: on a full disk the group that did not fit is refused and cut off again, what was synced stays, and the next group tries anew. After any
 * other write error the segment is left as it is and a new one begins, because the state of a file after a failed sync is unknown. On start a torn
 * tail (a record cut by a crash, never acknowledged) is cut off; if whole records follow a broken one the segment is also kept as `.damaged`.
 */
import { join } from 'node:path'
import type { Log } from '../release/ports.ts'
import { WebhookError } from './error.ts'
import { disk, type JournalFile, type JournalFiles } from './files.ts'
import { encode, type Delivery } from './record.ts'
import { nameOf, readRecords, recover, type Segment } from './recover.ts'

/** Deliveries; a larger group is not waited for. */
const LARGEST_GROUP = 64

interface Waiting {
  readonly buffers: readonly [Buffer, Buffer]
  readonly done: () => void
  readonly failed: (error: WebhookError) => void
}

export interface Journal {
  /** Resolves when the delivery is on disk. @throws WebhookError `disk-full`, `journal-failed`, `busy`, `closed` */
  append(delivery: Delivery): Promise<void>
  /** The next records not yet taken, oldest first; empty when there are none. */
  peek(maxBytes?: number): Promise<readonly Delivery[]>
  /** The last peeked records are safe elsewhere. */
  taken(): Promise<void>
  /** Synced records not yet taken exist. */
  pending(): boolean
  /** What the last write ran into; null when it went well. */
  trouble(): WebhookError | null
  /** Writes and syncs nothing, to see whether a full disk has space again. */
  probe(): Promise<boolean>
  close(): Promise<void>
}

export interface JournalOptions {
  readonly folder: string
  readonly files?: JournalFiles
  readonly log: Log
  /** A segment this long is followed by a new one. Bytes. */
  readonly segmentBytes?: number
  /** More than this waiting to be written is refused. Bytes. */
  readonly queueBytes?: number
  /** Called after each group, with how many deliveries it held. */
  readonly onSync?: (deliveries: number) => void
}

/** Opens the folder, recovers what a crash left, and begins a new segment on the first append. */
export async function openJournal({
  folder,
  files = disk,
  log,
  segmentBytes = 16 * 1024 * 1024,
  queueBytes = 64 * 1024 * 1024,
  onSync,
}: JournalOptions): Promise<Journal> {
  const segments: Segment[] = await recover(folder, files, log)
  let next = (segments.at(-1)?.number ?? 0) + 1
  let active: { readonly file: JournalFile; readonly segment: Segment } | null = null
  let queue: Waiting[] = []
  let queued = 0
  let writing: Promise<void> | null = null
  let peeked: { readonly segment: Segment; readonly to: number } | null = null
  let trouble: WebhookError | null = null
  let closed = false

  const path = (segment: Segment): string => join(folder, nameOf(segment.number))

  async function begin(): Promise<{ readonly file: JournalFile; readonly segment: Segment }> {
    const segment = { number: next, size: 0, read: 0 }
    next += 1
    const file = await files.create(folder, nameOf(segment.number))
    segments.push(segment)
    return { file, segment }
  }

  async function endActive(): Promise<void> {
    const ended = active
    active = null
    await ended?.file.close().catch(() => {})
  }

  /** What was synced can no longer be read: the disk lies. The file stays for people to look at. */
  async function setAside(segment: Segment): Promise<void> {
    log.error(
      { path: path(segment), at: segment.read },
      'A journal segment cannot be read. It is kept as .damaged; ask GitHub to redeliver recent deliveries.',
    )
    if (active?.segment === segment) await endActive()
    await files.rename(path(segment), `${path(segment)}.damaged`)
    segments.splice(segments.indexOf(segment), 1)
  }

  async function writeGroup(group: readonly Waiting[]): Promise<void> {
    if (active !== null && active.segment.size >= segmentBytes) await endActive()
    active ??= await begin()
    const { file, segment } = active
    const buffers = group.flatMap((one) => one.buffers)
    try {
      await file.write(buffers, segment.size)
    } catch (error) {
      const full = isFull(error)
      const cut =
        full &&
        (await file.truncate(segment.size).then(
          () => true,
          () => false,
        ))
      if (!cut) await endActive()
      throw error
    }
    segment.size += buffers.reduce((sum, buffer) => sum + buffer.length, 0)
  }

  async function writeAll(): Promise<void> {
    while (queue.length > 0) {
      await gather()
      const group = queue
      queue = []
      queued = 0
      try {
        await writeGroup(group)
        trouble = null
        for (const one of group) one.done()
        onSync?.(group.length)
      } catch (error) {
        const failure = explain(error, folder)
        trouble = failure
        log.error({ code: failure.code, refused: group.length }, failure.message)
        for (const one of group) one.failed(failure)
      }
    }
    // In the same turn as the look at the queue: an append must never see a writer that has looked for the last time.
    writing = null
  }

  function kick(): void {
    writing ??= writeAll()
  }

  /** Waits while each turn of the event loop brings more: what came together is written together. */
  async function gather(): Promise<void> {
    for (let seen = 0; queue.length > seen && seen < LARGEST_GROUP;) {
      seen = queue.length
      await turn()
    }
  }

  return {
    append(delivery) {
      if (closed) return Promise.reject(new WebhookError('closed', 'The process is stopping and takes no more deliveries. Send it again.'))
      const buffers = encode(delivery)
      const bytes = buffers[0].length + buffers[1].length
      if (queued + bytes > queueBytes)
        return Promise.reject(new WebhookError('busy', `More than ${queueBytes} bytes wait to be written. Send it again in a minute.`))
      queued += bytes
      return new Promise<void>((done, failed) => {
        queue.push({ buffers, done, failed })
        kick()
      })
    },
    async peek(maxBytes = 8 * 1024 * 1024) {
      const segment = segments.find((one) => one.read < one.size)
      if (segment === undefined) return []
      const { deliveries, to } = await readRecords(files, path(segment), segment.read, segment.size, maxBytes)
      if (deliveries.length === 0) await setAside(segment)
      else peeked = { segment, to }
      return deliveries
    },
    async taken() {
      if (peeked !== null) peeked.segment.read = peeked.to
      peeked = null
      // A segment that is read to its end is of no more use; the active one goes when it is worth a new file.
      if (writing === null && active !== null && active.segment.read === active.segment.size && active.segment.size >= segmentBytes / 16)
        await endActive()
      for (const segment of segments.filter((one) => one.read === one.size && one !== active?.segment)) {
        await files.remove(path(segment))
        segments.splice(segments.indexOf(segment), 1)
      }
    },
    pending: () => segments.some((segment) => segment.read < segment.size),
    trouble: () => trouble,
    async probe() {
      if (trouble === null) return true
      try {
        const { file, segment } = await probeFile(files, folder)
        await file.close()
        await files.remove(segment)
        trouble = null
        return true
      } catch {
        return false
      }
    },
    async close() {
      closed = true
      await writing
      const last = active?.segment
      await endActive()
      if (last !== undefined && last.read === last.size) await files.remove(path(last))
    },
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT'
}

function explain(error: unknown, folder: string): WebhookError {
  if (isFull(error))
    return new WebhookError(
      'disk-full',
      `No space left under ${folder}, so deliveries are refused with 503. Free space; nothing that was accepted is lost.`,
      {
        cause: error,
      },
    )
  return new WebhookError('journal-failed', `The journal under ${folder} cannot be written: ${(error as Error).message}. Check the disk.`, {
    cause: error,
  })
}

/** 64 KB written, synced and removed: more than a usual delivery. */
async function probeFile(files: JournalFiles, folder: string): Promise<{ readonly file: JournalFile; readonly segment: string }> {
  await files.remove(join(folder, 'probe'))
  const file = await files.create(folder, 'probe')
  try {
    await file.write([Buffer.alloc(64 * 1024)], 0)
  } catch (error) {
    await file.close()
    await files.remove(join(folder, 'probe'))
    throw error
  }
  return { file, segment: join(folder, 'probe') }
}
