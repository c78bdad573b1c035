/** What a journal's folder holds: whole records are found again, and what a crash or a bad disk left behind them is cut off or kept aside. */
import { basename, dirname, join } from 'node:path'
import type { Log } from '../release/ports.ts'
import type { JournalFiles } from './files.ts'
import { decode, lengthOf, PREFIX_BYTES, type Delivery } from './record.ts'

const NAME = /^\d{12}\.journal$/

export interface Segment {
  readonly number: number
  /** Bytes of whole, synced records. */
  size: number
  /** Bytes the reader is through with. */
  read: number
}

export function nameOf(number: number): string {
  return `${String(number).padStart(12, '0')}.journal`
}

/** Whole records from one position; `to` is where the last of them ends. */
export async function readRecords(
  files: JournalFiles,
  path: string,
  from: number,
  end: number,
  maxBytes: number,
): Promise<{ readonly deliveries: readonly Delivery[]; readonly to: number }> {
  const deliveries: Delivery[] = []
  let to = from
  while (to < end && (to === from || to - from < maxBytes)) {
    const prefix = await files.read(path, to, PREFIX_BYTES)
    const length = lengthOf(prefix)
    if (length === null) break
    const delivery = decode(prefix, await files.read(path, to + PREFIX_BYTES, length))
    if (delivery === null) break
    deliveries.push(delivery)
    to += PREFIX_BYTES + length
  }
  return { deliveries, to }
}

export async function recover(folder: string, files: JournalFiles, log: Log): Promise<Segment[]> {
  const names = (await files.list(folder)).filter((name) => NAME.test(name)).sort()
  const segments: Segment[] = []
  for (const name of names) {
    const path = join(folder, name)
    let size = 0
    for (;;) {
      const { to } = await readRecords(files, path, size, Number.MAX_SAFE_INTEGER, 8 * 1024 * 1024)
      if (to === size) break
      size = to
    }
    await dropTail(files, path, size, log)
    segments.push({ number: Number.parseInt(name, 10), size, read: 0 })
  }
  return segments
}

/** What follows the last whole record. A torn record is cut off; a later whole one means damage, so the bytes are kept aside. */
async function dropTail(files: JournalFiles, path: string, size: number, log: Log): Promise<void> {
  const tail = await files.read(path, size, 1024 * 1024)
  if (tail.length === 0) return
  if (tail.indexOf('RCJ1', 1) > 0) {
    const aside = await files.create(dirname(path), `${basename(path)}.${size}.damaged`)
    await aside.write([tail], 0)
    await aside.close()
    log.error(
      { path, at: size, bytes: tail.length },
      'The journal is damaged in its middle. The bytes are kept as .damaged; ask GitHub to redeliver recent deliveries.',
    )
  } else
    log.warn({ path, at: size, bytes: tail.length }, 'The journal ended in a record that a crash had cut. It was never acknowledged and is dropped.')
  await files.cut(path, size)
}
