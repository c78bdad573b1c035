/** `evidence keep`: puts a pack into the operator's stores, reads it back, and brings it under the policy. The App does the same for each pack it seals. */
import type { PackRef } from '../../../evidence/keep/acts.ts'
import { keepOf, retentionOf } from '../../../evidence/keep/policy.ts'
import { EvidenceConfig } from '../../../evidence/model/config/services.ts'
import { Manifest } from '../../../evidence/model/manifest.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { MANIFEST } from '../../../evidence/pack/layout.ts'
import { readDocument } from '../../../evidence/pack/contents.ts'
import { PackError } from '../../../evidence/pack/error.ts'
import { readZip } from '../../../evidence/pack/zip.ts'
import { CliError } from '../error.ts'
import { EXIT } from '../verb.ts'
import type { Action } from './action.ts'
import { ACTOR_MEANING, actorOf, answering, ARCHIVE_MEANING, ARCHIVE_OPTIONS, archiveOf, MAX_PACK } from './archive.ts'
import { bytesOf } from './files.ts'

/** What a pack says of itself. It is not verified here: keeping is not believing. @throws CliError */
export function describePack(zip: Uint8Array, name: string): { readonly pack: PackRef; readonly manifest: Manifest } {
  const wrong = (message: string): CliError => new CliError('config', `${name} is no pack: ${message}.`, 'Name an evidence.zip as it was sealed.')
  try {
    const bytes = readZip(zip).get(MANIFEST)
    if (bytes === undefined) throw wrong('it has no manifest')
    const manifest = readDocument(MANIFEST, bytes, Manifest)
    if (manifest instanceof PackError) throw wrong(manifest.message)
    const { repository, repository_id, version, seal, previous, sealed_at } = manifest
    return {
      manifest,
      pack: { sha256: sha256(zip), size: zip.length, manifest: sha256(bytes), repository, repository_id, version, seal, previous, sealed_at },
    }
  } catch (error) {
    if (error instanceof PackError) throw wrong(error.message)
    throw error
  }
}

export const keep: Action = {
  name: 'keep',
  usage: '<evidence.zip> --operator=FILE [--store=NAME] [--by=NAME]',
  examples: [['release-conductor evidence keep evidence.zip --operator=operator.yml', 'into every store of the operator file, each read back']],
  options: { ...ARCHIVE_OPTIONS, by: { type: 'string' }, store: { type: 'string', multiple: true } },
  meaning: { ...ARCHIVE_MEANING, by: ACTOR_MEANING.by, store: 'only this store; may repeat' },
  words: { least: 1, most: 1 },
  run: (call) =>
    answering(async () => {
      const { archive, keeping } = await archiveOf(call)
      const [, name = ''] = call.words
      const bytes = await bytesOf(call, name, MAX_PACK, 'pack')
      const { pack, manifest } = describePack(bytes, name)
      const by = await actorOf(call)
      const asked = call.texts('store')
      const stores = asked.length > 0 ? asked : [...archive.keepers.keys()].filter((store) => store !== keeping.ARTIFACTS)
      if (stores.length === 0) throw new CliError('config', 'The operator file names no store.', 'Add one under `stores`.')
      // A pack of before there was a policy is kept as long as the default says.
      const until = manifest.keep ?? keepOf(manifest.outcome, Date.parse(manifest.sealed_at), retentionOf(EvidenceConfig.parse({})))
      const placed: { store: string; location: string }[] = []
      for (const store of stores) placed.push({ store, location: (await keeping.keep(archive, { pack, keep: until, store, bytes, by })).location })
      return {
        exit: EXIT.ok,
        text: [
          `Kept ${pack.sha256} (${until.class}) until ${until.until}, read back from:`,
          ...placed.map((one) => `  ${one.store}  ${one.location}`),
        ].join('\n'),
        data: { ok: true, pack: pack.sha256, keep: until, stores: placed },
      }
    }),
}
