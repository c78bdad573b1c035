/** Lists to their end, or not at all: a list that is cut short, repeats itself or never ends is refused (SECURITY row 34). */
import { z } from 'zod'
import { GitHubError } from './error.ts'
import { sameHost } from './octokit.ts'
import type { Call, Client } from './octokit.ts'
import type { Scope } from './tokens.ts'
import { parsed } from './answers.ts'

const MAX_PAGES = 200
/** Items of a page: fewer when a page of more is larger than an answer may be. A hundred of the longest comments are, and anybody may write those. */
const PAGE_SIZES = [100, 20, 4] as const

export interface ListCall<Item> {
  readonly path: string
  readonly permissions: Call['permissions']
  readonly query?: Readonly<Record<string, string | number>>
  readonly item: z.ZodType<Item>
  /** For lists that come as `{total_count, <name>: []}`. */
  readonly inside?: string
  /** Name of the count beside it; default `total_count`. */
  readonly total?: string
  /** GitHub ends this list after so many items, whatever it counts. */
  readonly capped?: number
  /** Stop early when the page holds what was looked for. */
  readonly until?: (items: readonly Item[]) => boolean
}

/**
 * All items, in GitHub's order.
 * @throws GitHubError `malformed` when a next page repeats or leaves the host, or fewer items came than GitHub counted; `too-large` past 200 pages
 */
export async function listAll<Item>(client: Pick<Client, 'call' | 'baseUrl'>, scope: Scope, list: ListCall<Item>): Promise<readonly Item[]> {
  for (const size of PAGE_SIZES) {
    const items = await listBy(client, scope, list, size)
    if (items !== null) return items
  }
  throw new GitHubError('too-large', `A page of ${PAGE_SIZES.at(-1)} of ${list.path} is larger than an answer may be.`)
}

/** null: a page of so many items is too large. */
async function listBy<Item>(
  client: Pick<Client, 'call' | 'baseUrl'>,
  scope: Scope,
  list: ListCall<Item>,
  size: number,
): Promise<readonly Item[] | null> {
  const items: Item[] = []
  const seen = new Set<string>()
  const schema = pageOf(list)
  let call: Call = { method: 'GET', path: list.path, permissions: list.permissions, query: { per_page: size, ...list.query } }
  for (;;) {
    if (seen.size >= MAX_PAGES) throw new GitHubError('too-large', `${list.path} has more than ${MAX_PAGES} pages.`)
    const answer = await client.call(scope, call).catch(fits)
    if (answer === null) return null
    const page = parsed(schema, answer.data, list.path)
    items.push(...page.items)
    if (list.until?.(page.items) === true) return items
    const next = nextOf(answer.headers['link'])
    if (next === null) {
      if (page.total !== null && items.length < Math.min(page.total, list.capped ?? Number.POSITIVE_INFINITY))
        throw new GitHubError('malformed', `${list.path} ended after ${items.length} of ${page.total} items; a part of a list is not used.`)
      return items
    }
    if (!sameHost(next, client.baseUrl)) throw new GitHubError('malformed', `The next page of ${list.path} is on another host.`)
    if (seen.has(next)) throw new GitHubError('malformed', `The next page of ${list.path} repeats an earlier one; a part of a list is not used.`)
    seen.add(next)
    call = { method: 'GET', path: next, permissions: list.permissions }
  }
}

function fits(error: unknown): null {
  if (error instanceof GitHubError && error.code === 'too-large') return null
  throw error
}

function pageOf<Item>(list: ListCall<Item>): z.ZodType<{ items: readonly Item[]; total: number | null }> {
  const { inside, total = 'total_count' } = list
  if (inside === undefined) return z.array(list.item).transform((items) => ({ items, total: null }))
  return z
    .record(z.string(), z.unknown())
    .transform((page) => ({ items: page[inside], total: page[total] }))
    .pipe(z.object({ items: z.array(list.item), total: z.number().int().nonnegative() }))
}

/** The address in `link: <…>; rel="next"`, or null. */
export function nextOf(link: string | number | undefined): string | null {
  return /<([^<>]{1,2000})>;\s*rel="next"/.exec(String(link ?? ''))?.[1] ?? null
}
