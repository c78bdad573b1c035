/** `evidence keep`: puts a pack into the operator's stores, reads it back, and brings it under the policy. The App does the same for each pack it seals. */
import { describePack } from '../../../evidence/keep/describe.ts'
import { KeepError } from '../../../evidence/keep/error.ts'
import { keepOf, retentionOf } from '../../../evidence/keep/policy.ts'
import { EvidenceConfig } from '../../../evidence/model/config/services.ts'
import { CliError } from '../error.ts'
import { EXIT } from '../verb.ts'
import type { Action } from './action.ts'
import { ACTOR_MEANING, actorOf, answering, ARCHIVE_MEANING, ARCHIVE_OPTIONS, archiveOf, MAX_PACK } from './archive.ts'
import { bytesOf } from './files.ts'

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
      const described = describePack(bytes)
      if (described instanceof KeepError)
        throw new CliError('config', `${name} is no pack: ${described.message}.`, 'Name an evidence.zip as it was sealed.', { cause: described })
      const { pack, manifest } = described
      const by = await actorOf(call)
      const asked = call.texts('store')
      const stores =
        asked.length > 0
          ? asked
          : [...archive.keepers.values()].filter(({ kind }) => kind === 'directory' || kind === 's3').map(({ name: store }) => store)
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
