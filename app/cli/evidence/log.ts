/** `evidence log`: the retention log for people, spreadsheets and comments: who held, read, asked, approved, and what became of it. */
import { readAct, type Act } from '../../../evidence/keep/acts.ts'
import { csvCell } from '../../../evidence/keep/reason.ts'
import type { LedgerEntry } from '../../../evidence/ledger/chain.ts'
import { CliError } from '../error.ts'
import { table } from '../output.ts'
import { EXIT } from '../verb.ts'
import type { Action } from './action.ts'
import { answering, ARCHIVE_MEANING, ARCHIVE_OPTIONS, archiveOf, digestMeant } from './archive.ts'

const HEAD = ['entry', 'at', 'act', 'pack', 'who', 'how known', 'what', 'reason'] as const

function whatOf(act: Act): string {
  switch (act.type) {
    case 'kept':
      return `${act.data.store}, ${act.data.keep.class} until ${act.data.keep.until}`
    case 'extended':
      return `until ${act.data.until}`
    case 'placed':
      return `${act.data.store}: until ${act.data.until}${act.data.held ? ', held' : ''}`
    case 'lifted':
      return `hold ${act.data.hold}`
    case 'purge.approved':
      return `request ${act.data.request}`
    case 'purge.started':
      return act.data.stores.join(' ')
    case 'purge.deleted':
      return `${act.data.store}: ${act.data.found ? 'deleted' : 'was gone'}`
    case 'purge.failed':
      return `${act.data.store}: ${act.data.code}`
    case 'purge.done':
      return `tombstone ${act.data.tombstone}`
    case 'access':
      return act.data.path
    case 'verified':
      return `${act.data.store}: ${act.data.ok ? 'whole' : act.data.what}`
    default:
      return ''
  }
}

function rowOf(entry: LedgerEntry): { readonly pack: string; readonly cells: readonly string[] } {
  const act = readAct(entry.type, entry.data)
  if (act === null) return { pack: '', cells: [String(entry.index), entry.at, entry.type, '', '', '', '', ''] }
  const pack = act.type === 'mended' ? '' : typeof act.data.pack === 'string' ? act.data.pack : act.data.pack.sha256
  const by = 'by' in act.data ? act.data.by : null
  const reason = 'reason' in act.data ? (act.data.reason ?? '') : ''
  return { pack, cells: [String(entry.index), entry.at, act.type, pack.slice(0, 16), by?.name ?? '', by?.how ?? '', whatOf(act), reason] }
}

export const log: Action = {
  name: 'log',
  usage: '[<pack>] --operator=FILE [--csv]',
  examples: [
    ['release-conductor evidence log --operator=operator.yml', 'every hold, read, request, approval and purge, oldest first'],
    ['release-conductor evidence log 0123456789abcdef --csv --operator=operator.yml', 'for a spreadsheet; no cell is a formula'],
  ],
  options: { ...ARCHIVE_OPTIONS, csv: { type: 'boolean' } },
  meaning: { ...ARCHIVE_MEANING, csv: 'comma-separated, every cell quoted' },
  words: { least: 0, most: 1 },
  run: (call) =>
    answering(async () => {
      const { archive } = await archiveOf(call)
      const word = call.words[1]
      const digest = word === undefined ? null : await digestMeant(call, archive, word)
      const { entries } = await archive.log.read()
      const shown = entries.map((entry) => ({ entry, ...rowOf(entry) })).filter((row) => digest === null || row.pack === digest)
      if (digest !== null && shown.length === 0)
        throw new CliError('not-found', `The retention log says nothing of ${digest}.`, 'Run `release-conductor evidence list`.')
      const rows = shown.map(({ cells }) => cells)
      return {
        exit: EXIT.ok,
        text: call.flag('csv') ? [HEAD, ...rows].map((cells) => cells.map(csvCell).join(',')).join('\n') : table(HEAD, rows),
        data: { ok: true, entries: shown.map(({ entry }) => entry), root: entries.at(-1)?.hash ?? null },
      }
    }),
}
