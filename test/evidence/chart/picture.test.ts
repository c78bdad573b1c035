import { expect, test } from 'vitest'
import { pictureOf, replayPictures } from '../../../evidence/chart/picture.ts'
import { drawPng, type Draw } from '../../../evidence/chart/png.ts'
import { withoutText, withText } from '../../../evidence/chart/png-text.ts'
import type { RolloutSeries } from '../../../evidence/pack/documents.ts'
import { seriesOf } from './series.ts'

const JSON_PATH = 'slo/prod-10.json'
const PNG_PATH = 'slo/prod-10.png'

async function ask(series: RolloutSeries | null, picture: Uint8Array | null, draw: Draw = drawPng): Promise<string[]> {
  const files = new Map(picture === null ? [] : [[PNG_PATH, picture]])
  const given = { series: new Map(series === null ? [] : [[JSON_PATH, series]]), drawings: new Map(), files }
  const rows = await replayPictures(given, draw)
  return rows.map((row) => `${row.subject} ${row.result} ${row.why}`.trim())
}

async function drawn(series = seriesOf()): Promise<Uint8Array> {
  const picture = await pictureOf(series, drawPng)
  if (picture === null) throw new Error('resvg is built for this platform')
  return picture
}

const by = (picture: Uint8Array, text: string): Uint8Array => withText(withoutText(picture, 'Software'), [{ keyword: 'Software', text }])

test('a picture of this very series is the same', async () => {
  expect(await ask(seriesOf(), await drawn())).toEqual([`${PNG_PATH} same`])
})

test('a picture of another series is not, be it by one error', async () => {
  const other = seriesOf()
  const last = other.samples.at(-1)
  if (last?.canary != null) last.canary.errors += 1
  expect(await ask(other, await drawn())).toEqual([`${PNG_PATH} differs`])
})

test('who drew it does not matter while the picture is the same; when it is not, nothing is proven', async () => {
  expect(await ask(seriesOf(), by(await drawn(), 'another renderer'))).toEqual([`${PNG_PATH} same`])
  const [row] = await ask(seriesOf(), by(await drawn(seriesOf({ share: 0.004 })), 'another renderer'))
  expect(row).toMatch(/indeterminate it was drawn by another renderer; here is resvg-js/)
})

test.each<[string, () => Promise<Uint8Array>]>([
  ['other words in it', async () => withText(await drawn(), [{ keyword: 'Description', text: 'All is well.' }])],
  ['no word who drew it, and other pixels', async () => withoutText(await drawn(seriesOf({ share: 0.004 })), 'Software')],
  ['bytes that are no picture', async () => Buffer.from('no picture')],
])('%s: it differs', async (_what, picture) => {
  expect(await ask(seriesOf(), await picture())).toEqual([`${PNG_PATH} differs`])
})

test('no picture, or none that can be drawn here, is indeterminate; one without a series differs', async () => {
  expect((await ask(seriesOf(), null))[0]).toContain('indeterminate the pack has no picture')
  expect((await ask(seriesOf(), await drawn(), async () => null))[0]).toContain('indeterminate no picture can be drawn on this platform')
  expect((await ask(null, await drawn()))[0]).toContain('differs there is no series')
})
