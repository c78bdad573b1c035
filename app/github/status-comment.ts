/** The one status comment of a release: where it is, what blocks it, what to paste, what happens next. Pure; edited in place, never repeated (trap T39). */
import { PhaseName } from '../../evidence/model/phases.ts'
import type { GateId, Phase } from '../../evidence/model/phases.ts'
import type { Outcome } from '../../evidence/model/verdict.ts'
import type { ReleaseState } from '../release/ports.ts'
import { LONG_TEXT, fit } from './limits.ts'
import { code, inline, marker } from './markdown.ts'
import { flowPicture, rolloutBar } from './status-picture.ts'

export interface GateLine {
  readonly gate: GateId
  readonly verdict: Outcome | 'waiting' | 'running'
  readonly numbers: readonly { readonly name: string; readonly value: number | null; readonly threshold: string }[]
  /** First reason, in words; '' when there is none. */
  readonly reason: string
  /** What to do about it; '' when nothing. */
  readonly next: string
  /** The check run. */
  readonly url?: string
}

export interface StatusView {
  readonly version: string
  readonly pull: number
  readonly state: ReleaseState
  /** Full commits. */
  readonly head: string
  readonly base: string
  readonly phases: readonly {
    readonly phase: Phase
    readonly state: 'waiting' | 'running' | 'proven' | 'blocked' | 'not-built'
    readonly url?: string
  }[]
  readonly gates: readonly GateLine[]
  readonly rollout: {
    readonly environment: string
    /** Percent, rising. */
    readonly steps: readonly number[]
    /** Percent of traffic on the new version now. */
    readonly weight: number
    /** The judge's last sentence; '' when it has not spoken. */
    readonly judged: string
    /** UTC, ISO 8601; null: nothing is due. */
    readonly deadline: string | null
    /** Of the step that moved traffic last; absent: none is to be had. */
    readonly picture?: { readonly url: string; readonly step: number }
  } | null
  /** The plan that may be promoted now; null: nothing can be promoted. */
  readonly plan: { readonly id: string; readonly step: number; readonly environment: string; readonly objectives: string } | null
  /** Whether it can be taken back over the database schema; '' when the config names no file that tells. */
  readonly back?: string
  /** Smaller stops an approver may choose instead of {@link plan}: each a whole line to paste. */
  readonly stops: readonly string[]
  /** What came of people's commands, newest first; `answer` is Markdown of ours. */
  readonly answers: readonly { readonly login: string; readonly command: string; readonly done: boolean; readonly answer: string }[]
  readonly held: { readonly reason: string; readonly by: string; readonly until: string | null } | null
  /** What keeps a promotion from starting although nothing is wrong with the release. */
  readonly waits?: readonly string[]
  /** What is awaited of the transparency log; '' when nothing is. */
  readonly log: string
  /** Where the sealed packs are kept, or why not yet. */
  readonly keeping?: readonly { readonly seal: number; readonly store: string; readonly kept: boolean; readonly why: string }[]
  /** What happens next, in order, one sentence each. */
  readonly next: readonly string[]
  readonly traceId: string
  /** UTC, ISO 8601. */
  readonly at: string
}

/** The hidden line by which the comment is found again. */
export function statusMarker(pull: number): string {
  return marker(`status:${pull}`)
}

/** The line an approver pastes. A step that the command's grammar has no word for is left to the plan id, which names it too. */
export function promoteLine(plan: { readonly id: string; readonly step: number }): string {
  const step = [10, 50, 100].includes(plan.step) ? ` ${plan.step}` : ''
  return `/promote${step} plan:${plan.id}`
}

/** The whole comment, marker first, within GitHub's limit. No line starts with a slash, so nothing here can be read as a command. */
export function statusComment(view: StatusView): string {
  const parts = [
    statusMarker(view.pull),
    `## Release ${inline(view.version)}: ${SAYS[view.state].title}`,
    `${SAYS[view.state].sentence}\n\nCommit ${code(view.head.slice(0, 12))} against ${code(view.base.slice(0, 12))}.`,
    held(view),
    ...(view.waits ?? []).map((why) => `> ${inline(why)}`),
    promote(view),
    (view.back ?? '') === '' ? '' : `> ${inline(view.back ?? '')}`,
    answers(view),
    next(view),
    rollout(view),
    view.log === '' ? '' : `> ${inline(view.log)}`,
    keeping(view),
    gates(view),
    phases(view),
    flowPicture(view.state),
    `<sub>State of ${inline(view.at)}. Trace ${code(view.traceId)}. Commands: ${code('/help')}. Only the evidence pack is the record; this comment only shows it.</sub>`,
  ]
  return fit(parts.filter((part) => part !== '').join('\n\n'), LONG_TEXT)
}

const SAYS: Readonly<Record<ReleaseState, { readonly title: string; readonly sentence: string }>> = {
  draft: { title: 'draft', sentence: 'The pull request is a draft. Nothing runs until it is ready for review.' },
  proving: {
    title: 'being proven',
    sentence: 'The agents are looking at this commit. The gates below block the merge until each of them is proven.',
  },
  ready: { title: 'ready to merge', sentence: 'Every gate that stands before the merge holds on this very commit.' },
  merged: { title: 'merged, waiting for an approver', sentence: 'The commit is in the base branch. No traffic has moved yet.' },
  stage: { title: 'on stage', sentence: 'The release runs on stage.' },
  canary: { title: 'canary', sentence: 'A part of the traffic is on the new version; the judge compares it with the old one of the same time.' },
  full: { title: 'at 100 %', sentence: 'All traffic is on the new version.' },
  baking: { title: 'baking', sentence: 'All traffic is on the new version; it is watched until the bake ends.' },
  ga: { title: 'released', sentence: 'The release serves everyone, and the signed pack is attached to the GitHub release.' },
  closed: { title: 'closed', sentence: 'This release is over.' },
  held: { title: 'held', sentence: 'Nothing moves until an approver resumes it or its deadline passes.' },
  rolling_back: { title: 'rolling back', sentence: 'Traffic is going back to the old version.' },
  rolled_back: { title: 'rolled back', sentence: 'All traffic is on the old version again. The incident issue tells why.' },
  abandoned: { title: 'abandoned', sentence: 'The pull request was closed without a merge.' },
  broken_glass: { title: 'shipped by break-glass', sentence: 'It shipped without proof. The record stays open until the gates hold.' },
}

function held(view: StatusView): string {
  if (view.held === null) return ''
  const until = view.held.until === null ? '' : ` It rolls back at ${inline(view.held.until)} if nobody resumes it.`
  return `> **Held** by ${inline(view.held.by)}: ${inline(view.held.reason)}.${until}`
}

/** Inside a quote the block keeps its copy button, and the line does not start with a slash. */
function promote(view: StatusView): string {
  if (view.plan === null) return ''
  return [
    `### To move ${inline(view.plan.environment)} to ${view.plan.step} %`,
    '',
    'An approver pastes this line as a comment. It is bound to exactly what is shown here; if anything moves, it is refused and a new line appears.',
    '',
    '> ```',
    `> ${promoteLine(view.plan)}`,
    '> ```',
    ...(view.plan.objectives === '' ? [] : ['', inline(view.plan.objectives)]),
    ...(view.stops.length === 0 ? [] : ['', `Or only so far: ${view.stops.map(code).join(', ')}.`]),
  ].join('\n')
}

function answers(view: StatusView): string {
  if (view.answers.length === 0) return ''
  const lines = view.answers.map(
    (of) => `- ${of.done ? '✅' : '🚫'} ${inline(of.login)} wrote ${code(of.command)}: ${of.answer.replaceAll('\n', '\n  ')}`,
  )
  return ['### Commands', '', ...lines].join('\n')
}

function next(view: StatusView): string {
  if (view.next.length === 0) return ''
  return ['### What happens next', '', ...view.next.map((sentence, index) => `${index + 1}. ${inline(sentence)}`)].join('\n')
}

function keeping(view: StatusView): string {
  const all = view.keeping ?? []
  if (all.length === 0) return ''
  const lines = all.map((of) => {
    const state = of.kept ? 'kept, and read back' : of.why === '' ? 'pending' : `pending: ${inline(of.why.slice(0, 200))}`
    return `- seal ${of.seal} in ${code(of.store)}: ${state}`
  })
  return ['### Where the evidence pack is kept', '', ...lines].join('\n')
}

function rollout(view: StatusView): string {
  const of = view.rollout
  if (of === null) return ''
  const lines = [`### Traffic of ${inline(of.environment)}`, '', rolloutBar(of.steps, of.weight)]
  if (of.judged !== '') lines.push('', `The judge: ${inline(of.judged)}`)
  if (of.deadline !== null) lines.push('', `This step ends at ${inline(of.deadline)} at the latest; anything but a clear yes rolls back then.`)
  if (of.picture !== undefined) {
    const words = `Share of failed requests, latency and requests a second of canary and stable at ${of.picture.step} % of ${of.environment}`
    lines.push('', `![${inline(words)}](${encodeURI(of.picture.url).replace(/[()]/g, '')})`)
  }
  return lines.join('\n')
}

const MARKS: Readonly<Record<GateLine['verdict'], string>> = {
  pass: '🟢 proven',
  fail: '🔴 no',
  indeterminate: '🟠 not proven',
  waived: '🟠 waived',
  not_applicable: '⚪ not applicable',
  waiting: '⚪ waiting',
  running: '🔵 being looked at',
}

function gates(view: StatusView): string {
  if (view.gates.length === 0) return ''
  const rows = view.gates.map((line) => {
    const name = line.url === undefined ? code(line.gate) : `[${code(line.gate)}](${encodeURI(line.url).replace(/[()]/g, '')})`
    const numbers = line.numbers.map((of) => `${inline(of.name)} ${of.value ?? 'absent'} (${code(of.threshold)})`).join('<br>')
    const why = [line.reason, line.next === '' ? '' : `Next: ${line.next}`]
      .filter((part) => part !== '')
      .map(inline)
      .join('<br>')
    return `| ${name} | ${MARKS[line.verdict]} | ${numbers} | ${why} |`
  })
  return ['### Gates', '', '| gate | answer | value (threshold) | why, and what to do |', '|---|---|---|---|', ...rows].join('\n')
}

function phases(view: StatusView): string {
  if (view.phases.length === 0) return ''
  const words = { waiting: 'waiting', running: 'running', proven: 'proven', blocked: '**blocked**', 'not-built': 'not built yet' } as const
  const cells = view.phases.map((of) => `${of.phase} ${PhaseName[of.phase]}: ${words[of.state]}`)
  return `**Phases.** ${cells.join(' · ')}`
}
