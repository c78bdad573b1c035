/** A word in a colour; the word alone says it too. Pure. */
import { html, type Html } from './html.ts'

export type Tone = 'good' | 'bad' | 'open' | 'run' | 'idle'

export function badge(words: string, tone: Tone): Html {
  return html`<span class="badge ${tone}">${words}</span>`
}
