/** `pack.keep`: a sealed pack into one store, read back and entered in the retention log. Doing it again changes nothing, so it needs no finding. */
import { sha256 } from '../../evidence/core/digest.ts'
import { describePack } from '../../evidence/keep/describe.ts'
import { KeepError } from '../../evidence/keep/error.ts'
import { keepOf, retentionOf } from '../../evidence/keep/policy.ts'
import { EvidenceConfig } from '../../evidence/model/config/services.ts'
import type { Effect, Outcome } from '../release/ports.ts'
import { chainBefore, keep, settle, type Archive } from './archive.ts'
import { StorageError } from './error.ts'

export type KeepEffect = Extract<Effect, { kind: 'pack.keep' }>

const APP = { name: 'release-conductor', how: 'app' } as const

/** Which others there are is the operator's to know. */
export function noStore(name: string): StorageError {
  return new StorageError('unknown-store', `the operator's file has no store ${name}; add it under stores`)
}

export function keepEffects(
  archive: Archive,
  read: (path: string) => Promise<Uint8Array | null>,
): { perform(effect: KeepEffect): Promise<Outcome>; find(effect: KeepEffect): Promise<Outcome | null> } {
  return {
    async perform(effect) {
      if (!archive.keepers.has(effect.store)) throw noStore(effect.store)
      const bytes = await read(effect.path)
      if (bytes === null) throw new StorageError('absent', `the sealed pack ${effect.path} is not there any more`)
      if (sha256(bytes) !== effect.sha256) throw new StorageError('changed', `${effect.path} is not the pack that was sealed`)
      const described = describePack(bytes)
      if (described instanceof KeepError) throw described
      const { pack, manifest } = described
      const until = manifest.keep ?? keepOf(manifest.outcome, Date.parse(manifest.sealed_at), retentionOf(EvidenceConfig.parse({})))
      const { location } = await keep(archive, { pack, keep: until, store: effect.store, bytes, by: APP })
      // The packs before may be kept longer now; what their stores cannot do yet is done at the next look at them.
      for (const before of chainBefore((await archive.log.read()).packs, pack)) await settle(archive, before.pack.sha256)
      return { id: null, data: { location, until: until.until } }
    },
    find: async () => null,
  }
}
