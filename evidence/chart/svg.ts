/** The marks that pictures are made of: text and lines as SVG, numbers in one form, words that cannot break out. Pure. */

export const INK = '#1a1a1a'
export const GREY = '#5c5c5c'

/** How a line is told from another one: by colour and by dash. */
export interface Style {
  readonly colour: string
  readonly width: number
  readonly dash: string
}

export function stroke({ colour, width, dash }: Style): string {
  return `stroke="${colour}" stroke-width="${width}"${dash}`
}

export interface Look {
  readonly anchor?: 'middle' | 'end'
  readonly colour?: string
  readonly weight?: 400 | 600
  readonly halo?: boolean
  readonly turn?: boolean
}

export function text(x: number, y: number, size: number, words: string, look: Look = {}): string {
  const { anchor, colour = INK, weight = 400, halo = false, turn = false } = look
  const attributes = [
    `x="${n(x)}" y="${n(y)}" font-size="${size}" fill="${colour}" font-weight="${weight}"`,
    anchor === undefined ? '' : ` text-anchor="${anchor}"`,
    halo ? ' stroke="#ffffff" stroke-width="5" stroke-linejoin="round" paint-order="stroke"' : '',
    turn ? ` transform="rotate(-90 ${n(x)} ${n(y)})"` : '',
  ]
  return `<text ${attributes.join('')} xml:space="preserve">${escaped(words)}</text>`
}

/** Two decimals, always the same. */
export function n(value: number): string {
  return String(Number(value.toFixed(2)))
}

export function escaped(words: string): string {
  return words
    .toWellFormed()
    .replaceAll(/[^\P{Cc}\t]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
