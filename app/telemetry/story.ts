/** What a release was, told as spans when it has ended: itself, and the states it went through, with the times of its ledger. Pure. */
import type { Attributes } from '../../agents/observe.ts'
import type { ToldSpan } from '../../agents/spans.ts'
import type { LedgerEntry } from '../../evidence/ledger/chain.ts'
import type { ReleaseRecord, ReleaseState } from '../release/ports.ts'

/** Where the story ends; it may go on from `ga` and from `abandoned`, and is told on then. */
export const ENDS: ReadonlySet<ReleaseState> = new Set<ReleaseState>(['ga', 'rolled_back', 'closed', 'abandoned'])
const ERRORS: ReadonlySet<string> = new Set<ReleaseState>(['rolled_back', 'rolling_back', 'held'])

export interface Teller {
  readonly env: string | null
  readonly tenant: string | null
}

/**
 * @param ledger of the release, whole, whose last change of state is into one of {@link ENDS}
 * @returns what was not told at an earlier end
 */
export function storyOf(record: ReleaseRecord, ledger: readonly LedgerEntry[], { env, tenant }: Teller): readonly ToldSpan[] {
  const changes = ledger.filter(({ type }) => type === 'state')
  const [first, last] = [ledger[0], changes.at(-1)]
  if (first === undefined || last === undefined) return []
  const common = attributesOf({
    release: record.version,
    env,
    tenant,
    sha: record.head,
    repository: `${record.repository.owner}/${record.repository.name}`,
  })
  const toldUntil = changes.slice(0, -1).findLastIndex(({ data }) => ENDS.has(data['to'] as ReleaseState))
  const states = changes.slice(toldUntil + 1).map((change): ToldSpan => {
    const before = changes[changes.indexOf(change) - 1] ?? first
    const from = wordOf(change, 'from')
    return {
      name: `state ${from}`,
      start: timeOf(before),
      end: timeOf(change),
      attributes: { ...common, to: wordOf(change, 'to'), why: wordOf(change, 'why') },
      events: ledger.slice(before.index, change.index).filter(isTold).map(eventOf),
      ...(ERRORS.has(from) && { error: wordOf(before, 'why') }),
    }
  })
  if (toldUntil >= 0) return states
  const outcome = wordOf(last, 'to')
  return [
    {
      name: `release ${record.version}`,
      start: timeOf(first),
      end: timeOf(last),
      attributes: { ...common, outcome },
      ...(outcome === 'rolled_back' && { error: wordOf(last, 'why') }),
      root: true,
    },
    ...states,
  ]
}

function wordOf({ data }: LedgerEntry, name: string): string {
  const word = data[name]
  return typeof word === 'string' ? word : ''
}

function timeOf({ at }: LedgerEntry): number {
  return Date.parse(at)
}

/** The changes of state are the spans themselves, and each look at effects would drown what was decided. */
function isTold({ type }: LedgerEntry): boolean {
  return type !== 'state' && !type.startsWith('effect.')
}

function eventOf(entry: LedgerEntry): NonNullable<ToldSpan['events']>[number] {
  return { name: entry.type, at: timeOf(entry), attributes: attributesOf(entry.data) }
}

/** Only what is plain; the ledger holds the rest. */
export function attributesOf(data: Readonly<Record<string, unknown>>): Attributes {
  return Object.fromEntries(
    Object.entries(data).filter((pair): pair is [string, string | number | boolean] => ['string', 'number', 'boolean'].includes(typeof pair[1])),
  )
}
