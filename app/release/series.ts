/** What each step of a rollout was judged by, as files: the series with what the judge was told and said, and the picture drawn from it. */
import { drawingOf } from '../../evidence/chart/drawings.ts'
import { drawnPicture, pictureOf } from '../../evidence/chart/picture.ts'
import type { Draw } from '../../evidence/chart/png.ts'
import { readDocument } from '../../evidence/pack/contents.ts'
import { documentBytes, type RolloutSeries } from '../../evidence/pack/documents.ts'
import { PackError } from '../../evidence/pack/error.ts'
import { chartPath, seriesPath } from '../../evidence/pack/layout.ts'
import { JUDGE_VERSION } from '../../gates/judge/judge.ts'
import type { Sample } from './ports.ts'
import type { Rollout } from './state.ts'

/** @param samples of the whole rollout, oldest first @param draw answers null where there can be no picture */
export async function seriesFiles(
  version: string,
  rollout: Rollout,
  samples: readonly Sample[],
  draw: Draw,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  const { environment } = rollout
  for (const step of rollout.steps.filter((one) => one <= rollout.step)) {
    const series = seriesOf(version, rollout, step, samples)
    files.set(seriesPath(environment, step), documentBytes(series))
    const picture = await pictureOf(series, draw)
    if (picture !== null) files.set(chartPath(environment, step), picture)
  }
  return files
}

/** What agents measured of objectives and capacity, as pictures. One that does not fit its schema has none: the pack's own check names it. */
export async function agentPictures(files: ReadonlyMap<string, Uint8Array>, draw: Draw): Promise<ReadonlyMap<string, Uint8Array>> {
  const pictures = new Map<string, Uint8Array>()
  for (const [path, bytes] of files) {
    const drawing = drawingOf(path)
    if (drawing === undefined) continue
    const series = readDocument(path, bytes, drawing.schema)
    const drawn = series instanceof PackError ? null : drawing.drawn(series)
    const picture = drawn === null ? null : await drawnPicture(drawn, draw)
    if (picture !== null) pictures.set(drawing.chartPath(path), picture)
  }
  return pictures
}

/** Up to what the judge saw: what came later, or was kept later by whoever looked meanwhile, was no reason for its word. */
export function seriesOf(
  version: string,
  { environment, policy, judged, moved, sampleMs }: Rollout,
  step: number,
  samples: readonly Sample[],
): RolloutSeries {
  const last = judged.findLast((one) => one.step === step)
  const until = last?.seen ?? last?.at ?? Number.POSITIVE_INFINITY
  return {
    schema_version: 1,
    version,
    environment,
    step,
    guard: {
      limit: policy.guard.limit,
      false_alarm: policy.guard.falseAlarm,
      miss: policy.guard.miss,
      certify: policy.guard.certify,
      minimum: policy.guard.minimum,
    },
    ...(policy.compare === undefined ? {} : { compare: comparedBy(policy.compare) }),
    sample_ms: last?.sampleMs ?? sampleMs,
    moved: moved.filter((one) => one.step <= step && one.at <= (last?.at ?? Number.POSITIVE_INFINITY)),
    judged:
      last === undefined
        ? null
        : {
            at: last.at,
            decision: last.decision,
            code: last.code,
            sentence: last.sentence,
            metrics: last.metrics,
            started_at: last.startedAt,
            shifted_at: last.shiftedAt,
            bake_until: last.bakeUntil,
            deadline: last.deadline,
          },
    samples: samples
      .filter(({ at }) => at <= until)
      .map(({ at, canary, stable, note, traces }) => ({ at, canary, stable, note, ...(traces === undefined ? {} : { traces }) })),
  }
}

function comparedBy({ minimum, certify, absence, objectives, warmUp }: NonNullable<Rollout['policy']['compare']>): RolloutSeries['compare'] {
  return { judge_version: JUDGE_VERSION, minimum, certify, absence, objectives, warm_up_s: warmUp }
}
