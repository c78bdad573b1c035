/**
 * A directory: `<path>/sha256/<two digits>/<digest>`, read-only files in folders of their own. A file system enforces no time: what it was told (`.keep`
 * beside the file) is checked before a deletion, and whoever owns the directory can still remove anything. So it is a second copy, or the only one of a
 * small installation, and the retention log is what decides.
 */
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { sha256 } from '../../../evidence/core/digest.ts'
import { Sha256, Timestamp } from '../../../evidence/model/primitives.ts'
import { later } from '../../../evidence/keep/state.ts'
import { StorageError } from '../error.ts'
import { diskError, readWhole, removeSynced, writeSynced } from '../files.ts'
import type { Item, Keeper } from '../keeper.ts'

const Note = z.strictObject({ until: Timestamp, held: z.boolean() })
type Note = z.infer<typeof Note>

/** @param now epoch milliseconds */
export function directoryKeeper(of: { readonly name: string; readonly path: string; readonly now: () => number }): Keeper {
  const root = resolve(of.path)
  const pathOf = ({ sha256: digest }: Pick<Item, 'sha256'>): string => join(root, 'sha256', Sha256.parse(digest).slice(0, 2), digest)
  const noteOf = (item: Item): string => `${pathOf(item)}.keep`

  async function note(item: Item): Promise<Note | null> {
    const bytes = await readWhole(noteOf(item), 10_000)
    if (bytes === null) return null
    try {
      return Note.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
    } catch (cause) {
      throw new StorageError('changed', `${noteOf(item)} cannot be read; what it says of time and holds is unknown`, { cause })
    }
  }
  const remember = (item: Item, to: Note): Promise<void> => writeSynced(noteOf(item), Buffer.from(JSON.stringify(to)), 0o600)

  async function get(item: Item): Promise<Uint8Array | null> {
    const bytes = await readWhole(pathOf(item))
    if (bytes !== null && sha256(bytes) !== item.sha256) throw new StorageError('changed', `${pathOf(item)} has not the digest of its name`)
    return bytes
  }

  async function known(item: Item): Promise<Note> {
    const found = await note(item)
    if (found === null) throw new StorageError('absent', `${item.sha256} is not in ${of.name}`)
    return found
  }

  return {
    name: of.name,
    kind: 'directory',
    takesAnything: true,
    put: guarded('writing', async (item, bytes, until) => {
      if (sha256(bytes) !== item.sha256) throw new StorageError('refused', 'the bytes have not the digest they are put under')
      const there = await get(item).catch((error: unknown) => {
        // A half copy of a crash is written again; a copy somebody changed is never believed, so it is too.
        if (error instanceof StorageError && error.code === 'changed') return null
        throw error
      })
      // What is remembered comes first: bytes are never there without their time.
      const before = await note(item)
      if (before === null || before.until < until) await remember(item, { until: later(before?.until ?? until, until), held: before?.held ?? false })
      if (there === null) await writeSynced(pathOf(item), bytes, 0o400)
      if ((await get(item)) === null) throw new StorageError('changed', `${pathOf(item)} was written and is not there`)
      return { location: pathOf(item) }
    }),
    get: guarded('reading', get),
    head: guarded('looking', async (item) => {
      const found = await stat(pathOf(item)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null
        throw error
      })
      if (found === null) return null
      const told = await note(item)
      return { size: found.size, lockedUntil: told?.until ?? null, held: told?.held ?? false, immutable: false }
    }),
    list: guarded('listing', async () => {
      const folder = join(root, 'sha256')
      const names = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return []
        throw error
      })
      return names.flatMap((name) => /^[0-9a-f]{2}\/([0-9a-f]{64})$/.exec(name.replaceAll('\\', '/'))?.[1] ?? []).toSorted()
    }),
    hold: guarded('holding', async (item, on) => remember(item, { ...(await known(item)), held: on })),
    extend: guarded('extending', async (item, until) => {
      const found = await known(item)
      await remember(item, { ...found, until: later(found.until, until) })
    }),
    delete: guarded('deleting', async (item) => {
      const told = await note(item)
      if (told?.held === true) throw new StorageError('locked', `${item.sha256} is held in ${of.name}`)
      if (told !== null && !(Date.parse(told.until) <= of.now()))
        throw new StorageError('locked', `${of.name} keeps ${item.sha256} until ${told.until}`)
      const there = await removeSynced(pathOf(item))
      await removeSynced(noteOf(item))
      return there ? 'deleted' : 'absent'
    }),
    check: guarded('looking', async () => {
      const found = await stat(root).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null
        throw error
      })
      if (found === null) return [`${root} is not there yet; it is made when the first pack is put`]
      if (!found.isDirectory()) throw new StorageError('refused', `${root} is no directory`)
      return (found.mode & 0o022) === 0 ? [] : [`${root} can be written by others than its owner`]
    }),
  }

  function guarded<Args extends readonly unknown[], Value>(what: string, work: (...args: Args) => Promise<Value>): (...args: Args) => Promise<Value> {
    return async (...args) => {
      try {
        return await work(...args)
      } catch (error) {
        throw diskError(error, `${what} in the store ${of.name}`)
      }
    }
  }
}
