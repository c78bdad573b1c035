/** The summary of a deciding job: what each gate says, its numbers beside their thresholds, why, and the next action. Markdown; text of others is escaped. */
import type { Verdict } from '../../evidence/model/verdict.ts'
import { escape, SIGN } from './markdown.ts'

const REASONS = 5
const REFUSED = 20

export interface Decision {
  readonly verdicts: readonly Verdict[]
  readonly refused: readonly { readonly path: string; readonly code: string; readonly message: string }[]
}

export function decisionSummary({ verdicts, refused }: Decision): string {
  const held = verdicts.filter(({ verdict }) => verdict === 'pass' || verdict === 'not_applicable').length
  return [
    `## ${held} of ${verdicts.length} gates hold`,
    '',
    '| gate | answer | value (threshold) | why, and what to do |',
    '| --- | --- | --- | --- |',
    ...verdicts.map((verdict) => `| \`${verdict.gate}\` | ${SIGN[verdict.verdict]} | ${values(verdict)} | ${why(verdict)} |`),
    ...(refused.length === 0
      ? []
      : [
          '',
          '### Not believed',
          '',
          ...refused.slice(0, REFUSED).map(({ path, code, message }) => `- ${escape(path)}: ${escape(code)}, ${escape(message)}`),
        ]),
    ...(refused.length > REFUSED ? [`- and ${refused.length - REFUSED} more`] : []),
    '',
    'Decided from the signed evidence of this run and the config of the base branch. Nothing measured is never a pass.',
    '',
  ].join('\n')
}

function values({ metrics, thresholds }: Verdict): string {
  const shown = Object.entries(thresholds).map(([name, threshold]) => `${escape(name)} ${metrics[name] ?? 'absent'} (${escape(threshold)})`)
  return shown.join('<br>') || 'none'
}

function why({ reasons }: Verdict): string {
  const shown = reasons.slice(0, REASONS).map(({ message, next }) => `${escape(message)} *${escape(next)}*`)
  return [...shown, ...(reasons.length > REASONS ? [`and ${reasons.length - REASONS} more`] : [])].join('<br>')
}
