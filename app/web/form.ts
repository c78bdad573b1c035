/** What stands in every form of a visitor. Pure. */
import { html, type Html } from './html.ts'
import type { Visitor } from './login.ts'

export function hidden(by: Visitor): Html {
  return html`<input type="hidden" name="token" value="${by.form}" />`
}
