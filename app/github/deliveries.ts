/**
 * GitHub's log of what it tried to deliver to this App (https://docs.github.com/rest/apps/webhooks): kept for three days, seven on Enterprise Server.
 * The list is filtered here and not by `status=failure`, which finds only answers of 400 to 599: not those that nobody answered (trap T37).
 */
import { z } from 'zod'
import { GitHubError } from './error.ts'
import type { Answer, Call, Client } from './octokit.ts'
import { listAll } from './paginate.ts'

/** One attempt. */
export interface Attempt {
  /** Digits; may be larger than a JavaScript number holds. */
  readonly id: string
  /** The same for each attempt at one delivery. */
  readonly guid: string
  readonly event: string
  /** Epoch milliseconds. */
  readonly at: number
  /** It was answered with 2xx, in time. */
  readonly ok: boolean
  readonly redelivery: boolean
}

export interface DeliveryLog {
  /** Attempts since a moment, the newest first, and no more than `pages` of a hundred. @throws GitHubError */
  since(at: number, pages: number): Promise<readonly Attempt[]>
  /** Asks for one more attempt: the same GUID, the same bytes. @throws GitHubError */
  again(id: string): Promise<void>
}

const Item = z
  .object({
    id: z.string().regex(/^[0-9]{1,20}$/),
    guid: z.string().min(1).max(100),
    event: z.string().min(1).max(100),
    delivered_at: z.iso.datetime({ offset: true }),
    status: z.string().max(1000),
    redelivery: z.boolean(),
  })
  .transform(({ id, guid, event, delivered_at: delivered, status, redelivery }): Attempt => ({
    id,
    guid,
    event,
    at: Date.parse(delivered),
    ok: status === 'OK',
    redelivery,
  }))

const PATH = '/app/hook/deliveries'

export function deliveryLog(client: Pick<Client, 'asApp' | 'baseUrl'>): DeliveryLog {
  const asApp = {
    baseUrl: client.baseUrl,
    async call(_scope: unknown, { path, query }: Pick<Call, 'path' | 'query'>): Promise<Answer> {
      const answer = await client.asApp({ path, ...(query !== undefined && { query }), asText: true })
      return { ...answer, data: exact(String(answer.data)) }
    },
  }
  return {
    async since(at, pages) {
      let read = 0
      const items = await listAll(
        asApp,
        { installationId: 0, id: null },
        {
          path: PATH,
          permissions: {},
          item: Item,
          until: (page) => (read += 1) >= pages || page.some((one) => one.at < at),
        },
      )
      return items.filter((one) => one.at >= at)
    },
    async again(id) {
      await client.asApp({ method: 'POST', path: `${PATH}/${id}/attempts` })
    },
  }
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown

const digits: Reviver = (key, value, { source }) => (key === 'id' && typeof value === 'number' ? source : value)

/** Ids as their digits (ECMAScript 2026, JSON.parse source text access). */
function exact(text: string): unknown {
  try {
    return JSON.parse(text, digits as Parameters<typeof JSON.parse>[1])
  } catch (error) {
    throw new GitHubError('malformed', 'GitHub answered the request for its deliveries with something that is no JSON.', { cause: error })
  }
}
