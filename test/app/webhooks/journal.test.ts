import { appendFileSync, constants, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Log } from '../../../app/release/ports.ts'
import { disk, type JournalFiles } from '../../../app/webhooks/files.ts'
import { openJournal, type Journal, type JournalOptions } from '../../../app/webhooks/journal.ts'
import type { Delivery } from '../../../app/webhooks/record.ts'

let folder: string
let warnings: string[]
const log: Log = {
  info() {},
  warn: (_, message) => void warnings.push(message),
  error: (_, message) => void warnings.push(message),
}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conductor-journal-'))
  warnings = []
})
afterEach(async () => {
  for (const journal of opened.splice(0)) await journal.close()
  rmSync(folder, { recursive: true, force: true })
})

const opened: Journal[] = []
async function open(over: Partial<JournalOptions> = {}): Promise<Journal> {
  const journal = await openJournal({ folder, log, ...over })
  opened.push(journal)
  return journal
}

function delivery(guid: string, body: string | Buffer = `{"guid":"${guid}"}`): Delivery {
  return { head: { app: '1', hook: '2', guid, event: 'push', at: 1000 }, body: Buffer.from(body) }
}

async function all(journal: Journal): Promise<string[]> {
  const guids: string[] = []
  while (journal.pending()) {
    const deliveries = await journal.peek()
    guids.push(...deliveries.map((one) => one.head.guid))
    await journal.taken()
  }
  return guids
}

function segments(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.journal'))
    .sort()
}

function onlySegment(): string {
  expect(segments()).toHaveLength(1)
  return join(folder, segments()[0] ?? '')
}

/** Some that are listed are closed by now. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function raise(code: string | undefined): void {
  if (code !== undefined) throw Object.assign(new Error(`${code}: told so`), { code })
}

/** A disk whose writes (before or after the bytes are in the file) and cuts go wrong as told. */
function faulty(): { files: JournalFiles; fail: { write?: string; sync?: string; truncate?: string; partial?: boolean } } {
  const fail: { write?: string; sync?: string; truncate?: string; partial?: boolean } = {}
  const files: JournalFiles = {
    ...disk,
    async create(place, name) {
      const file = await disk.create(place, name)
      return {
        async write(buffers, position) {
          if (fail.partial === true) await file.write([Buffer.concat(buffers).subarray(0, 21)], position)
          raise(fail.write)
          await file.write(buffers, position)
          raise(fail.sync)
        },
        async truncate(size) {
          raise(fail.truncate)
          await file.truncate(size)
        },
        close: () => file.close(),
      }
    },
  }
  return { files, fail }
}

test('what was appended comes out whole, in order, once; then the file is gone', async () => {
  const journal = await open()
  const body = Buffer.from([0, 255, 10, 82, 67, 74, 49])
  await journal.append(delivery('one', body))
  await journal.append(delivery('two', ''))
  expect(await journal.peek()).toEqual([delivery('one', body), delivery('two', '')])
  expect(await journal.peek()).toHaveLength(2)
  await journal.taken()
  expect(journal.pending()).toBe(false)
  expect(await journal.peek()).toEqual([])
  await journal.close()
  expect(segments()).toEqual([])
})

test('the kernel has synced what a write of the journal answered for', async () => {
  await (await open()).append(delivery('one'))
  const journal = onlySegment()
  const fd = readdirSync('/proc/self/fd').find((name) => linkOf(`/proc/self/fd/${name}`) === journal) ?? ''
  const flags = Number.parseInt(/^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0', 8)
  expect(flags & constants.O_DSYNC).toBe(constants.O_DSYNC)
})

test('one sync serves every delivery that came during the one before', async () => {
  const groups: number[] = []
  const journal = await open({ onSync: (count) => groups.push(count) })
  await Promise.all(Array.from({ length: 100 }, (_, index) => journal.append(delivery(`d${index}`))))
  expect(groups.reduce((sum, count) => sum + count, 0)).toBe(100)
  expect(groups.length).toBeLessThanOrEqual(2)
  expect(await all(journal)).toEqual(Array.from({ length: 100 }, (_, index) => `d${index}`))
  await journal.close()
})

test('while each turn of the event loop brings more, they are one group; a group is never waited for without end', async () => {
  const groups: number[] = []
  const journal = await open({ onSync: (count) => groups.push(count) })
  const appended: Promise<void>[] = []
  for (let index = 0; index < 100; index += 2) {
    appended.push(journal.append(delivery(`d${index}`)), journal.append(delivery(`d${index + 1}`)))
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
  await Promise.all(appended)
  expect(groups[0]).toBeGreaterThanOrEqual(64)
  expect(groups[0]).toBeLessThan(100)
  expect(groups.reduce((sum, count) => sum + count, 0)).toBe(100)
})

test('a crash before draining: the next start has all of it', async () => {
  const journal = await open()
  for (const guid of ['a', 'b', 'c']) await journal.append(delivery(guid))
  const next = await open()
  expect(await all(next)).toEqual(['a', 'b', 'c'])
  expect(warnings).toEqual([])
})

test('taken but not removed: the next start gives it again, for the inbox to tell', async () => {
  const journal = await open()
  await journal.append(delivery('a'))
  await all(journal)
  await journal.append(delivery('b'))
  expect(await all(await open())).toEqual(['a', 'b'])
})

test.each([1, 3, 15, 17, 40])(
  'a record cut %i bytes in by a crash is dropped with a warning, what is before it stays, and appends go on',
  async (kept) => {
    const journal = await open()
    await journal.append(delivery('whole'))
    const size = readFileSync(onlySegment()).length
    await journal.append(delivery('torn'))
    truncateSync(onlySegment(), size + kept)
    const next = await open()
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(/never acknowledged/)
    await next.append(delivery('after'))
    expect(await all(next)).toEqual(['whole', 'after'])
  },
)

test('damage in the middle keeps the bytes aside and says so', async () => {
  const journal = await open()
  await journal.append(delivery('first'))
  const size = readFileSync(onlySegment()).length
  await journal.append(delivery('hit'))
  await journal.append(delivery('behind'))
  const bytes = readFileSync(onlySegment())
  bytes[size + 20] = (bytes[size + 20] ?? 0) ^ 1
  writeFileSync(onlySegment(), bytes)
  const next = await open()
  expect(await all(next)).toEqual(['first'])
  expect(warnings[0]).toMatch(/damaged/)
  expect(readdirSync(folder).filter((name) => name.endsWith('.damaged'))).toHaveLength(1)
})

test('garbage behind the last record is not a delivery', async () => {
  const journal = await open()
  await journal.append(delivery('a'))
  appendFileSync(onlySegment(), Buffer.alloc(5000))
  expect(await all(await open())).toEqual(['a'])
})

test('long segments follow each other and go when they are read', async () => {
  const journal = await open({ segmentBytes: 1000 })
  for (let index = 0; index < 50; index += 1) await journal.append(delivery(`d${index}`))
  expect(segments().length).toBeGreaterThan(3)
  expect(await all(journal)).toHaveLength(50)
  expect(segments().length).toBeLessThanOrEqual(1)
  await journal.close()
  expect(segments()).toEqual([])
})

test('appends while draining lose nothing and repeat nothing', async () => {
  const journal = await open({ segmentBytes: 2000 })
  let over = false
  const appended = (async () => {
    for (let index = 0; index < 300; index += 1) await journal.append(delivery(`d${index}`))
    over = true
  })()
  const seen: string[] = []
  for (;;) {
    const last = over
    seen.push(...(await all(journal)))
    if (last) break
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
  await appended
  expect(seen).toEqual(Array.from({ length: 300 }, (_, index) => `d${index}`))
  await journal.close()
})

describe('when the disk', () => {
  test('is full, the group is refused and cut off; with space again it goes on', async () => {
    const { files, fail } = faulty()
    const journal = await open({ files })
    await journal.append(delivery('before'))
    Object.assign(fail, { write: 'ENOSPC', partial: true })
    await expect(journal.append(delivery('refused'))).rejects.toMatchObject({ code: 'disk-full' })
    expect(journal.trouble()).toMatchObject({ code: 'disk-full' })
    expect(await journal.probe()).toBe(false)
    Object.assign(fail, { write: undefined, partial: false })
    expect(await journal.probe()).toBe(true)
    await journal.append(delivery('after'))
    expect(journal.trouble()).toBeNull()
    expect(await all(await open())).toEqual(['before', 'after'])
    expect(warnings).toEqual([expect.stringMatching(/No space left/)])
  })

  test('is full and cannot even cut, a new segment begins', async () => {
    const { files, fail } = faulty()
    const journal = await open({ files })
    await journal.append(delivery('before'))
    Object.assign(fail, { write: 'ENOSPC', truncate: 'EIO', partial: true })
    await expect(journal.append(delivery('refused'))).rejects.toMatchObject({ code: 'disk-full' })
    Object.assign(fail, { write: undefined, truncate: undefined, partial: false })
    await journal.append(delivery('after'))
    expect(await all(await open())).toEqual(['before', 'after'])
  })

  test('fails to sync, nothing of that group is acknowledged and the file is not trusted again', async () => {
    const { files, fail } = faulty()
    const journal = await open({ files })
    await journal.append(delivery('before'))
    fail.sync = 'EIO'
    await expect(journal.append(delivery('unsure'))).rejects.toMatchObject({ code: 'journal-failed' })
    delete fail.sync
    await journal.append(delivery('after'))
    expect(segments()).toHaveLength(2)
    expect(await all(journal)).toEqual(['before', 'after'])
  })
})

test('more than memory allows is refused at once', async () => {
  const journal = await open({ queueBytes: 1000 })
  const answers = await Promise.allSettled(Array.from({ length: 5 }, (_, index) => journal.append(delivery(`d${index}`, 'x'.repeat(400)))))
  const refused = answers.filter((answer) => answer.status === 'rejected')
  expect(refused.length).toBeGreaterThan(0)
  expect(refused[0]?.reason).toMatchObject({ code: 'busy' })
  await journal.append(delivery('later'))
  expect(await all(journal)).toHaveLength(6 - refused.length)
})

test('after close it refuses', async () => {
  const journal = await open()
  await journal.close()
  await expect(journal.append(delivery('late'))).rejects.toMatchObject({ code: 'closed' })
})
