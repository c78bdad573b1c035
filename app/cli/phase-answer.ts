/** What a phase said, as an answer of the command line: the gates first, then who looked, then what to do. */
import { agentByName } from '../../agents/index.ts'
import { shownOf } from '../../agents/shown.ts'
import type { Config } from '../../evidence/model/config.ts'
import type { Handover } from '../../evidence/model/handover.ts'
import { type Phase, PhaseName } from '../../evidence/model/phases.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import { isNotAsked } from '../../gates/declared.ts'
import { table } from './output.ts'
import { EXIT } from './verb.ts'
import type { Answer, Exit } from './verb.ts'

export interface PhaseSaid {
  readonly phase: Phase
  readonly subject: { readonly sha: string; readonly base: string; readonly repository: { readonly owner: string; readonly name: string } }
  readonly handover: Handover
  readonly verdicts: readonly Verdict[]
  readonly declared: Config['not_applicable']
  readonly out: string | null
}

const SHOWN = 30

function exitOf(verdicts: readonly Verdict[]): Exit {
  if (verdicts.some(({ verdict }) => verdict === 'fail')) return EXIT.no
  return verdicts.length > 0 && verdicts.every(({ verdict }) => verdict === 'pass' || verdict === 'not_applicable') ? EXIT.ok : EXIT.indeterminate
}

/** Its topic is declared absent for every gate that it feeds, so nothing of it is to be done. */
function isAbsent(declared: Config['not_applicable'], { agent, topic }: Handover['responses'][number]): boolean {
  const gates = agentByName(agent.name)?.gate ?? []
  return gates.length > 0 && isNotAsked(declared, gates, topic)
}

export function phaseAnswer({ phase, subject, handover, verdicts, declared, out }: PhaseSaid): Answer {
  const responses = handover.responses.map((response) => ({ ...response, isAbsent: isAbsent(declared, response) }))
  const findings = responses.flatMap(({ agent, findings: own, isAbsent: absent }) =>
    own.map((finding) => ({ agent: agent.name, ...finding, ...(absent && { declared_absent: true }) })),
  )
  const due = findings.filter(({ declared_absent: absent }) => absent !== true)
  const shown = shownOf(due, SHOWN)
  const gateRows = verdicts.map(({ gate, verdict, measured, reasons }) => [gate, verdict, measured === null ? '' : `n=${measured.n}`, told(reasons)])
  const agentRows = responses.map(({ agent, topic, response, isAbsent: absent }) =>
    absent
      ? [agent.name, 'not asked', `${topic} is declared not applicable.`]
      : [agent.name, response.result, sentences(response.notes, response.next)],
  )
  const findingRows = shown.map((each) => [each.rule, each.severity, place(each), sentences(each.message, each.next)])
  const text = [
    `${phase} ${PhaseName[phase]}, ${subject.repository.owner}/${subject.repository.name} at ${subject.sha}, base ${subject.base}`,
    '',
    table(['gate', 'verdict', 'measured', 'why, and what to do'], gateRows),
    '',
    table(['agent', 'result', 'notes, and what to do'], agentRows),
    ...(shown.length === 0 ? [] : ['', table(['finding', 'severity', 'where', 'what to do'], findingRows)]),
    ...(due.length > shown.length ? [`… and ${due.length - shown.length} more; --json shows all.`] : []),
    '',
    `Unsigned: a preview of what the gates will say, never evidence.${out === null ? '' : ` Artifacts in ${out}.`}`,
  ].join('\n')
  const data = {
    phase,
    sha: subject.sha,
    base: subject.base,
    signed: false,
    verdicts,
    responses: responses.map(({ agent, topic, response: { result, notes, next }, isAbsent: absent }) => ({
      agent: agent.name,
      topic,
      result,
      notes,
      next,
      declared_absent: absent,
    })),
    findings,
    out,
  }
  return { exit: exitOf(verdicts), text, data }
}

function place(finding: { readonly path?: string | undefined; readonly line?: number | undefined }): string {
  return finding.path === undefined ? '' : finding.line === undefined ? finding.path : `${finding.path}:${finding.line}`
}

/** The reason that says most: what an agent lacked comes before what follows from it. */
function told(reasons: Verdict['reasons']): string {
  const reason = reasons.find(({ code }) => code === 'gate.agent-not-ok') ?? reasons[0]
  return reason === undefined ? '' : sentences(reason.message, reason.next)
}

function sentences(...parts: readonly string[]): string {
  return parts.map((part) => (/[.!?]$/.test(part) ? part : `${part}.`)).join(' ')
}
