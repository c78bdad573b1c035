import { Resvg } from '@resvg/resvg-js'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { drawPng, RENDERER } from '../../../evidence/chart/png.ts'
import { textOf, withoutText, withText } from '../../../evidence/chart/png-text.ts'
import { sloPicture, sloWords } from '../../../evidence/chart/slo.ts'
import { ROOT, text } from '../../structure/tree.ts'
import { exampleSeries, seriesOf } from './series.ts'

async function png(svg = sloPicture(seriesOf())): Promise<Uint8Array> {
  const drawn = await drawPng(svg, sloWords(seriesOf()))
  if (drawn === null) throw new Error('resvg is built for this platform')
  return drawn
}

/** Pixels that are not white. */
async function inked(body: string): Promise<number> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="60" font-family="Inter"><rect width="300" height="60" fill="#fff"/>${body}</svg>`
  const drawn = await png(svg)
  const picture = new Resvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="60"><image width="300" height="60" href="data:image/png;base64,${Buffer.from(drawn).toString('base64')}"/></svg>`,
  )
  const { pixels } = picture.render()
  let count = 0
  for (let at = 0; at < pixels.length; at += 4) if ((pixels[at] ?? 255) < 128) count += 1
  return count
}

test('the same picture has the same bytes', async () => {
  expect(Buffer.from(await png()).equals(await png())).toBe(true)
})

test('the example in the documents is what is drawn now', async () => {
  const shown = readFileSync(join(ROOT, 'docs/slo-example.png'))
  const drawn = (await drawPng(sloPicture(exampleSeries()), sloWords(exampleSeries()))) ?? new Uint8Array()
  expect(Buffer.from(withoutText(drawn, 'Software')).equals(withoutText(shown, 'Software'))).toBe(true)
})

test('text is drawn, in both weights: a font that is missing would draw nothing and say nothing', async () => {
  const [none, regular, bold] = [
    await inked(''),
    await inked('<text x="5" y="40" font-size="30" font-weight="400">no data 12 %</text>'),
    await inked('<text x="5" y="40" font-size="30" font-weight="600">no data 12 %</text>'),
  ]
  expect(none).toBe(0)
  expect(regular).toBeGreaterThan(800)
  expect(bold).toBeGreaterThan(regular * 1.1)
  expect(await inked('<text x="5" y="40" font-size="30" font-family="No Such Font">no data 12 %</text>')).toBeGreaterThan(0)
})

test('the picture carries its alternative text, and who drew it', async () => {
  const words = textOf(await png())
  expect(words?.get('Title')).toBe('v2.0.0 in prod, 10 % of traffic')
  expect(words?.get('Description')).toContain('There is no gap.')
  expect(words?.get('Software')).toBe(`${RENDERER}, ${process.platform}-${process.arch}`)
})

test('the renderer that is named is the one that is installed', () => {
  const { dependencies } = JSON.parse(text('package.json')) as { dependencies: Record<string, string> }
  expect(RENDERER).toBe(`resvg-js ${dependencies['@resvg/resvg-js']}, Inter ${dependencies['@expo-google-fonts/inter']}`)
})

test('words go in and come out, with checksums that hold; without them the picture is the same as before', async () => {
  const plain = withoutText(withoutText(withoutText(await png(), 'Software'), 'Title'), 'Description')
  expect(textOf(plain)?.size).toBe(0)
  const told = withText(plain, [{ keyword: 'Description', text: 'Größe ≤ 5 %' }])
  expect(textOf(told)).toEqual(new Map([['Description', 'Größe ≤ 5 %']]))
  expect(Buffer.from(withoutText(told, 'Description')).equals(plain)).toBe(true)
  const bytes = Buffer.from(told)
  const length = bytes.readUInt32BE(33)
  expect(bytes.readUInt32BE(41 + length)).toBe(crc32(bytes.subarray(37, 41 + length)))
})

test.each<[string, Uint8Array]>([
  ['nothing', new Uint8Array()],
  ['another format', Buffer.from('GIF89a and more than eight bytes')],
  ['a cut picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
  ['a length beyond the end', Buffer.from('89504e470d0a1a0affffffff49484452000000000000', 'hex')],
])('%s is no picture, and nothing is thrown', (_what, bytes) => {
  expect(textOf(bytes)).toBeNull()
  expect(withoutText(bytes, 'Software')).toBe(bytes)
  expect(withText(bytes, [])).toBe(bytes)
})
