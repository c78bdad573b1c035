/** `evidence read`: shows one entry of a pack. Who reads what may hold personal data says why, and that is on disk before a byte is shown. */
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { sha256 } from '../../../evidence/core/digest.ts'
import { KeepError } from '../../../evidence/keep/error.ts'
import { readReason } from '../../../evidence/keep/reason.ts'
import { PackError } from '../../../evidence/pack/error.ts'
import { readZip } from '../../../evidence/pack/zip.ts'
import { CliError } from '../error.ts'
import { EXIT } from '../verb.ts'
import type { Call } from '../verb.ts'
import type { Action } from './action.ts'
import {
  ACTOR_MEANING,
  ACTOR_OPTIONS,
  actorOf,
  answering,
  ARCHIVE_MEANING,
  ARCHIVE_OPTIONS,
  archiveOf,
  digestMeant,
  isFile,
  MAX_PACK,
  type Keeping,
  type OpenArchive,
} from './archive.ts'
import { bytesOf } from './files.ts'

async function packBytes(call: Call, archive: OpenArchive, keeping: Keeping, word: string): Promise<Uint8Array> {
  if (await isFile(call, word)) return bytesOf(call, word, MAX_PACK, 'pack')
  const pack = keeping.packOf(await archive.log.read(), await digestMeant(call, archive, word))
  if (pack instanceof KeepError) throw pack
  return keeping.fetchPack(archive, pack)
}

function entryOf(zip: Uint8Array, path: string): Uint8Array {
  let files: ReadonlyMap<string, Uint8Array>
  try {
    files = readZip(zip)
  } catch (error) {
    if (!(error instanceof PackError)) throw error
    throw new CliError('config', `That is no pack: ${error.message}.`, 'Name an evidence.zip as it was sealed.', { cause: error })
  }
  const found = files.get(path)
  if (found === undefined)
    throw new CliError('not-found', `The pack has no entry ${path.slice(0, 300)}.`, 'Look into its manifest.json, or list it with any zip program.')
  return found
}

/** Never over a file that is there. */
async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw new CliError('usage', `${path} cannot be made: ${error instanceof Error ? error.message : String(error)}`, 'Choose another --out.', {
      cause: error,
    })
  }
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

export const read: Action = {
  name: 'read',
  usage: '<pack> <path> --operator=FILE [--reason=TEXT] [--by=NAME] [--out=FILE]',
  examples: [
    [
      'release-conductor evidence read evidence.zip identity/stepup.json --operator=operator.yml --reason=audit-of-quarter-4 --by=alice@example.com',
      'elevated entries need the reason; it is written down first, and without that nothing is shown',
    ],
    ['release-conductor evidence read evidence.zip release_notes.md --operator=operator.yml', 'what is not elevated needs none'],
  ],
  options: { ...ARCHIVE_OPTIONS, ...ACTOR_OPTIONS, out: { type: 'string' } },
  meaning: { ...ARCHIVE_MEANING, ...ACTOR_MEANING, out: 'write the exact bytes to this new file; needed for what is no text' },
  words: { least: 2, most: 2 },
  run: (call) =>
    answering(async () => {
      const { archive, keeping } = await archiveOf(call)
      const [, word = '', path = ''] = call.words
      const given = call.text('reason')
      const reason = given === undefined ? null : readReason(given)
      if (reason instanceof KeepError) throw reason
      const zip = await packBytes(call, archive, keeping, word)
      const bytes = entryOf(zip, path)
      const out = call.text('out')
      const text = textOf(bytes)
      if (out === undefined && text === null) throw new CliError('usage', `${path} is no text.`, 'Add --out=FILE.')
      const by = await actorOf(call)
      const { elevated, entry } = await keeping.recordAccess(archive, { pack: sha256(zip), path, bytes, reason, by })
      if (out !== undefined) await writeNew(resolve(call.io.cwd, out), bytes)
      return {
        exit: EXIT.ok,
        text: out === undefined ? (text ?? '') : `${path}: ${bytes.length} bytes in ${out}`,
        data: {
          ok: true,
          path,
          sha256: sha256(bytes),
          elevated,
          access_entry: entry,
          ...(out === undefined ? { base64: Buffer.from(bytes).toString('base64') } : { out }),
        },
      }
    }),
}
