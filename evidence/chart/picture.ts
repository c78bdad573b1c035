/** Each series and its picture, drawn again and compared. A picture that this platform cannot draw is indeterminate, never the same. */
import { differences } from '../core/difference.ts'
import { sha256 } from '../core/digest.ts'
import type { RolloutSeries } from '../pack/documents.ts'
import { chartPath } from '../pack/layout.ts'
import type { Replayed } from '../pack/replayed.ts'
import { drawingOf, type Drawn } from './drawings.ts'
import { textOf, withoutText } from './png-text.ts'
import type { Draw } from './png.ts'
import { sloPicture, sloWords } from './slo.ts'

/** null where this platform cannot draw. */
export async function pictureOf(series: RolloutSeries, draw: Draw): Promise<Uint8Array | null> {
  return await draw(sloPicture(series), sloWords(series))
}

/** null where this platform cannot draw. */
export async function drawnPicture(drawn: Drawn, draw: Draw): Promise<Uint8Array | null> {
  return await draw(drawn.svg(), drawn.words())
}

/** One row for each series, and one for each picture without a series. */
export async function replayPictures(
  {
    series,
    drawings,
    files,
  }: {
    readonly series: ReadonlyMap<string, RolloutSeries>
    readonly drawings: ReadonlyMap<string, Drawn>
    readonly files: ReadonlyMap<string, Uint8Array>
  },
  draw: Draw,
): Promise<readonly Replayed[]> {
  const rows: Replayed[] = []
  const drawn = new Set<string>()
  for (const one of series.values()) {
    const path = chartPath(one.environment, one.step)
    drawn.add(path)
    rows.push(await compared(path, () => pictureOf(one, draw), files.get(path)))
  }
  for (const [from, one] of drawings) {
    const path = drawingOf(from)?.chartPath(from) ?? from
    drawn.add(path)
    rows.push(await compared(path, () => drawnPicture(one, draw), files.get(path)))
  }
  for (const path of files.keys())
    if (/^(?:slo|perf)\/[^/]+\.png$/.test(path) && !drawn.has(path)) rows.push(row(path, 'differs', 'there is no series that it could be drawn from'))
  return rows.toSorted((a, b) => (a.subject < b.subject ? -1 : 1))
}

async function compared(path: string, drawAgain: () => Promise<Uint8Array | null>, packed: Uint8Array | undefined): Promise<Replayed> {
  if (packed === undefined) return row(path, 'indeterminate', 'the pack has no picture of this series')
  const again = await drawAgain()
  if (again === null)
    return { ...row(path, 'indeterminate', 'no picture can be drawn on this platform: resvg is not built for it'), packed: short(packed) }
  const both = { packed: short(packed), recomputed: short(again) }
  if (Buffer.from(withoutText(packed, 'Software')).equals(withoutText(again, 'Software'))) return { ...row(path, 'same', ''), ...both }
  const [theirs, ours] = [textOf(packed)?.get('Software'), textOf(again)?.get('Software')]
  if (theirs !== undefined && theirs !== ours)
    return { ...row(path, 'indeterminate', `it was drawn by ${theirs.slice(0, 200)}; here is ${ours}`), ...both }
  return { ...row(path, 'differs', ''), ...both, differences: differences(sha256(packed), sha256(again), 'sha256') }
}

function short(bytes: Uint8Array): string {
  return sha256(bytes).slice(0, 12)
}

function row(subject: string, result: Replayed['result'], why: string): Replayed {
  return { subject, packed: null, recomputed: null, result, differences: [], why }
}
