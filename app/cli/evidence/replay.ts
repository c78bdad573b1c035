/** `evidence verify --replay`: what was computed again from a pack, for people and programs, and what it means for the exit code. */
import { replayPack } from '../../../agents/replay.ts'
import { openPack } from '../../../evidence/pack/open.ts'
import { worstOf, type Replayed } from '../../../evidence/pack/replayed.ts'
import type { Trust } from '../../../evidence/verify/verifier.ts'
import { table } from '../output.ts'
import { EXIT } from '../verb.ts'
import type { Exit } from '../verb.ts'

export interface ReplayAnswer {
  readonly exit: Exit
  readonly text: string
  /** `--json`: the worst result, and every row by what it is about. */
  readonly data: { readonly result: ReturnType<typeof worstOf>; readonly gates: readonly Replayed[]; readonly decisions: readonly Replayed[] }
}

const WORDS: Readonly<Record<Replayed['result'], string>> = {
  same: 'yes',
  differs: 'NO',
  indeterminate: 'not computed again',
  'not-computed': 'not a computation',
}

/** @param of.files every entry of the pack, whether or not it verified */
export function replayAnswer(of: {
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly trust: Trust
  readonly packTrust?: Trust
}): ReplayAnswer {
  const pack = openPack(of)
  if (pack === null)
    return {
      exit: EXIT.indeterminate,
      text: 'Nothing was computed again: the pack has no manifest that can be read.',
      data: { result: 'indeterminate', gates: [], decisions: [] },
    }
  const { gates, decisions } = replayPack(pack)
  const rows: readonly Replayed[] = [...gates, ...decisions]
  const result = worstOf(rows)
  const text = [
    SUMMARY[result],
    '',
    table(
      ['computed again', 'packed', 'recomputed', 'same'],
      rows.map((row) => [row.subject, row.packed ?? '-', row.recomputed ?? '-', WORDS[row.result]]),
    ),
    ...rows.flatMap(detail),
  ].join('\n')
  return { exit: EXITS[result], text, data: { result, gates: gates.map(({ verdict: _verdict, ...row }) => row), decisions } }
}

const EXITS = { same: EXIT.ok, differs: EXIT.no, indeterminate: EXIT.indeterminate } as const
const SUMMARY = {
  same: 'Computed again from the pack, everything comes out the same.',
  differs: 'Computed again from the pack, something comes out differently: it was not decided the way the pack says.',
  indeterminate: 'Not everything could be computed again, so nothing is proven about that part.',
} as const

function detail(row: Replayed): readonly string[] {
  if (row.why === '' && row.differences.length === 0) return []
  const fields = row.differences.map(({ field, packed, recomputed }) => [`  ${field}`, packed, recomputed])
  return [
    '',
    row.why === '' ? `${row.subject}:` : `${row.subject}: ${row.why}`,
    ...(fields.length === 0 ? [] : [table(['  field', 'packed', 'recomputed'], fields)]),
  ]
}
