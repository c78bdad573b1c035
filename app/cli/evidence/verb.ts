/** The verb `evidence`, made of some of its actions: all of them to show what there is, one of them to run it. */
import { CliError, unknownWord } from '../error.ts'
import type { Call, Verb } from '../verb.ts'
import type { Action } from './action.ts'

export function evidenceOf(actions: readonly Action[]): Verb {
  return {
    name: 'evidence',
    summary: 'Verifies an evidence pack from the pack and public keys alone; keeps, holds, reads and purges packs.',
    usage: actions.map(({ name, usage }) => `${name} ${usage}`).join('\n  | '),
    examples: actions.flatMap(({ examples }) => examples),
    options: Object.assign({}, ...actions.map(({ options }) => options)),
    meaning: meanings(actions),
    words: { least: 1, most: 1 + Math.max(...actions.map(({ words }) => words.most)) },
    async run(call) {
      const word = call.words[0] ?? ''
      const action = actions.find((each) => each.name === word)
      if (action === undefined)
        throw unknownWord(
          'action of evidence',
          word,
          actions.map(({ name }) => name),
          'Use `evidence verify <evidence.zip> --key=FILE`.',
          (meant) => `\`evidence ${meant}\``,
        )
      check(action, call, actions)
      return action.run(call)
    },
  }
}

/** An option that only another action knows is a mistake, not a wish. */
function check(action: Action, call: Call, actions: readonly Action[]): void {
  const { name, usage, words } = action
  const given = call.words.length - 1
  if (given < words.least || given > words.most)
    throw new CliError(
      'usage',
      given < words.least
        ? `\`evidence ${name}\` needs more words.`
        : `\`evidence ${name}\` does not know what to do with \`${call.words[words.most + 1] ?? ''}\`.`,
      `Usage: release-conductor evidence ${name} ${usage}`,
    )
  const known = new Set(Object.keys(action.options))
  const odd = actions
    .flatMap((each) => Object.keys(each.options))
    .find((option) => !known.has(option) && (call.text(option) !== undefined || call.flag(option)))
  if (odd !== undefined) throw new CliError('usage', `\`evidence ${name}\` has no option --${odd}.`, 'Run `release-conductor evidence --help`.')
}

/** Each option once; what it means to each action that has it. */
function meanings(actions: readonly Action[]): Record<string, string> {
  const all = new Map<string, Set<string>>()
  for (const action of actions) for (const [option, what] of Object.entries(action.meaning)) all.set(option, (all.get(option) ?? new Set()).add(what))
  return Object.fromEntries([...all].map(([option, whats]) => [option, [...whats].join('; ')]))
}
