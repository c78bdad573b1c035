/** `evidence verify --replay`: what was computed again from a pack, for people and programs, and what it means for the exit code. */
import { replayAgents, replayPack } from '../../../agents/replay.ts'
import { replayPictures } from '../../../evidence/chart/picture.ts'
import { drawPng, type Draw } from '../../../evidence/chart/png.ts'
import { openPack } from '../../../evidence/pack/open.ts'
import { worstOf, type Replayed } from '../../../evidence/pack/replayed.ts'
import type { Trust } from '../../../evidence/verify/verifier.ts'
import { replayCommands } from '../../commands/replay.ts'
import { replayRollout } from '../../rollout/replay.ts'
import { table } from '../output.ts'
import { EXIT } from '../verb.ts'
import type { Exit } from '../verb.ts'

/** What is computed again, in the order in which one rests on the other. */
const PARTS = { responses: 'agent', gates: 'gate', decisions: 'decision', commands: 'command', steps: 'step', pictures: 'picture' } as const
type Part = keyof typeof PARTS

export interface ReplayAnswer {
  readonly exit: Exit
  readonly text: string
  /** `--json`: the worst result, and every row by what it is about. */
  readonly data: { readonly result: ReturnType<typeof worstOf> } & Readonly<Record<Part, readonly Replayed[]>>
}

const WORDS: Readonly<Record<Replayed['result'], string>> = {
  same: 'yes',
  differs: 'NO',
  indeterminate: 'not computed again',
  'not-computed': 'no computation',
}
const EXITS = { same: EXIT.ok, differs: EXIT.no, indeterminate: EXIT.indeterminate } as const
const SUMMARY = {
  same: 'Computed again from the pack, everything comes out the same.',
  differs: 'Computed again from the pack, something comes out differently: it did not come about the way the pack says.',
  indeterminate: 'Not everything could be computed again, so nothing is proven about that part.',
} as const

/** @param of.files every entry of the pack, whether or not it verified @param of.draw for tests: another renderer, or none */
export async function replayAnswer(of: {
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly trust: Trust
  readonly packTrust?: Trust
  readonly draw?: Draw
}): Promise<ReplayAnswer> {
  const parts = await partsOf(of)
  if (parts === null)
    return {
      exit: EXIT.indeterminate,
      text: 'Nothing was computed again: the pack has no manifest that can be read.',
      data: { result: 'indeterminate', responses: [], gates: [], decisions: [], commands: [], steps: [], pictures: [] },
    }
  const named = (Object.keys(PARTS) as Part[]).flatMap((part) => parts[part].map((row) => ({ part, row })))
  const result = worstOf(named.map(({ row }) => row))
  const text = [
    SUMMARY[result],
    '',
    table(
      ['computed again', '', 'packed', 'recomputed', 'same'],
      named.map(({ part, row }) => [PARTS[part], row.subject, row.packed ?? '-', row.recomputed ?? '-', WORDS[row.result]]),
    ),
    ...named.flatMap(({ row }) => detail(row)),
  ].join('\n')
  return { exit: EXITS[result], text, data: { result, ...parts } }
}

async function partsOf(of: Parameters<typeof replayAnswer>[0]): Promise<Record<Part, readonly Replayed[]> | null> {
  const pack = openPack(of)
  if (pack === null) return null
  const { gates, decisions } = replayPack(pack)
  return {
    responses: replayAgents(pack),
    gates: gates.map(({ verdict: _verdict, ...row }) => row),
    decisions,
    commands: await replayCommands(pack.ledger, pack.config.value),
    steps: replayRollout({ series: [...pack.series.values()], ledger: pack.ledger, statements: pack.statements, config: pack.config.value }),
    pictures: await replayPictures(pack, of.draw ?? drawPng),
  }
}

function detail(row: Replayed): readonly string[] {
  if (row.why === '' && row.differences.length === 0) return []
  const fields = row.differences.map(({ field, packed, recomputed }) => [`  ${field}`, packed, recomputed])
  return [
    '',
    row.why === '' ? `${row.subject}:` : `${row.subject}: ${row.why}`,
    ...(fields.length === 0 ? [] : [table(['  field', 'packed', 'recomputed'], fields)]),
  ]
}
