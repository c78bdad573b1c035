/** `audit verify`: is a ledger whole, in order and unedited? */
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { LedgerError } from '../../../evidence/ledger/error.ts'
import { readLedger } from '../../../evidence/ledger/lines.ts'
import { PackError } from '../../../evidence/pack/error.ts'
import { PACK_CAPS, readZip } from '../../../evidence/pack/zip.ts'
import { CliError } from '../error.ts'
import { EXIT } from '../verb.ts'
import type { Verb } from '../verb.ts'

const MAX_BYTES = PACK_CAPS.totalBytes
const LEDGER = 'audit/ledger.jsonl'

async function ledgerBytes(path: string, shown: string): Promise<Uint8Array> {
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isFile())
    throw new CliError('not-found', `There is no file ${shown}.`, 'Name a ledger (ledger.jsonl) or a pack (evidence.zip).')
  if (found.size > MAX_BYTES) throw new CliError('usage', `${shown} has more than ${MAX_BYTES} bytes.`, 'A ledger is smaller than that.')
  const bytes = await readFile(path)
  if (!bytes.subarray(0, 2).equals(Buffer.from('PK'))) return bytes
  const ledger = readZip(bytes).get(LEDGER)
  if (ledger === undefined) throw new CliError('config', `${shown} has no ${LEDGER}.`, 'A pack without its ledger proves no history.')
  return ledger
}

export const audit: Verb = {
  name: 'audit',
  summary: 'Checks the hash chain of a ledger.',
  usage: 'verify <ledger.jsonl | evidence.zip> [--root=HASH]',
  examples: [
    ['release-conductor audit verify evidence.zip', 'every link of the ledger inside the pack'],
    ['release-conductor audit verify ledger.jsonl --root=…', 'and that it ends where it was seen to end: a cut tail is found only so'],
  ],
  options: { root: { type: 'string' } },
  meaning: { root: 'hash of the last entry, from a place outside the store: a check run, a release note' },
  words: { least: 2, most: 2 },
  async run(call) {
    const [action, file = ''] = call.words
    if (action !== 'verify')
      throw new CliError('usage', `\`audit ${action ?? ''}\` is not known.`, 'Use `audit verify <ledger.jsonl | evidence.zip>`.')
    try {
      const bytes = await ledgerBytes(resolve(call.io.cwd, file), file)
      const { entries, root } = readLedger(bytes)
      const expected = call.text('root')
      if (expected !== undefined && expected !== root)
        return {
          exit: EXIT.no,
          text: `The chain holds, but ends with ${root}, not with ${expected}: its tail was cut or its history forked.`,
          data: { ok: false, entries: entries.length, root, expected },
        }
      const note = expected === undefined ? '\nA cut tail cannot be seen from the file alone: compare the root with one kept elsewhere (--root).' : ''
      return {
        exit: EXIT.ok,
        text: `${entries.length} entries, every link holds. Root ${root}.${note}`,
        data: { ok: true, entries: entries.length, root },
      }
    } catch (error) {
      if (error instanceof PackError)
        return {
          exit: EXIT.no,
          text: `${file} is not a pack as it was made: ${error.message}.`,
          data: { ok: false, code: error.code, message: error.message },
        }
      if (!(error instanceof LedgerError)) throw error
      return {
        exit: error.code === 'empty' ? EXIT.indeterminate : EXIT.no,
        text: `${file}: ${error.message}.\nDo not rely on this ledger; ask who had it.`,
        data: { ok: false, code: error.code, message: error.message },
      }
    }
  },
}
