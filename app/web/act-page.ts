/** Where a visitor acts on a release: the plan as it is, and a form for each command. It does not change under the reader's hand. Pure. */
import { REASON_MAX, REASON_MIN } from '../commands/parse.ts'
import { promoteLine } from '../github/status-comment.ts'
import type { ReleaseRecord } from '../release/ports.ts'
import { dataOf, FINAL, isHoldable, type Answer } from '../release/state.ts'
import { GATE_WORDS, type StatusView } from '../release/view.ts'
import { loginPath } from './account-page.ts'
import { badge } from './badge.ts'
import { hidden } from './form.ts'
import { html, type Html } from './html.ts'
import type { Visitor } from './login.ts'
import { stateBadge } from './release-page.ts'

export interface ActView {
  readonly record: ReleaseRecord
  /** null: nobody is logged in. */
  readonly by: Visitor | null
  /** Paths of the release's page and of this one. */
  readonly page: string
  readonly path: string
  /** What came of the command that was just given; absent: none was. */
  readonly outcome?: Outcome
}

/** `waiting`: it is kept, and not carried out yet. */
export type Outcome =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'refused'; readonly why: string }

export function actTitle({ version, repository }: ReleaseRecord): string {
  return `Act on ${version} of ${repository.owner}/${repository.name}`
}

export function actPage({ record, by, page, path, outcome }: ActView): Html {
  const { view, held, rollout } = dataOf(record)
  return html`<h1>${actTitle(record)}</h1>
    <p>${stateBadge(record.state)} <a href="${page}">The page of the release</a> says why, commit <code>${record.head.slice(0, 12)}</code>.</p>
    ${outcome === undefined ? null : said(outcome)}
    ${
      by === null
        ? html`<p><a class="button" href="${loginPath(path)}">Log in with GitHub</a> to act. What you may is asked of GitHub with every command.</p>`
        : html`<p>You are logged in as <strong>${by.login}</strong>. Each command is the same as its comment on the pull request.</p>
            ${view?.plan == null ? null : promote(view, { by, path, head: record.head })}
            ${FINAL.includes(record.state) ? null : approve({ by, path, head: record.head })}
            ${held === null ? null : resume({ by, path, head: record.head })}
            ${held === null && isHoldable(record.state) ? withReason('hold', 'Hold', { by, path, head: record.head }) : null}
            ${rollout === null ? null : withReason('rollback', 'Roll back', { by, path, head: record.head })}
            ${other({ by, path, head: record.head })}`
    }`
}

function said(outcome: Outcome): Html {
  if (outcome.kind === 'waiting')
    return html`<p class="note" role="status">Your command is kept and waits to be carried out. Reload this page to see what came of it.</p>`
  if (outcome.kind === 'refused') return html`<p class="note" role="alert">Nothing was done. ${outcome.why}</p>`
  const { command, done, answer } = outcome.answer
  return html`<div class="note" role="status">
    <p>${badge(done ? 'done' : 'refused', done ? 'good' : 'bad')} <code>${command}</code></p>
    <p class="said">${plainOf(answer)}</p>
  </div>`
}

/** What a key signs for. */
export function signedFor(
  { version, repository }: ReleaseRecord,
  { text, head }: { readonly text: string; readonly head: string },
  by: Visitor,
): Html {
  return html`<p>
      You, <strong>${by.login}</strong>, say of ${version} of ${repository.owner}/${repository.name}, commit <code>${head.slice(0, 12)}</code>:
    </p>
    <pre><code>${text}</code></pre>
    <p class="soft">Your key signs exactly this. It is good once, for five minutes.</p>`
}

/** Markdown of ours as text: its marks go, what was escaped comes back. */
function plainOf(markdown: string): string {
  return markdown
    .replace(/^> ?/gm, '')
    .replace(/^```$/gm, '')
    .replace(/\\([\\`*_{}[\]()#+!|~$./-])/g, '$1')
    .replace(/[`*]/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim()
}

interface Sent {
  readonly by: Visitor
  readonly path: string
  /** The commit that is shown. */
  readonly head: string
}

function form({ by, path, head }: Sent, fields: Html): Html {
  return html`<form method="post" action="${path}" class="card">
    ${hidden(by)}<input type="hidden" name="head" value="${head}" />
    ${fields}
  </form>`
}

function promote(view: StatusView, sent: Sent): Html | null {
  if (view.plan === null) return null
  const lines = [promoteLine(view.plan), ...view.stops]
  return html`<h2>Promote ${view.plan.environment}</h2>
    <dl class="numbers">
      ${view.gates.map(
        ({ gate, verdict }) =>
          html`<dt><code>${gate}</code></dt>
            <dd>${GATE_WORDS[verdict]}</dd>`,
      )}
    </dl>
    ${view.plan.objectives === '' ? null : html`<p>${view.plan.objectives}</p>`}
    ${form(
      sent,
      html`<fieldset>
          <legend>Your word is bound to one of these plans</legend>
          ${lines.map(
            (line, at) =>
              html`<p>
                <label><input type="radio" name="line" value="${line}" ${at === 0 ? html`checked` : null} /> <code>${line}</code></label>
              </p>`,
          )}
        </fieldset>
        ${reason('promote', 'Reason, where the command is elevated', false)}
        <button name="command" value="promote">Promote</button>`,
    )}`
}

function approve(sent: Sent): Html {
  return html`<h2>Approve</h2>
    ${form(
      sent,
      html`<p>
          Your voice for commit <code>${sent.head.slice(0, 12)}</code> with its proof, for promotions that need several. It falls with the next
          commit.
        </p>
        ${reason('approve', 'Reason, where the command is elevated', false)}
        <button name="command" value="approve">Approve</button>`,
    )}`
}

function resume(sent: Sent): Html {
  return html`<h2>Resume</h2>
    ${form(sent, html`<button name="command" value="resume">Resume</button>`)}`
}

function withReason(command: 'hold' | 'rollback', title: string, sent: Sent): Html {
  return html`<h2>${title}</h2>
    ${form(sent, html`${reason(command, 'Reason', true)}<button name="command" value="${command}">${title}</button>`)}`
}

function other(sent: Sent): Html {
  return html`<h2>Another command</h2>
    ${form(
      sent,
      html`<p>
          <label for="other-line">As you would write it in a comment</label>
          <input id="other-line" name="line" required maxlength="1000" autocomplete="off" placeholder="/help" />
        </p>
        ${reason('other', 'Reason, where the command is elevated', false)}
        <button name="command" value="other">Give the command</button>`,
    )}`
}

function reason(id: string, words: string, required: boolean): Html {
  return html`<p>
    <label for="${id}-reason">${words}</label>
    <input
      id="${id}-reason"
      name="reason"
      maxlength="${REASON_MAX}"
      autocomplete="off"
      ${required ? html` required minlength="${REASON_MIN}"` : null}
    />
  </p>`
}
