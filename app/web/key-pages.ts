/** Security keys as their owner sees them, and the page on which one is asked. Pure. */
import { timestamp } from '../../evidence/model/primitives.ts'
import type { SecurityKey } from '../store/keys.ts'
import { badge } from './badge.ts'
import { hidden } from './form.ts'
import { html, type Html } from './html.ts'
import type { Visitor } from './login.ts'

/** @param now epoch milliseconds @param cooldown how long a fresh key counts for nothing, in words */
export function keysPart(by: Visitor, keys: readonly SecurityKey[], now: number, cooldown: string): Html {
  const anyCounts = keys.some(({ countsFrom }) => countsFrom <= now)
  return html`<h2>Security keys</h2>
    <p>
      Where a config asks for it, a key signs the very command that you give, with its plan, its commit and your name. Only its public half is kept
      here.
    </p>
    ${
      keys.length === 0
        ? html`<p class="soft">You have none.</p>`
        : html`<ul class="cards">
            ${keys.map((key) => card(by, key, now, anyCounts))}
          </ul>`
    }
    <form method="post" action="/account/keys/new" class="card">
      ${hidden(by)}
      <p><label for="key-name">Name of a key to register</label> <input id="key-name" name="name" required maxlength="60" autocomplete="off" /></p>
      <p class="soft">It counts after ${cooldown}, or as soon as you confirm it with a key that counts already.</p>
      <button>Register a key</button>
    </form>`
}

function card(by: Visitor, { id, name, registeredAt, countsFrom, usedAt }: SecurityKey, now: number, anyCounts: boolean): Html {
  const isFresh = countsFrom > now
  const act = (path: string, words: string): Html =>
    html`<form method="post" action="/account/keys/${path}">
      ${hidden(by)}<input type="hidden" name="key" value="${id}" /><button aria-label="${words}: ${name}">${words}</button>
    </form>`
  return html`<li class="card">
    <div class="head">
      <h3>${name}</h3>
      ${isFresh ? badge('does not count yet', 'open') : badge('counts', 'good')}
    </div>
    <dl>
      <dt>registered</dt>
      <dd>${moment(registeredAt)}</dd>
      <dt>counts from</dt>
      <dd>${moment(countsFrom)}</dd>
      <dt>used</dt>
      <dd>${usedAt === null ? 'never' : moment(usedAt)}</dd>
    </dl>
    ${isFresh && anyCounts ? act('trust', 'Confirm with another key') : null}${act('remove', 'Remove')}
  </li>`
}

function moment(at: number): Html {
  return html`<time datetime="${timestamp(at)}">${timestamp(at)}</time>`
}

export interface Asked {
  readonly title: string
  /** What is signed. */
  readonly about: Html
  readonly by: Visitor
  /** Where the answer goes. */
  readonly action: string
  readonly challenge: string
  readonly ask: 'create' | 'get'
  readonly options: object
}

export function ceremonyPage({ title, about, by, action, challenge, ask, options }: Asked): Html {
  return html`<h1>${title}</h1>
    ${about}
    <form method="post" action="${action}" id="ceremony" class="card" data-ask="${ask}" data-options="${JSON.stringify(options)}">
      ${hidden(by)}<input type="hidden" name="challenge" value="${challenge}" /><input type="hidden" name="answer" value="" />
      <p id="ceremony-says" role="status">This needs the script of this page, which did not run.</p>
      <button type="button" id="use-key" hidden>Use your security key</button>
    </form>`
}
