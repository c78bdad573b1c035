/** What every page has around its own: title, style, script, and who may not do what with it. Pure. */
import { Html, html } from './html.ts'
import { ICON, KEY_SCRIPT, SCRIPT, STYLE, type Asset } from './assets.ts'

/** Nothing of anybody else is loaded, nothing in line runs, and no other site may frame the page or learn its address. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  // To ourselves it is told: a form says where it comes from.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
  'cache-control': 'no-store',
}

/** Not by the template: bundlers rewrite templates that hold this closing tag, with a helper that is not in the package. */
const tagOf = ({ path }: Asset): Html => new Html(`<script src="${path}" defer></script>`)
const LIVE_SCRIPT = tagOf(SCRIPT)
const KEY_SCRIPT_TAG = tagOf(KEY_SCRIPT)

export interface Page {
  readonly title: string
  readonly main: Html
  /** Where changes are told, and of which moment the page is; null: it does not change. */
  readonly live: { readonly path: string; readonly moment: string } | null
  /** Can people log in? */
  readonly login: boolean
  /** Is a security key asked? */
  readonly ceremony?: boolean
}

/** Answers with a page that does not change by itself. */
export type Show = (status: number, page: Pick<Page, 'title' | 'main' | 'ceremony'>) => true

export function layout({ title, main, live, login, ceremony = false }: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="stylesheet" href="${STYLE.path}">
<link rel="icon" href="${ICON.path}">
${live === null ? null : LIVE_SCRIPT}${ceremony ? KEY_SCRIPT_TAG : null}
</head>
<body${live === null ? null : html` data-live="${live.path}" data-moment="${live.moment}"`}>
<a class="skip" href="#main">To the content</a>
<header class="top"><p class="brand">Release Conductor</p>${login ? html`<p class="account"><a href="/account">Account</a></p>` : null}${live === null ? null : html`<p class="live"><button type="button" id="pause" hidden>Pause updates</button> <span id="liveness" role="status">Reload for what is newer.</span></p>`}</header>
<main id="main" tabindex="-1">
${main}
</main>
</body>
</html>
`.text
}
