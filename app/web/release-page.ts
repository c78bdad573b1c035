/** The page of one release: where it is and why, with everything it rests on. Read only. Pure. */
import type { Verdict } from '../../evidence/model/verdict.ts'
import { GATES, gateById } from '../../gates/index.ts'
import { promoteLine } from '../github/status-comment.ts'
import { GATE_WORDS, STATE_WORDS, type GateLine } from '../release/view.ts'
import type { ReleaseState } from '../release/ports.ts'
import { html, type Html } from './html.ts'
import { phaseGraph } from './phase-graph.ts'
import type { ReleaseView, RolloutView } from './release-view.ts'
import { isDoing, said } from './timeline.ts'

/** Path of a step's picture; null: it cannot be shown. */
export type PicturePath = (rollout: number, step: number, at: number) => string

type Tone = 'good' | 'bad' | 'open' | 'run' | 'idle'

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
  broken_glass: 'open',
}
const GATE_TONES: Readonly<Record<GateLine['verdict'], Tone>> = {
  pass: 'good',
  fail: 'bad',
  indeterminate: 'open',
  waived: 'open',
  not_applicable: 'idle',
  waiting: 'idle',
  running: 'run',
}

export function releaseTitle({ record }: Pick<ReleaseView, 'record'>): string {
  return `${record.version} of ${record.repository.owner}/${record.repository.name}: ${STATE_WORDS[record.state].title}`
}

/** @param web where people see the repository, such as https://github.com */
export function releasePage(view: ReleaseView, picture: PicturePath, web: string): Html {
  return html`${top(view, web)}${plan(view)}${phases(view)}${traffic(view, picture)}${gates(view)}${people(view)}${packs(view)}${timeline(view)}
    <footer>
      <p>
        Trace <code>${view.record.traceId}</code>. This page only shows what the App knows; the signed evidence pack is the record. Commands are
        comments on the pull request.
      </p>
    </footer>`
}

export function badge(words: string, tone: Tone): Html {
  return html`<span class="badge ${tone}">${words}</span>`
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

function traffic({ rollouts, sentence, record }: ReleaseView, picture: PicturePath): Html | null {
  if (rollouts.length === 0) return null
  const now = rollouts.at(-1)
  return html`<h2>Traffic</h2>
    ${rollouts.toReversed().map((rollout) => oneRollout(rollout, rollout === now ? sentence : '', picture, record.version))}`
}

/** @param said the judge's last word, when it is about this one */
function oneRollout(rollout: RolloutView, said: string, picture: PicturePath, version: string): Html {
  const { number, environment, steps, weight, judged, pictures, why, stage, deadline } = rollout
  const words = `${weight} % of ${environment} on ${version}, ${100 - weight} % on the version before`
  return html`<section aria-labelledby="rollout-${number}">
    <h3 id="rollout-${number}">${environment}: ${weight} % on ${version} ${why === '' ? null : badge('went back', 'bad')}</h3>
    <svg class="traffic" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label="${words}">
      <rect class="old" width="100" height="6" />
      <rect class="new" width="${weight}" height="6" />
    </svg>
    <p class="soft">
      Steps ${steps.map((step) => `${step} %`).join(', ')}; now ${stage}.
      ${deadline === null ? '' : `This step ends at ${deadline} at the latest; anything but a clear yes rolls back then.`}
    </p>
    ${why === '' ? null : html`<p class="note">${why}</p>`}${said === '' || said === why ? null : html`<p>The judge: ${said}</p>`}
    ${
      judged.length === 0
        ? null
        : html`<ol class="plain">
            ${judged.map((one) => html`<li><time datetime="${one.at}">${one.at}</time>${one.step} %: ${one.sentence}</li>`)}
          </ol>`
    }
    ${pictures.toReversed().map(
      ({ step, at }) =>
        html`<figure>
          <img
            src="${picture(number, step, at)}"
            alt="Share of failed requests, latency and requests a second of canary and stable at ${step} % of ${environment}"
            loading="lazy"
          />
          <figcaption>${step} % of ${environment}</figcaption>
        </figure>`,
    )}
  </section>`
}

function gates({ told, verdicts }: ReleaseView): Html | null {
  if (told === null || told.gates.length === 0) return null
  const of = new Map(verdicts.map((verdict) => [verdict.gate, verdict]))
  return html`<h2>Gates</h2>
    <p class="soft">${GATES.length} gates are built. A gate that is not proven blocks.</p>
    <ul class="cards">
      ${told.gates.map((line) => gate(line, of.get(line.gate)))}
    </ul>`
}

function gate(line: GateLine, verdict: Verdict | undefined): Html {
  return html`<li class="card">
    <div class="head">
      <h3><code>${line.gate}</code></h3>
      ${badge(GATE_WORDS[line.verdict], GATE_TONES[line.verdict])}
    </div>
    <p class="soft">${gateById(line.gate)?.question ?? ''}</p>
    ${
      line.numbers.length === 0
        ? null
        : html`<dl class="numbers">
            ${line.numbers.map(
              (of) =>
                html`<dt>${of.name}</dt>
                  <dd>${of.value ?? 'absent'} <span class="soft">(${of.threshold})</span></dd>`,
            )}
          </dl>`
    }
    ${line.reason === '' ? null : html`<p>${line.reason}</p>`}${line.next === '' ? null : html`<p><strong>Next:</strong> ${line.next}</p>`}
    ${verdict === undefined ? null : measured(verdict)}
  </li>`
}

function measured({ gate: id, measured: of, evidence, at, sha }: Verdict): Html {
  return html`<details id="measured-${id}">
    <summary>What was measured</summary>
    <dl>
      ${
        of === null
          ? html`<dt>measured</dt>
              <dd>nothing</dd>`
          : html`<dt>n</dt>
              <dd>${of.n}</dd>
              <dt>window</dt>
              <dd>${of.window}</dd>
              <dt>source</dt>
              <dd>${of.source}</dd>
              <dt>query</dt>
              <dd>${of.query}</dd>
              <dt>data</dt>
              <dd><code>${of.data_digest.slice(0, 16)}</code></dd>`
      }
      <dt>commit</dt>
      <dd><code>${sha.slice(0, 12)}</code></dd>
      <dt>at</dt>
      <dd>${at}</dd>
      <dt>evidence</dt>
      <dd>
        ${evidence.length === 0 ? 'none' : evidence.map(({ path, sha256 }, index) => html`${index === 0 ? '' : ', '}${path} <code>${sha256.slice(0, 12)}</code>`)}
      </dd>
    </dl>
  </details>`
}

function people({ approvals, commands }: ReleaseView): Html {
  return html`<h2>Approvals</h2>
    ${
      approvals.length === 0
        ? html`<p class="soft">Nobody has promoted it yet.</p>`
        : html`<ol class="plain">
            ${approvals.map((one) => html`<li><time datetime="${one.at}">${one.at}</time>${one.login} (${one.role}) promoted ${one.environment} up to ${one.upTo} %, plan <code>${one.plan.slice(0, 12)}</code></li>`)}
          </ol>`
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

function item(entry: ReleaseView['timeline'][number]): Html {
  return html`<li><time datetime="${entry.at}">${entry.at}</time>${said(entry)}</li>`
}

function timeline({ timeline: entries, entries: all }: ReleaseView): Html {
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
    </details>`
}
