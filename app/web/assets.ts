/** Style, scripts and icon of the pages, each at an address that its content gives, so that it is kept for ever. */
import { sha256 } from '../../evidence/core/digest.ts'
import { keyScript } from './key-script.ts'
import { script } from './script.ts'
import { style } from './style.ts'

export interface Asset {
  readonly path: string
  readonly type: string
  readonly text: string
}

function asset(name: string, type: string, text: string): Asset {
  const [stem, ending] = name.split('.')
  return { path: `/assets/${stem}-${sha256(text).slice(0, 16)}.${ending}`, type, text }
}

export const STYLE = asset('page.css', 'text/css; charset=utf-8', style)
export const SCRIPT = asset('page.js', 'text/javascript; charset=utf-8', script)
export const KEY_SCRIPT = asset('key.js', 'text/javascript; charset=utf-8', keyScript)

/** Three steps, rising. */
export const ICON = asset(
  'icon.svg',
  'image/svg+xml',
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M1 11h4v4H1zm5-4h4v8H6zm5-6h4v14h-4z" fill="#0b57c2"/></svg>',
)

export function assetAt(path: string): Asset | null {
  return [STYLE, SCRIPT, KEY_SCRIPT, ICON].find((one) => one.path === path) ?? null
}
