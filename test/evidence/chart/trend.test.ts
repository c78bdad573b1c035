import { expect, test } from 'vitest'
import { drawingOf } from '../../../evidence/chart/drawings.ts'
import { trendPicture, trendWords } from '../../../evidence/chart/trend.ts'
import { TREND, TREND_CHART } from '../../../evidence/pack/layout.ts'
import { Trend } from '../../../evidence/perf/trend.ts'

function trendOf(headrooms: readonly number[], over: Partial<Trend> = {}): Trend {
  const entries = headrooms.map((headroom, at) => ({
    head: String(at % 10).repeat(40),
    at: '2026-01-15T12:00:00.000Z',
    headroom,
    capacity: 400,
    hour_usd: at === 0 ? null : 0.25,
  }))
  return Trend.parse({ schema_version: 1, target: 0.2, entries, change: null, ...over })
}

const descriptionOf = (trend: Trend) => trendWords(trend).find(({ keyword }) => keyword === 'Description')?.text ?? ''

test('the words say what the line shows', () => {
  expect(descriptionOf(trendOf([0.4, 0.25]))).toBe(
    'No change of level is sure. 20 % must be left. 000000000000: 40 %; 111111111111: 25 %, 0.25 USD an hour.',
  )
  expect(descriptionOf(trendOf([0.4, 0.4, 0.2, 0.2], { change: { at: 2, before: 0.4, after: 0.2 } }))).toContain(
    'Since 222222222222 it is 20 % instead of 40 %.',
  )
  expect(trendPicture(trendOf([0.4, 0.25])).match(/<circle/g)).toHaveLength(2)
})

test('nothing, one, many, and less than nothing are drawn within the picture', () => {
  expect(trendPicture(trendOf([]))).toContain('No release was measured.')
  for (const headrooms of [[0.3], [-3, 0.2], Array.from({ length: 50 }, () => 0.5)]) {
    const points = [...trendPicture(trendOf(headrooms)).matchAll(/cy="([^"]+)"/g)].map((match) => Number(match[1]))
    expect(points).toHaveLength(headrooms.length)
    expect(points.every((y) => y >= 140 && y <= 380)).toBe(true)
  }
})

test('its file has this picture, and no other', () => {
  expect(drawingOf(TREND)?.chartPath(TREND)).toBe(TREND_CHART)
  expect(
    drawingOf(TREND)
      ?.drawn(trendOf([0.3]))
      ?.svg(),
  ).toBe(trendPicture(trendOf([0.3])))
})
