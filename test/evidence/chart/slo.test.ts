import { expect, test } from 'vitest'
import { sloPicture, sloWords } from '../../../evidence/chart/slo.ts'
import { READ_BACK } from '../../../evidence/pack/documents.ts'
import { exampleSeries, seriesOf, START } from './series.ts'

const lines = (svg: string): number => svg.split('<polyline').length - 1
const words = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1] ?? '')

test('the same series gives the same picture', () => {
  expect(sloPicture(seriesOf())).toBe(sloPicture(structuredClone(seriesOf())))
  expect(sloPicture(seriesOf({ share: 0.003 }))).not.toBe(sloPicture(seriesOf()))
})

test('it says version, environment, step, outcome, window, counts, the limit and what the judge said', () => {
  const said = words(sloPicture(seriesOf())).join('\n')
  expect(said).toContain('v2.0.0 in prod, 10 % of traffic: advance')
  expect(said).toContain('Advance: 4 of 2400 canary requests failed')
  expect(said).toContain('2026-11-25 12:00:00 UTC to 12:01:00 UTC')
  expect(said).toContain('canary: 4 of 2 400 requests failed (0.2 %)')
  expect(said).toContain('stable: 21 of 21 600 requests failed (0.1 %)')
  for (const one of ['canary', 'stable', 'tolerated 1 %', 'no data', 'share of requests that failed', 'requests per second', '10 %', 'advance'])
    expect(words(sloPicture(seriesOf()))).toContain(one)
})

const dotted = (of: string): number => of.split('stroke-dasharray="2 4"').length

test('what it was held to stands in the picture and in its words; a time as a line', () => {
  const held = { ...exampleSeries(), compare: { objectives: [{ name: 'fast', target: 0.95, within_ms: 40 }] } }
  const [plain, svg] = [sloPicture(exampleSeries()), sloPicture(held)]
  expect(words(svg)).toContain('held to fast (95 % within 40 ms)')
  expect(sloWords(held)[1]?.text).toContain('Held to fast (95 % within 40 ms).')
  expect(dotted(svg)).toBe(dotted(plain) + 1)
  expect(dotted(sloPicture({ ...held, compare: { objectives: [{ name: 'slow', target: 0.95, within_ms: 60_000 }] } }))).toBe(dotted(plain))
})

test('what a server of metrics remembered from before is not drawn', () => {
  const before = { at: START - 600_000, canary: null, stable: { requests: 1, errors: 0 }, note: READ_BACK }
  expect(sloPicture({ ...seriesOf(), samples: [before, ...seriesOf().samples] })).toBe(sloPicture(seriesOf()))
  expect(sloPicture({ ...seriesOf(), samples: [{ ...before, note: '' }, ...seriesOf().samples] })).not.toBe(sloPicture(seriesOf()))
})

test('where data is missing there is a labelled gap and no line, never a zero', () => {
  const whole = sloPicture(seriesOf())
  const gapped = sloPicture(seriesOf({ canaryGap: [10, 30] }))
  expect(lines(whole)).toBe(4)
  expect(lines(gapped)).toBe(6)
  expect(words(gapped)).toContain('no canary data for 20 s')
  expect(words(sloPicture(seriesOf({ gap: [10, 40] })))).toContain('no data for 30 s')
  expect(sloWords(seriesOf({ canaryGap: [10, 30] }))[1]?.text).toContain('Gaps: no data of canary for 20 s from 2026-11-25 12:00:10 UTC.')
})

/** Where a second of a minute lies. */
const x = (second: number): number => 92 + (second * (1152 - 92)) / 60

test('the canary never stands at zero in a time it was not read', () => {
  const svg = sloPicture(seriesOf({ canaryGap: [10, 30] }))
  const hidden = [...svg.matchAll(/<polyline points="([^"]*)"[^>]*stroke="#c04f00"/g)].flatMap((match) =>
    (match[1] ?? '').split(' ').map((point) => Number(point.split(',')[0])),
  )
  expect(hidden.filter((at) => at > x(10) + 0.1 && at < x(30) - 0.1)).toEqual([])
  expect(hidden.length).toBeGreaterThan(20)
})

test('colours are not alone: the stable line is dashed, the limit dotted', () => {
  const svg = sloPicture(seriesOf())
  expect(svg).toMatch(/<polyline [^>]*stroke="#0072b2"[^>]*stroke-dasharray="9 5"/)
  expect(svg).toMatch(/stroke-dasharray="2 4"/)
})

test('the alternative text is in the picture, and travels as words of the file', () => {
  const [title, description] = sloWords(seriesOf())
  expect([title?.keyword, title?.text]).toEqual(['Title', 'v2.0.0 in prod, 10 % of traffic'])
  expect(description?.text).toMatch(/^From 2026-11-25 12:00:00 UTC.*Tolerated: 1 %\..*Traffic moved to 10 % at.*There is no gap\.$/)
  expect(sloPicture(seriesOf())).toContain(`<desc>${description?.text}</desc>`)
})

test('no words can break out of the picture', () => {
  const judged = { at: START + 60_000, decision: 'advance' as const, sentence: '</text><script>"&\u0000\u001b[31m \ud800 x' }
  const svg = sloPicture({ ...seriesOf(), version: 'v2.0.0-<b>', judged })
  for (const odd of ['<script', '<b>', '\u0000', '\u001b']) expect(svg).not.toContain(odd)
  expect(svg).toContain('&lt;/text&gt;&lt;script&gt;&quot;&amp;')
  expect(svg.isWellFormed()).toBe(true)
})

test.each<[string, Partial<ReturnType<typeof seriesOf>>, string]>([
  ['no sample', { samples: [], judged: null }, 'Nothing was measured.'],
  ['one sample', { samples: seriesOf().samples.slice(0, 1), judged: null }, 'Nothing was measured.'],
  ['no reading at all', { samples: seriesOf().samples.map((one) => ({ ...one, canary: null, stable: null })) }, 'no data for 1 min'],
  ['no judgement', { judged: null }, 'No judgement was recorded.'],
])('%s is said so', (_what, over, expected) => {
  expect(words(sloPicture({ ...seriesOf(), ...over }))).toContain(expected)
})

test('hours of looks stay a small picture', () => {
  expect(sloPicture(seriesOf({ seconds: 20_000 })).length).toBeLessThan(60_000)
})

test('what is known of the canary so far narrows from the moment its traffic had moved', () => {
  const [, points = ''] = /<polygon points="([^"]*)"/.exec(sloPicture(seriesOf())) ?? []
  const edge = points.split(' ').map((point) => point.split(',').map(Number))
  const half = edge.length / 2
  const width = (at: number): number => (edge[edge.length - 1 - at]?.[1] ?? 0) - (edge[at]?.[1] ?? 0)
  expect(edge[0]?.[0]).toBeGreaterThan(x(2))
  expect(width(half - 1)).toBeLessThan(width(0) / 2)
  expect(sloPicture(seriesOf({ seconds: 1 }))).not.toContain('<polygon')
})

test('latency has a panel of its own where it was told, with its words', () => {
  const svg = sloPicture(exampleSeries())
  expect(words(svg)).toContain('milliseconds a request took: median, and 95th percentile (thin)')
  expect(svg).toContain('height="924"')
  expect(sloWords(exampleSeries())[1]?.text).toMatch(/Canary: half of its requests took at most \d+ ms, 95 % at most \d+ ms\./)
  expect(sloPicture(seriesOf())).toContain('height="700"')
  expect(words(sloPicture(seriesOf())).join(' ')).not.toContain('millisecond')
})
