/** The gates of a release, each with its numbers and what was measured. Pure. */
import type { Verdict } from '../../evidence/model/verdict.ts'
import { GATES, gateById } from '../../gates/index.ts'
import { GATE_WORDS, type GateLine } from '../release/view.ts'
import { badge, type Tone } from './badge.ts'
import { html, type Html } from './html.ts'
import type { ReleaseView } from './release-view.ts'

const GATE_TONES: Readonly<Record<GateLine['verdict'], Tone>> = {
  pass: 'good',
  fail: 'bad',
  indeterminate: 'open',
  waived: 'open',
  not_applicable: 'idle',
  waiting: 'idle',
  running: 'run',
}

export function gates({ told, verdicts }: ReleaseView): Html | null {
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
