/** `audit verify`: is a ledger whole, in order, unedited, and the one that others have seen? */
import { checkCheckpoint, checkSameHistory, openCheckpoint, originOf, readCheckpoint, treeOfLines } from '../../../evidence/ledger/checkpoint.ts'
import type { MerkleTree } from '../../../evidence/core/merkle.ts'
import type { LedgerEntry } from '../../../evidence/ledger/chain.ts'
import { checkGrowth } from '../../../evidence/ledger/consistency.ts'
import { LedgerError } from '../../../evidence/ledger/error.ts'
import { checkHighlights } from '../../../evidence/ledger/highlights.ts'
import { readLedger } from '../../../evidence/ledger/lines.ts'
import { readNote } from '../../../evidence/ledger/note.ts'
import { PackError } from '../../../evidence/pack/error.ts'
import { CHECKPOINT, CONSISTENCY, HIGHLIGHTS, LEDGER } from '../../../evidence/pack/layout.ts'
import { PACK_CAPS, readZip } from '../../../evidence/pack/zip.ts'
import type { TrustedKey } from '../../../evidence/verify/verifier.ts'
import { CliError } from '../error.ts'
import { bytesOf, publicKeyOf } from '../evidence/files.ts'
import { EXIT } from '../verb.ts'
import type { Answer, Call, Verb } from '../verb.ts'

const MAX_BYTES = PACK_CAPS.totalBytes
const MAX_CHECKPOINT = 256 << 10

interface Log {
  readonly entries: readonly LedgerEntry[]
  /** Hash of the last entry. */
  readonly root: string
  readonly origin: string
  readonly tree: MerkleTree
  /** Of the pack it was in; empty for a file of its own. */
  readonly beside: ReadonlyMap<string, Uint8Array>
}

/** A fault with the file it is in. */
class Fault extends Error {
  readonly file: string
  readonly of: LedgerError | PackError
  constructor(file: string, of: LedgerError | PackError) {
    super(of.message, { cause: of })
    this.file = file
    this.of = of
  }
}

function within<Value>(file: string, work: () => Value): Value {
  try {
    return work()
  } catch (error) {
    throw error instanceof LedgerError || error instanceof PackError ? new Fault(file, error) : error
  }
}

async function logOf(call: Call, file: string): Promise<Log> {
  const bytes = await bytesOf(call, file, MAX_BYTES, 'ledger or pack')
  return within(file, () => {
    const beside = bytes.subarray(0, 2).equals(Buffer.from('PK')) ? readZip(bytes) : new Map<string, Uint8Array>()
    const ledger = beside.size === 0 ? bytes : beside.get(LEDGER)
    if (ledger === undefined) throw new PackError('missing', LEDGER, `it has no ${LEDGER}; a pack without its ledger proves no history`)
    const { entries, root } = readLedger(ledger)
    return { entries, root, beside, origin: originOf(entries[0]?.release ?? ''), tree: treeOfLines(ledger) }
  })
}

/** The checkpoint and the proofs that lie in a pack beside its ledger. */
function checkBeside(file: string, log: Log, keys: readonly TrustedKey[]): string[] {
  const note = log.beside.get(CHECKPOINT)
  if (note === undefined) {
    if (log.beside.size > 0) throw new Fault(file, new PackError('missing', CHECKPOINT, `it has no ${CHECKPOINT}`))
    return []
  }
  return within(file, () => {
    const { checkpoint, signer } = keys.length > 0 ? openCheckpoint(note, keys) : { checkpoint: readCheckpoint(readNote(note)), signer: null }
    checkCheckpoint(log, checkpoint)
    const said = `Its own checkpoint names ${checkpoint.size} entries: ${signer === null ? 'it holds, its signature was not checked (--checkpoint-key)' : `it holds, signed by ${signer.id}`}.`
    const proofs = log.beside.get(CONSISTENCY)
    if (proofs === undefined) throw new PackError('missing', CONSISTENCY, `it has no ${CONSISTENCY}`)
    const { from } = checkGrowth(proofs, checkpoint)
    for (const anchor of from) checkCheckpoint(log, { origin: log.origin, ...anchor })
    const highlights = log.beside.get(HIGHLIGHTS)
    if (highlights !== undefined) checkHighlights(highlights, checkpoint)
    return [said, ...from.map((anchor) => `It grew from the ${anchor.size} entries kept in ${anchor.kept_in} ${anchor.id}.`)]
  })
}

/** A text that was copied from a page: its line ends may be those of the page, and the last one gone. What is signed is compared byte by byte. */
function pasted(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1').replaceAll('\r\n', '\n')
  return Buffer.from(text === '' || text.endsWith('\n') ? text : `${text}\n`, 'latin1')
}

async function checkKept(call: Call, log: Log, keys: readonly TrustedKey[]): Promise<string[]> {
  const said: string[] = []
  for (const file of call.texts('checkpoint')) {
    const bytes = pasted(await bytesOf(call, file, MAX_CHECKPOINT, 'checkpoint'))
    const { checkpoint, signer } = within(file, () => {
      const opened = openCheckpoint(bytes, keys)
      checkCheckpoint(log, opened.checkpoint)
      return opened
    })
    said.push(`${file}: signed by ${signer.id}, names ${checkpoint.size} entries, and the ledger begins with them.`)
  }
  for (const file of call.texts('against')) {
    const other = await logOf(call, file)
    within(file, () => checkSameHistory(log.entries, other.entries))
    said.push(...checkBeside(file, other, keys).map((line) => `${file}: ${line}`), `${file}: ${other.entries.length} entries of the same history.`)
  }
  return said
}

async function verify(call: Call, file: string): Promise<Answer> {
  const keys = await Promise.all(call.texts('checkpoint-key').map((each) => publicKeyOf(call, each)))
  if (call.texts('checkpoint').length > 0 && keys.length === 0)
    throw new CliError(
      'usage',
      'Anybody can write a checkpoint; its signature is what counts.',
      'Add --checkpoint-key=FILE, the public key of the App.',
    )
  const log = await logOf(call, file)
  const { entries, root } = log
  const expected = call.text('root')
  if (expected !== undefined && expected !== root)
    return {
      exit: EXIT.no,
      text: `The chain holds, but ends with ${root}, not with ${expected}: its tail was cut or its history forked.`,
      data: { ok: false, code: 'anchor', at: entries.length - 1, entries: entries.length, root, expected },
    }
  const said = [...checkBeside(file, log, keys), ...(await checkKept(call, log, keys))]
  const isAnchored = expected !== undefined || call.texts('checkpoint').length > 0
  const note = isAnchored
    ? []
    : ['A cut tail cannot be seen from the file alone: give a checkpoint (--checkpoint) or a root (--root) that was kept elsewhere.']
  const tree = Buffer.from(log.tree.root()).toString('hex')
  return {
    exit: EXIT.ok,
    text: [`${entries.length} entries, every link holds. Root ${root}, tree ${tree}.`, ...said, ...note].join('\n'),
    data: { ok: true, entries: entries.length, root, tree: { origin: log.origin, size: entries.length, root: tree }, said },
  }
}

function bad({ file, of }: Fault): Answer {
  if (of instanceof PackError)
    return {
      exit: EXIT.no,
      text: `${file} is not a pack as it was made: ${of.message}.`,
      data: { ok: false, file, code: of.code, message: of.message },
    }
  return {
    exit: of.code === 'empty' ? EXIT.indeterminate : EXIT.no,
    text: `${file}: ${of.message}.\nDo not rely on this ledger; ask who had it.`,
    data: { ok: false, file, code: of.code, at: of.at, message: of.message },
  }
}

export const audit: Verb = {
  name: 'audit',
  summary: 'Checks a ledger: its chain, and that it is the one that others have seen.',
  usage: 'verify <ledger.jsonl | evidence.zip> [--checkpoint=FILE --checkpoint-key=FILE] [--against=FILE] [--root=HASH]',
  examples: [
    ['release-conductor audit verify evidence.zip', 'every link of the ledger inside the pack, its checkpoint and its proofs'],
    [
      'release-conductor audit verify evidence.zip --checkpoint=seen.txt --checkpoint-key=app.pub',
      'and that it holds what a check run or a GitHub release once said: a cut tail is found only so',
    ],
    ['release-conductor audit verify evidence.zip --against=evidence-1.zip', 'and that both tell one history; else the entry where they part'],
    ['release-conductor audit verify ledger.jsonl --root=…', 'and that it ends with this very entry'],
  ],
  options: {
    root: { type: 'string' },
    checkpoint: { type: 'string', multiple: true },
    'checkpoint-key': { type: 'string', multiple: true },
    against: { type: 'string', multiple: true },
  },
  meaning: {
    root: 'hash of the last entry, from a place outside the store',
    checkpoint: 'a signed checkpoint from a place outside the store: a check run, a deployment, a GitHub release; repeat it for each',
    'checkpoint-key': 'public key that may sign checkpoints: that of the App; repeat it for each',
    against: 'another ledger or pack of the same release; repeat it for each',
  },
  words: { least: 2, most: 2 },
  async run(call) {
    const [action, file = ''] = call.words
    if (action !== 'verify')
      throw new CliError('usage', `\`audit ${action ?? ''}\` is not known.`, 'Use `audit verify <ledger.jsonl | evidence.zip>`.')
    try {
      return await verify(call, file)
    } catch (error) {
      if (error instanceof Fault) return bad(error)
      throw error
    }
  },
}
