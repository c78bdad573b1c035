/**
 * Every command of a pack, asked again: what the policy saw stands in the ledger but for `people`, which is the config's; both together must have the digest
 * that was logged. Only the policy of this very program is asked, because a policy is code, and that of a pack is somebody else's.
 */
import { z } from 'zod'
import { differences } from '../../evidence/core/difference.ts'
import { digestOf } from '../../evidence/core/digest.ts'
import type { LedgerEntry } from '../../evidence/ledger/chain.ts'
import type { Config } from '../../evidence/model/config.ts'
import { Sha256 } from '../../evidence/model/primitives.ts'
import type { Replayed } from '../../evidence/pack/replayed.ts'
import { commandPolicy, decide } from '../../gates/policy/decide.ts'
import { CommandInput } from '../../gates/policy/input.ts'
import { peopleOf } from './project.ts'

const Logged = z.looseObject({
  comment: z.string().max(200),
  bundles: z.looseObject({ commands: z.looseObject({ digest: Sha256, revision: z.string().max(100) }) }),
  input: z.record(z.string(), z.unknown()),
  input_digest: Sha256,
  result: z.record(z.string(), z.unknown()),
})
type Logged = z.infer<typeof Logged>

/** One row for each logged decision, oldest first. @param config of the pack; null: it cannot be read */
export async function replayCommands(ledger: readonly LedgerEntry[], config: Config | null): Promise<readonly Replayed[]> {
  const rows: Replayed[] = []
  for (const { type, data } of ledger) {
    if (type !== 'policy.decision') continue
    const logged = Logged.safeParse(data)
    rows.push(logged.success ? await asked(logged.data, config) : unreadable)
  }
  return rows
}

const unreadable: Replayed = {
  subject: 'a command',
  packed: null,
  recomputed: null,
  result: 'indeterminate',
  differences: [],
  why: 'its decision is logged in no known form',
}

async function asked(logged: Logged, config: Config | null): Promise<Replayed> {
  const { comment, bundles, input, input_digest: digest, result } = logged
  const input_ = config === null ? null : CommandInput.safeParse({ ...input, people: peopleOf(config.people) })
  const row = { subject: `${nameIn(input)} in ${comment}`, packed: words(result), recomputed: null, differences: [] }
  const not = (why: string): Replayed => ({ ...row, result: 'not-computed', why })
  if (bundles.commands.digest !== commandPolicy().digest)
    return not(`it was decided by policy ${bundles.commands.revision}; here is ${commandPolicy().revision}`)
  if (input_?.success !== true || digestOf(input_.data) !== digest) return not('it was decided with another config than that of the pack')
  const now = await decide(input_.data)
  const found = differences(result, now, 'policy.result')
  return { ...row, recomputed: words(now), result: found.length === 0 ? 'same' : 'differs', differences: found, why: '' }
}

function nameIn({ command, actor }: Logged['input']): string {
  const name = z.looseObject({ name: z.string().max(40) }).safeParse(command)
  const who = z.looseObject({ login: z.string().max(100) }).safeParse(actor)
  return `/${name.success ? name.data.name : '?'} of ${who.success ? who.data.login : '?'}`
}

function words({ allow, codes }: Readonly<Record<string, unknown>>): string {
  return allow === true ? 'allowed' : `refused: ${Array.isArray(codes) ? codes.join(', ') : ''}`.slice(0, 200)
}
