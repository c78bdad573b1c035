/** The one status comment of a release: where it is, what blocks it, what to paste, what happens next. Pure; edited in place, never repeated (trap T39). */
import { PhaseName } from '../../evidence/model/phases.ts'
import { GATE_WORDS, STATE_WORDS, type GateLine, type StatusView } from '../release/view.ts'
import { traceLine } from '../release/traces.ts'
import { LONG_TEXT, fit } from './limits.ts'
import { code, image, inline, marker } from './markdown.ts'
import { flowPicture, rolloutBar } from './status-picture.ts'

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
    `## Release ${inline(view.version)}: ${STATE_WORDS[view.state].title}`,
    `${STATE_WORDS[view.state].sentence}\n\nCommit ${code(view.head.slice(0, 12))} against ${code(view.base.slice(0, 12))}.`,
    glass(view),
    hotfix(view),
    held(view),
    ...(view.waits ?? []).map((why) => `> ${inline(why)}`),
    undone(view),
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
    view.page === undefined
      ? ''
      : `[The release page](${encodeURI(view.page).replace(/[()]/g, '')}) shows all of this live, with the ledger. Whoever has its address can read it.`,
    `<sub>State of ${inline(view.at)}. Trace ${code(view.traceId)}. Commands: ${code('/help')}. Only the evidence pack is the record; this comment only shows it.</sub>`,
  ]
  return fit(parts.filter((part) => part !== '').join('\n\n'), LONG_TEXT)
}

function glass({ glass: of }: StatusView): string {
  if (of === undefined) return ''
  const who = of.by.map(inline).join(' and ')
  const until = of.stands ? `until ${inline(of.until)}` : `until ${inline(of.until)}, which is over`
  const record = of.issue === null ? 'It counts once the issue that keeps the record is open.' : `The record: #${of.issue}.`
  return [
    '> [!CAUTION]',
    `> **The glass is broken**, by ${who}, ${until}: ${inline(of.reason)}. This release goes without the proof of its gates, and owes it. ${record}`,
  ].join('\n')
}

function hotfix({ hotfix: of }: StatusView): string {
  if (of === undefined) return ''
  const [covers, mustHold] = [of.covers, of.mustHold].map((gates) => gates.map(code).join(', '))
  const debt = of.issue === null ? 'It counts once the issue that remembers the debt is open.' : `The debt: #${of.issue}.`
  const says = of.off === '' ? `It may go on without the proof of ${covers}.` : `It covers nothing at present, because ${inline(of.off)}.`
  return [
    '> [!WARNING]',
    `> **A hotfix, waived** by ${of.by.map(inline).join(' and ')} until ${inline(of.until)}: ${inline(of.reason)}. ${says} These must hold as always: ${mustHold}. ${debt}`,
  ].join('\n')
}

function held(view: StatusView): string {
  if (view.held === null) return ''
  const until = view.held.until === null ? '' : ` It rolls back at ${inline(view.held.until)} if nobody resumes it.`
  return `> **Held** by ${inline(view.held.by)}: ${inline(view.held.reason)}.${until}`
}

function undone(view: StatusView): string {
  const lines = (view.undone ?? []).map(({ what, why, next }) => `> - **${inline(what)}**: ${inline(why.slice(0, 300))} ${inline(next)}`)
  return lines.length === 0 ? '' : ['> [!WARNING]', ...lines].join('\n')
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
  const traces = traceLine(of.traces ?? [])
  if (traces !== '') lines.push('', `${traces}.`)
  if (of.picture !== undefined) {
    const words = `Share of failed requests, latency and requests a second of canary and stable at ${of.picture.step} % of ${of.environment}`
    lines.push('', image(words, of.picture.url))
  }
  return lines.join('\n')
}

const MARKS: Readonly<Record<GateLine['verdict'], string>> = {
  pass: '🟢',
  fail: '🔴',
  indeterminate: '🟠',
  waived: '🟠',
  not_applicable: '⚪',
  waiting: '⚪',
  running: '🔵',
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
    return `| ${name} | ${MARKS[line.verdict]} ${GATE_WORDS[line.verdict]} | ${numbers} | ${why} |`
  })
  return ['### Gates', '', '| gate | answer | value (threshold) | why, and what to do |', '|---|---|---|---|', ...rows].join('\n')
}

function phases(view: StatusView): string {
  if (view.phases.length === 0) return ''
  const words = { waiting: 'waiting', running: 'running', proven: 'proven', blocked: '**blocked**', 'not-built': 'not built yet' } as const
  const cells = view.phases.map((of) => `${of.phase} ${PhaseName[of.phase]}: ${words[of.state]}`)
  return `**Phases.** ${cells.join(' · ')}`
}
