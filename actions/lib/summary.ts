/** The job summary: what each agent saw, in one table, the numbers beside their thresholds, then the findings. Markdown; all text of agents is escaped. */
import { shownOf } from '../../agents/shown.ts'
import type { Handover } from '../../evidence/model/handover.ts'
import { PhaseName } from '../../evidence/model/phases.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import { escape, SIGN } from './markdown.ts'

const MARK = { error: '❌', warning: '⚠️', info: 'ℹ️' } as const
const FINDINGS = 50

/** Hand-over -> markdown, well below the limit of 1 MiB. */
export function summaryOf(handover: Handover): string {
  const head = `## ${handover.phase} ${PhaseName[handover.phase]}`
  if (handover.responses.length === 0) return `${head}\n\nNo agent of this phase is built yet, so nothing was looked at.\n`
  const rows = handover.responses.flatMap(({ agent, response }) =>
    response.verdicts.map(
      (verdict) => `| ${escape(agent.name)} | ${verdict.gate} | ${SIGN[verdict.verdict]} | ${numbers(verdict)} | ${measured(verdict)} |`,
    ),
  )
  const notes = handover.responses
    .filter(({ response }) => response.result !== 'ok')
    .map(({ agent, response }) => `- **${escape(agent.name)}** is ${response.result}: ${escape(response.notes)} ${escape(response.next)}`)
  const tests = handover.self_tests.map(({ gate, cases }) => {
    const wrong = cases.filter((one) => one.expected !== one.got).length
    return `- ${gate}: ${cases.length} planted cases, ${wrong === 0 ? 'each caught' : `**${wrong} not caught**`}`
  })
  return [
    head,
    '',
    '| agent | gate | opinion | numbers | looked at |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    ...section('Could not look', notes),
    ...section('Findings', findings(handover)),
    ...section('Proof that the gates can fail', tests),
    '',
    'Opinions of agents. The gates decide, from the signed evidence only.',
    '',
  ].join('\n')
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `### ${title}`, '', ...lines]
}

function numbers(verdict: Verdict): string {
  const shown = Object.entries(verdict.metrics).map(
    ([name, value]) => `${escape(name)} ${value}${verdict.thresholds[name] === undefined ? '' : ` (${escape(verdict.thresholds[name])})`}`,
  )
  return shown.join('<br>') || 'none'
}

function measured(verdict: Verdict): string {
  return verdict.measured === null ? 'nothing' : `${verdict.measured.n} in ${escape(verdict.measured.source)}`
}

function findings(handover: Handover): string[] {
  const all = handover.responses.flatMap((response) => response.findings)
  const lines = shownOf(all, FINDINGS).map((finding) => {
    const place = finding.path === undefined ? '' : ` ${escape(finding.path)}${finding.line === undefined ? '' : `:${finding.line}`}`
    return `- ${MARK[finding.severity]} \`${finding.rule}\`${place}: ${escape(finding.message)} *${escape(finding.next)}*`
  })
  return all.length > FINDINGS ? [...lines, `- and ${all.length - FINDINGS} more, in the reports`] : lines
}
