/**
 * The App's own `artifacts_dir`, where every pack is sealed: `<owner>/<name>/release/<version>/evidence-<n>-<digest>.zip`, and `evidence.zip` for the
 * newest. A pack counts as being here only while the file has its digest. It enforces nothing; the retention log decides.
 */
import { sha256 } from '../../../evidence/core/digest.ts'
import type { PackFiles, Sealed } from '../../store/pack-files.ts'
import { StorageError } from '../error.ts'
import { diskError, readWhole, removeSynced } from '../files.ts'
import type { Item, Keeper } from '../keeper.ts'

/** The name of this store in the retention log; no store of the operator may have it. */
export const ARTIFACTS = 'artifacts'

export function artifactsKeeper(files: Pick<PackFiles, 'path' | 'newest' | 'write'>): Keeper {
  const pathOf = (item: Item): string => files.path(releaseOf(item), item.seal, item.sha256)
  const get = (item: Item): Promise<Uint8Array | null> => at(pathOf(item), item)
  return {
    name: ARTIFACTS,
    kind: 'artifacts',
    takesAnything: false,
    put: (item, bytes) =>
      guarded(async () => {
        if (sha256(bytes) !== item.sha256) throw new StorageError('refused', 'the bytes have not the digest they are put under')
        if ((await get(item)) === null) await files.write(pathOf(item), bytes)
        if ((await get(item)) === null) throw new StorageError('changed', `${pathOf(item)} was written and has another digest`)
        return { location: pathOf(item) }
      }),
    get: (item) => guarded(() => get(item)),
    head: (item) =>
      guarded(async () => {
        const bytes = await get(item)
        return bytes === null ? null : { size: bytes.length, lockedUntil: null, held: false, immutable: false }
      }),
    list: async () => [],
    hold: async () => {},
    extend: async () => {},
    delete: (item) =>
      guarded(async () => {
        let gone = false
        for (const path of [files.newest(releaseOf(item)), pathOf(item)])
          if ((await at(path, item)) !== null && (await removeSynced(path))) gone = true
        return gone ? 'deleted' : 'absent'
      }),
    check: async () => [],
  }
}

function releaseOf({ repository, version }: Item): Sealed {
  const [owner = '', name = ''] = repository.split('/')
  return { repository: { owner, name }, version }
}

async function at(path: string, item: Item): Promise<Uint8Array | null> {
  const bytes = await readWhole(path)
  return bytes !== null && sha256(bytes) === item.sha256 ? bytes : null
}

async function guarded<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (error) {
    throw diskError(error, 'a file of artifacts_dir')
  }
}
