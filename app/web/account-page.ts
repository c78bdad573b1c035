/** The page of who is logged in. Pure. */
import { html, type Html } from './html.ts'
import type { Visitor } from './login.ts'

/** @param by null: nobody is logged in */
export function accountPage(by: Visitor | null): Html {
  if (by === null)
    return html`<h1>Account</h1>
      <p>Who is logged in can act on a release from its page. GitHub tells this App who you are, and nothing else.</p>
      <p><a class="button" href="${loginPath('/account')}">Log in with GitHub</a></p>`
  return html`<h1>Account</h1>
    <p>You are logged in as <strong>${by.login}</strong>. That alone allows nothing: what you may is asked of GitHub with every command.</p>
    <form method="post" action="/logout">${hidden(by)}<button>Log out</button></form>`
}

/** @param to path to go to afterwards */
export function loginPath(to: string): string {
  return `/login?to=${encodeURIComponent(to)}`
}

/** In each form of a visitor. */
export function hidden(by: Visitor): Html {
  return html`<input type="hidden" name="token" value="${by.form}" />`
}
