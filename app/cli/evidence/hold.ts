/** `evidence hold` and `evidence release-hold`: a pack that is needed for a case stays, whatever its time says. */
import { CliError } from '../error.ts'
import { EXIT } from '../verb.ts'
import type { Call } from '../verb.ts'
import type { Action } from './action.ts'
import { ACTOR_MEANING, ACTOR_OPTIONS, actorOf, answering, ARCHIVE_MEANING, ARCHIVE_OPTIONS, archiveOf, digestMeant, reasonOf } from './archive.ts'

const PENDING = 'Not enforced by every store yet, though the retention log does'

function pendingText(pending: readonly { readonly store: string; readonly message: string }[]): string {
  return pending.length === 0 ? '' : `\n${PENDING}: ${pending.map((one) => `${one.store} (${one.message})`).join('; ')}. Run the same again later.`
}

export const hold: Action = {
  name: 'hold',
  usage: '<pack> --operator=FILE --reason=TEXT [--by=NAME]',
  examples: [
    [
      'release-conductor evidence hold evidence.zip --operator=operator.yml --reason=lawsuit-2027-114 --by=alice@example.com',
      'until it is released nothing purges it; a pack is a file, a digest, or the beginning of one',
    ],
  ],
  options: { ...ARCHIVE_OPTIONS, ...ACTOR_OPTIONS },
  meaning: { ...ARCHIVE_MEANING, ...ACTOR_MEANING },
  words: { least: 1, most: 1 },
  run: (call) =>
    answering(async () => {
      const { archive, keeping } = await archiveOf(call)
      const reason = reasonOf(call)
      const by = await actorOf(call)
      const digest = await digestMeant(call, archive, call.words[1] ?? '')
      const { id, pending } = await keeping.hold(archive, digest, reason, by)
      return {
        exit: pending.length === 0 ? EXIT.ok : EXIT.unavailable,
        text: `Hold ${id} lies on ${digest}.${pendingText(pending)}`,
        data: { ok: true, pack: digest, hold: id, pending },
      }
    }),
}

function holdNumber(call: Call): number | undefined {
  const given = call.text('hold')
  if (given === undefined) return undefined
  if (!/^\d{1,9}$/.test(given))
    throw new CliError('usage', `--hold=${given.slice(0, 20)} is no number.`, 'Run `release-conductor evidence list` for it.')
  return Number(given)
}

export const releaseHold: Action = {
  name: 'release-hold',
  usage: '<pack> --operator=FILE --reason=TEXT [--hold=N] [--by=NAME]',
  examples: [
    [
      'release-conductor evidence release-hold 0123456789abcdef --operator=operator.yml --reason=lawsuit-is-settled --by=alice@example.com',
      'lifts the only hold, or the one named with --hold',
    ],
  ],
  options: { ...ARCHIVE_OPTIONS, ...ACTOR_OPTIONS, hold: { type: 'string' } },
  meaning: { ...ARCHIVE_MEANING, ...ACTOR_MEANING, hold: 'number of the hold, when several lie on the pack' },
  words: { least: 1, most: 1 },
  run: (call) =>
    answering(async () => {
      const { archive, keeping } = await archiveOf(call)
      const reason = reasonOf(call)
      const by = await actorOf(call)
      const digest = await digestMeant(call, archive, call.words[1] ?? '')
      const { id, left, pending } = await keeping.lift(archive, digest, holdNumber(call), reason, by)
      return {
        exit: pending.length === 0 ? EXIT.ok : EXIT.unavailable,
        text: `Hold ${id} is lifted; ${left} lie on ${digest}.${pendingText(pending)}`,
        data: { ok: true, pack: digest, lifted: id, left, pending },
      }
    }),
}
