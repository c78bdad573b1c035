import { expect, test } from 'vitest'
import { objectivePicture, objectiveWords } from '../../../evidence/chart/objective.ts'
import { drawingOf } from '../../../evidence/chart/drawings.ts'
import { drawnPicture, replayPictures } from '../../../evidence/chart/picture.ts'
import { drawPng } from '../../../evidence/chart/png.ts'
import { ObjectiveSeries } from '../../../evidence/slo/series.ts'

const END = Date.parse('2026-01-15T12:00:00Z')
const HOUR = 3_600_000

function seriesOf(over: Partial<ObjectiveSeries> = {}): ObjectiveSeries {
  return ObjectiveSeries.parse({
    schema_version: 1,
    objective: 'availability',
    service: 'shop',
    target: 0.9995,
    at: END,
    source: 'prometheus: prometheus.example',
    budget: { window: '30d', bad: 120, total: 600_000, attainment: 0.9998, left: 0.6 },
    windows: [
      { window: '1h', bad: 1, total: 1000, attainment: 0.999, burn: 2 },
      { window: '5m', bad: 0, total: 80, attainment: 1, burn: 0 },
    ],
    points: Array.from({ length: 72 }, (_, at) => ({ from: END - (72 - at) * HOUR, to: END - (71 - at) * HOUR, bad: at % 9, total: 10_000 })),
    ...over,
  })
}

const descriptionOf = (series: ObjectiveSeries) => objectiveWords(series).find(({ keyword }) => keyword === 'Description')?.text ?? ''

test('the words say what the lines show', () => {
  expect(objectiveWords(seriesOf())[0]?.text).toBe('availability of shop: 99.95 % must be good')
  expect(descriptionOf(seriesOf())).toBe(
    '120 of 600 000 were bad in 30d: 99.98 % good, 60 % of the budget is left. Burn: 2 in 1h, 0 in 5m. At most 0.08 % were bad in one of 72 spans.',
  )
})

test('what is not known is said, and never drawn as zero', () => {
  const nothing = seriesOf({ budget: null, windows: [], points: [] })
  expect(descriptionOf(nothing)).toContain('Its budget is not known')
  expect(objectivePicture(nothing)).toContain('No course was measured.')
  expect(objectivePicture(nothing)).not.toContain('<polyline')
  const { points } = seriesOf()
  const holed = seriesOf({ points: points.filter((_, at) => at < 10 || at > 20) })
  expect(descriptionOf(holed)).toContain('Nothing was counted for 11 h.')
  expect(objectivePicture(holed).match(/<polyline/g)).toHaveLength(2)
})

test('no text of others breaks out of the picture', () => {
  expect(objectivePicture(seriesOf({ source: '</text><script>' }))).not.toContain('<script>')
})

test('it is drawn again from its file, and a change of one number shows', async () => {
  const PATH = 'slo/availability.objective.json'
  const drawn = (series: ObjectiveSeries) => drawingOf(PATH)?.drawn(series) ?? { svg: () => '', words: () => [] }
  const png = (await drawnPicture(drawn(seriesOf()), drawPng)) ?? new Uint8Array()
  const again = async (series: ObjectiveSeries) => {
    const given = { series: new Map(), drawings: new Map([[PATH, drawn(series)]]) }
    return (await replayPictures({ ...given, files: new Map([['slo/availability.objective.png', png]]) }, drawPng)).map(({ result }) => result)
  }
  expect(await again(seriesOf())).toEqual(['same'])
  expect(await again(seriesOf({ target: 0.999 }))).toEqual(['differs'])
})
