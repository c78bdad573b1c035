/** What /help answers: what to do first, then every word with an example. */
import { COMMANDS } from './command.ts'
import type { Audience, CommandName } from './command.ts'

const WHO: Readonly<Record<Audience, string>> = {
  approver: 'approvers named in the config (`people.approvers.promote`)',
  waiver: 'people named in the config (`people.approvers.waive`)',
  breaker: 'people named in the config (`people.approvers.break_glass`)',
  'on-call': 'approvers, and the people on call (`people.on_call`)',
  writer: 'anyone with write access',
  anyone: 'anyone',
}

/** Markdown. No line starts with a slash. */
export function help(): string {
  const rows = (Object.keys(COMMANDS) as CommandName[]).map((name) => {
    const of = COMMANDS[name]
    return `| \`${of.usage.replaceAll('|', '\\|')}\` | ${of.does} | ${WHO[of.who]} |`
  })
  return [
    '### How to steer this release',
    '',
    'Write one command as a comment on this pull request: alone on the first line, at its very beginning, nothing quoted and nothing in a code block. The reaction 👀 says that it was seen; the status comment says what came of it.',
    '',
    '**The usual way.** Merge when all checks are green. Copy the promote line out of the status comment, which is bound to exactly what is shown there, and paste it. The rollout then goes on by itself, step by step, and comes back by itself when the new version is worse than the old one.',
    '',
    '**Something is wrong?** Going back never needs a plan: `/rollback` with a reason. Unsure? `/hold` with a reason buys time until the step’s deadline.',
    '',
    '**A check is red?** Its page says what was measured, which number broke which threshold, and what to do next. After the fix push again, or `/rerun` the gate when only the world around it changed.',
    '',
    '| command | what it does | who may |',
    '|---|---|---|',
    ...rows,
    '',
    `Examples: ${(['promote', 'rollback', 'rerun'] as const).map((name) => `\`${COMMANDS[name].example}\``).join(', ')}.`,
    '',
    'Edited comments, bots and apps give no commands. Nobody promotes code they took part in when the config says so.',
  ].join('\n')
}
