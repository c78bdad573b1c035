import { expect, test } from 'vitest'
import { capacityPicture, capacityWords } from '../../../evidence/chart/capacity.ts'
import { drawingOf, DRAWINGS } from '../../../evidence/chart/drawings.ts'
import { drawnPicture, replayPictures } from '../../../evidence/chart/picture.ts'
import { drawPng } from '../../../evidence/chart/png.ts'
import { CAPACITY, CAPACITY_CHART } from '../../../evidence/pack/layout.ts'
import { CapacitySeries } from '../../../evidence/perf/series.ts'

const band = (value: number) => ({ value, low: value * 0.9, high: value * 1.1 })

function seriesOf(over: Partial<CapacitySeries> = {}): CapacitySeries {
  return CapacitySeries.parse({
    schema_version: 1,
    head: 'b'.repeat(40),
    at: '2026-01-15T12:00:00.000Z',
    host: 'stage.shop.example',
    steps: [1, 2, 4, 8, 16, 32].map((users) => ({ users, ...band(50 * users ** 0.7), bad: 0 })),
    fit: { lambda: 50, alpha: 0.05, beta: 0.001 },
    curve: [1, 8, 16, 24, 32].map((users) => ({ users, ...band(50 * users ** 0.7) })),
    capacity: { ...band(540), users: 30.8 },
    replicas: { target: 1, production: 3 },
    peak: 900,
    headroom: 0.38,
    target: 0.2,
    replicas_needed: 3,
    ...over,
  })
}

const descriptionOf = (series: CapacitySeries) => capacityWords(series).find(({ keyword }) => keyword === 'Description')?.text ?? ''

test('the words say what the lines show', () => {
  expect(capacityWords(seriesOf())[0]?.text).toBe('Capacity of one replica: 540 answers a second')
  expect(descriptionOf(seriesOf())).toContain('38 % of 3 replicas are left at a peak of 900 a second; 20 % must be, which needs 3.')
  expect(descriptionOf(seriesOf())).toContain('Between 486 and 594 at 31 users. Contention 0.05, crosstalk 0.001. Measured: 50 with 1,')
  const svg = capacityPicture(seriesOf())
  expect(svg.match(/<circle/g)).toHaveLength(6)
  expect(svg).toContain('their share of the peak: 300')
})

test('what is not known is said, and not drawn', () => {
  const nothing = seriesOf({ fit: null, curve: [], capacity: null, headroom: null, peak: null, replicas_needed: null })
  expect(capacityWords(nothing)[0]?.text).toBe('Capacity of one replica: not known')
  expect(descriptionOf(nothing)).toContain('How much is left at the peak is not known. No law could be fitted.')
  expect(capacityPicture(nothing)).not.toContain('<polyline')
  expect(capacityPicture(seriesOf({ steps: [], curve: [] }))).toContain('No step was measured.')
})

test('no text of others breaks out of the picture', () => {
  expect(capacityPicture(seriesOf({ host: '</text><script>' }))).not.toContain('<script>')
})

const drawn = (series: unknown) => drawingOf(CAPACITY)?.drawn(series) ?? null

test('it is drawn again from its file, and a change of one number shows', async () => {
  const first = drawn(seriesOf())
  const png = first === null ? null : await drawnPicture(first, drawPng)
  const again = async (series: CapacitySeries) => {
    const one = drawn(series)
    const given = {
      series: new Map(),
      drawings: new Map(one === null ? [] : [[CAPACITY, one]]),
      files: new Map([[CAPACITY_CHART, png ?? new Uint8Array()]]),
    }
    return (await replayPictures(given, drawPng)).map(({ subject, result }) => `${subject} ${result}`)
  }
  expect(await again(seriesOf())).toEqual([`${CAPACITY_CHART} same`])
  expect(await again(seriesOf({ peak: 901 }))).toEqual([`${CAPACITY_CHART} differs`])
  expect(drawn({ schema_version: 2 })).toBeNull()
})

test('each file with a picture has one drawing, beside one gate', () => {
  for (const path of ['slo/a.objective.json', CAPACITY]) expect(DRAWINGS.filter((one) => one.isOf(path))).toHaveLength(1)
  expect(drawingOf('perf/spike.json')).toBeUndefined()
  expect(drawingOf('slo/a.objective.json')?.caption('slo/a.objective.json')).toContain('the budget of a')
})
