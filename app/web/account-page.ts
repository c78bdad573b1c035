/** The page of who is logged in. Pure. */
import { hidden } from './form.ts'
import { html, type Html } from './html.ts'
import type { Visitor } from './login.ts'

/** @param by null: nobody is logged in @param keys their security keys; null: there can be none @param refused why nothing was done; '' when nothing was asked */
export function accountPage(by: Visitor | null, keys: Html | null, refused: string): Html {
  const why = refused === '' ? null : html`<p class="note" role="alert">Nothing was done. ${refused}</p>`
  if (by === null)
    return html`<h1>Account</h1>
      ${why}
      <p>Who is logged in can act on a release from its page. GitHub tells this App who you are, and nothing else.</p>
      <p><a class="button" href="${loginPath('/account')}">Log in with GitHub</a></p>`
  return html`<h1>Account</h1>
    ${why}
    <p>You are logged in as <strong>${by.login}</strong>. That alone allows nothing: what you may is asked of GitHub with every command.</p>
    <form method="post" action="/logout">${hidden(by)}<button>Log out</button></form>
    ${keys}`
}

/** @param to path to go to afterwards */
export function loginPath(to: string): string {
  return `/login?to=${encodeURIComponent(to)}`
}
