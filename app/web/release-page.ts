/** The page of one release: where it is and why, with everything it rests on. Pure. */
import { GLASS } from '../../evidence/model/predicate/waiver.ts'
import { promoteLine } from '../github/status-comment.ts'
import { STATE_WORDS } from '../release/view.ts'
import type { ReleaseState } from '../release/ports.ts'
import { badge, type Tone } from './badge.ts'
import { gates } from './gates-part.ts'
import { html, type Html } from './html.ts'
import { phaseGraph } from './phase-graph.ts'
import type { ReleaseView } from './release-view.ts'
import { isDoing, said } from './timeline.ts'
import { traffic, type PicturePath } from './traffic-part.ts'

const STATE_TONES: Readonly<Partial<Record<ReleaseState, Tone>>> = {
  proving: 'run',
  ready: 'good',
  merged: 'open',
  stage: 'run',
  canary: 'run',
  full: 'run',
  baking: 'run',
  ga: 'good',
  held: 'open',
  rolling_back: 'bad',
  rolled_back: 'bad',
  broken_glass: 'bad',
}

export function releaseTitle({ record }: Pick<ReleaseView, 'record'>): string {
  return `${record.version} of ${record.repository.owner}/${record.repository.name}: ${STATE_WORDS[record.state].title}`
}

export interface Around {
  readonly picture: PicturePath
  /** Where people see the repository, such as https://github.com. */
  readonly web: string
  /** Where a visitor acts on it; null: nobody can log in. */
  readonly act: string | null
  /** Where the older entries of the ledger are; null: there are none. */
  readonly older: string | null
}

export function releasePage(view: ReleaseView, { picture, web, act, older }: Around): Html {
  return html`${top(view, web)}${act === null ? null : html`<p><a class="button" href="${act}">Act on this release</a></p>`}${plan(view)}${phases(view)}${traffic(view, picture)}${gates(view)}${people(view)}${packs(view)}${timeline(view, older)}
    <footer>
      <p>
        Trace <code>${view.record.traceId}</code>. This page only shows what the App knows; the signed evidence pack is the record. Commands are
        comments on the pull request${act === null ? null : html`, or given <a href="${act}">here</a>`}.
      </p>
    </footer>`
}

export function stateBadge(state: ReleaseState): Html {
  return badge(STATE_WORDS[state].title, STATE_TONES[state] ?? 'idle')
}

function top({ record, told, held }: ReleaseView, web: string): Html {
  const repository = `${record.repository.owner}/${record.repository.name}`
  const at = `${web}/${repository}`
  return html`<h1>Release ${record.version} of ${repository}</h1>
    <p>${stateBadge(record.state)} ${STATE_WORDS[record.state].sentence}</p>
    <p class="soft">
      <a href="${at}/pull/${record.pull}">Pull request ${record.pull}</a>, commit
      <a href="${at}/commit/${record.head}"><code>${record.head.slice(0, 12)}</code></a> against <code>${record.base}</code>.
    </p>
    ${told?.glass === undefined ? null : brokenGlass(told.glass)}
    ${held === null ? null : html`<p class="note"><strong>Held</strong> by ${held.by} since <time datetime="${held.since}">${held.since}</time>: ${held.reason}</p>`}
    ${(told?.waits ?? []).map((why) => html`<p class="note">${why}</p>`)}
    ${told?.back === undefined || told.back === '' ? null : html`<p class="soft">${told.back}</p>`}
    ${told === null || told.log === '' ? null : html`<p class="note">${told.log}</p>`}
    ${
      told === null || told.next.length === 0
        ? null
        : html`<h2>What happens next</h2>
            <ol>
              ${told.next.map((sentence) => html`<li>${sentence}</li>`)}
            </ol>`
    }`
}

function brokenGlass({ by, reason, until, issue }: NonNullable<NonNullable<ReleaseView['told']>['glass']>): Html {
  return html`<p class="note" role="alert">
    <strong>The glass is broken</strong>, by ${by.join(' and ')}, until <time datetime="${until}">${until}</time>: ${reason}. This release goes
    without the proof of its gates, and owes it${issue === null ? null : html`; the record is issue ${issue}`}.
  </p>`
}

function plan({ told }: ReleaseView): Html | null {
  if (told?.plan == null) return null
  return html`<h2>To move ${told.plan.environment} to ${told.plan.step} %</h2>
    <p>
      An approver pastes this line as a comment on the pull request. It is bound to exactly what is shown there; if anything moves, it is refused.
    </p>
    <pre><code>${promoteLine(told.plan)}</code></pre>
    ${told.plan.objectives === '' ? null : html`<p>${told.plan.objectives}</p>`}
    ${
      told.stops.length === 0
        ? null
        : html`<p>Or only so far:</p>
            ${told.stops.map((line) => html`<pre><code>${line}</code></pre>`)}`
    }`
}

function phases({ told }: ReleaseView): Html | null {
  return told === null || told.phases.length === 0
    ? null
    : html`<h2>Phases</h2>
        ${phaseGraph(told.phases)}`
}

function waiver({ gate: id, reason, by, until, here, lane, settled }: ReleaseView['waivers'][number]): Html {
  const state = !here ? 'of another commit' : (lane?.off ?? '') === '' ? 'waived' : 'covers nothing'
  return html`<li class="card">
    <div class="head">
      <h3><code>${id}</code></h3>
      ${badge(state, state === 'waived' ? 'open' : 'idle')} ${id === GLASS ? badge('break-glass', settled === null ? 'bad' : 'idle') : null}
    </div>
    <p>${reason}</p>
    ${lane === null ? null : html`<p>Covers ${codes(lane.covers)}. These must hold as always: ${codes(lane.mustHold)}.</p>`}
    ${lane === null || lane.off === '' ? null : html`<p>It covers nothing at present, because ${lane.off}.</p>`}
    ${settled === null ? null : html`<p>The record is closed: ${settled}</p>`}
    <p class="soft">By ${by.join(' and ')}, until <time datetime="${until}">${until}</time></p>
  </li>`
}

function codes(gates: readonly string[]): Html {
  return html`${gates.map((gate, at) => html`${at === 0 ? '' : ', '}<code>${gate}</code>`)}`
}

function people({ approvals, waivers, commands }: ReleaseView): Html {
  return html`<h2>Approvals</h2>
    ${
      approvals.length === 0
        ? html`<p class="soft">Nobody has promoted it yet.</p>`
        : html`<ol class="plain">
            ${approvals.map((one) => html`<li><time datetime="${one.at}">${one.at}</time>${one.login} (${one.role}) promoted ${one.environment} up to ${one.upTo} %, plan <code>${one.plan.slice(0, 12)}</code></li>`)}
          </ol>`
    }
    ${
      waivers.length === 0
        ? null
        : html`<h2>Waivers</h2>
            <ul class="cards">
              ${waivers.map(waiver)}
            </ul>`
    }
    ${
      commands.length === 0
        ? null
        : html`<h2>Commands</h2>
            <ol class="plain">
              ${commands.map((one) => html`<li><time datetime="${one.at}">${one.at}</time>${one.login}: <code>${one.command}</code> ${badge(one.done ? 'done' : 'refused', one.done ? 'good' : 'bad')}</li>`)}
            </ol>`
    }`
}

function packs({ packs: all, published, record }: ReleaseView): Html {
  if (all.length === 0)
    return html`<h2>Evidence pack</h2>
      <p class="soft">Nothing is sealed yet.</p>`
  return html`<h2>Evidence pack</h2>
    <ul class="cards">
      ${all.map(
        (pack) =>
          html`<li class="card">
            <div class="head">
              <h3>Seal ${pack.seal}</h3>
              ${badge(pack.says, pack.says === 'rolled back' ? 'bad' : 'good')}
            </div>
            <dl>
              <dt>SHA-256</dt>
              <dd><code>${pack.sha256}</code></dd>
              <dt>kept in</dt>
              <dd>${pack.kept.length === 0 ? 'no store yet' : pack.kept.join(', ')}</dd>
            </dl>
          </li>`,
      )}
    </ul>
    <p>
      ${published === null ? 'It is not published; the operator hands it out.' : html`It is attached to <a href="${published}">the GitHub release</a>.`}
      Whoever has it can verify it offline, without this App:
    </p>
    <pre><code>sha256sum evidence.zip
release-conductor evidence verify evidence.zip --key=jobs=jobs.pub --pack-key=app=app.pub --version=${record.version} --replay</code></pre>`
}

export function item(entry: ReleaseView['timeline'][number]): Html {
  return html`<li><time datetime="${entry.at}">${entry.at}</time>${said(entry)}</li>`
}

function timeline({ timeline: entries, entries: all }: ReleaseView, older: string | null): Html {
  const shown = entries.filter(({ type }) => !isDoing(type))
  return html`<h2>Timeline</h2>
    <p class="soft">From the ledger, newest first: the last ${entries.length} of ${all} entries.</p>
    <ol class="plain" reversed>
      ${shown.map(item)}
    </ol>
    <details id="doings">
      <summary>With everything the App did</summary>
      <ol class="plain" reversed>
        ${entries.map(item)}
      </ol>
    </details>
    ${older === null ? null : html`<p><a href="${older}">Older entries</a></p>`}`
}
