/**
 * SVG -> PNG. The renderer is native code without a browser (resvg); the font comes with us, because a font that is missing makes text vanish without a
 * word, and one of the system would draw another picture on each machine. On a platform for which resvg is not built, there is no picture.
 */
import { createRequire } from 'node:module'
import { withText, type PngText } from './png-text.ts'

/** Draws, or answers null where this platform cannot. */
export type Draw = (svg: string, words: readonly PngText[]) => Promise<Uint8Array | null>

/** Who drew: a picture by another one may differ in a pixel and be right all the same. */
export const RENDERER = 'resvg-js 2.6.2, Inter 0.4.2'

const FONTS = ['400Regular/Inter_400Regular.ttf', '600SemiBold/Inter_600SemiBold.ttf']

export const drawPng: Draw = async (svg, words) => {
  const resvg = await import('@resvg/resvg-js').catch(() => null)
  if (resvg === null) return null
  const { resolve } = createRequire(import.meta.url)
  const fontFiles = FONTS.map((file) => resolve(`@expo-google-fonts/inter/${file}`))
  const picture = new resvg.Resvg(svg, { font: { fontFiles, loadSystemFonts: false, defaultFontFamily: 'Inter' } }).render().asPng()
  return withText(picture, [...words, { keyword: 'Software', text: `${RENDERER}, ${process.platform}-${process.arch}` }])
}
