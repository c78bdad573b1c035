/** `evidence <action>`: what a stranger needs of a pack, what the App does for a release, and how packs are kept, read and purged. */
import { unknownWord, CliError } from '../error.ts'
import type { Action } from '../evidence/action.ts'
import { hold, releaseHold } from '../evidence/hold.ts'
import { keep } from '../evidence/keep.ts'
import { list } from '../evidence/list.ts'
import { log } from '../evidence/log.ts'
import { pack } from '../evidence/pack.ts'
import { purge } from '../evidence/purge.ts'
import { read } from '../evidence/read.ts'
import { sbom } from '../evidence/sbom.ts'
import { sign } from '../evidence/sign.ts'
import { tombstone } from '../evidence/tombstone.ts'
import { verify } from '../evidence/verify.ts'
import { verifyBundle } from '../evidence/verify-bundle.ts'
import type { Call, Verb } from '../verb.ts'

const ACTIONS: readonly Action[] = [verify, verifyBundle, pack, sbom, sign, keep, list, log, read, hold, releaseHold, purge, tombstone]

/** An option that only another action knows is a mistake, not a wish. */
function check(action: Action, call: Call): void {
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
  const odd = ACTIONS.flatMap((each) => Object.keys(each.options)).find(
    (option) => !known.has(option) && (call.text(option) !== undefined || call.flag(option)),
  )
  if (odd !== undefined) throw new CliError('usage', `\`evidence ${name}\` has no option --${odd}.`, 'Run `release-conductor evidence --help`.')
}

/** Each option once; what it means to each action that has it. */
function meanings(): Record<string, string> {
  const all = new Map<string, Set<string>>()
  for (const action of ACTIONS) for (const [option, what] of Object.entries(action.meaning)) all.set(option, (all.get(option) ?? new Set()).add(what))
  return Object.fromEntries([...all].map(([option, whats]) => [option, [...whats].join('; ')]))
}

export const evidence: Verb = {
  name: 'evidence',
  summary: 'Verifies an evidence pack from the pack and public keys alone; keeps, holds, reads and purges packs.',
  usage: ACTIONS.map(({ name, usage }) => `${name} ${usage}`).join('\n  | '),
  examples: ACTIONS.flatMap(({ examples }) => examples),
  options: Object.assign({}, ...ACTIONS.map(({ options }) => options)),
  meaning: meanings(),
  words: { least: 1, most: 1 + Math.max(...ACTIONS.map(({ words }) => words.most)) },
  async run(call) {
    const word = call.words[0] ?? ''
    const action = ACTIONS.find((each) => each.name === word)
    if (action === undefined)
      throw unknownWord(
        'action of evidence',
        word,
        ACTIONS.map(({ name }) => name),
        'Use `evidence verify <evidence.zip> --key=FILE`.',
        (meant) => `\`evidence ${meant}\``,
      )
    check(action, call)
    return action.run(call)
  },
}
