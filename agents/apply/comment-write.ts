/** The one comment of its kind on a pull request. Only comments of our own are touched: anybody can write a mark. */
import { z } from 'zod'
import { actionsOf, type Change, type Context, type Handler } from './change.ts'
import { ApplyError } from './error.ts'
import { Anything, listed } from './hub.ts'

const Comment = z.looseObject({ id: z.number().int(), body: z.string().nullish(), user: z.looseObject({ login: z.string() }).nullable() })
const Written = z.looseObject({ html_url: z.string().max(2000) })
const MARK = /^<!-- [\w: .-]{1,100} -->$/

function wanted(change: Change): { readonly pull: string; readonly text: string; readonly mark: string } {
  const [action] = actionsOf(change, 'comment.write')
  const { path = '', text = '' } = action ?? {}
  const [mark = ''] = text.split('\n')
  if (!MARK.test(mark)) throw new ApplyError('unreadable', `The comment of ${change.key} begins with no mark of its kind`, 'Report the defect.')
  return { pull: path.split('/')[1] ?? '', text, mark }
}

/** Ours, oldest first. */
async function ours({ hub }: Context, { pull, mark }: { readonly pull: string; readonly mark: string }) {
  const all = await listed(hub, `/issues/${pull}/comments`, Comment)
  return all.filter(({ body, user }) => user?.login === hub.login && body?.startsWith(mark) === true)
}

export const commentWrite: Handler = {
  async look(context, change) {
    const of = wanted(change)
    const [first, ...more] = await ours(context, of)
    return { same: first?.body === of.text && more.length === 0, before: { body: first?.body ?? null } }
  },
  async perform(context, change) {
    const of = wanted(change)
    const [first, ...more] = await ours(context, of)
    const { html_url: url } =
      first === undefined
        ? await context.hub.write('POST', `/issues/${of.pull}/comments`, Written, { body: of.text })
        : await context.hub.write('PATCH', `/issues/comments/${first.id}`, Written, { body: of.text })
    for (const { id } of more) await context.hub.write('DELETE', `/issues/comments/${id}`, Anything)
    return url
  },
  async undo(context, change, { body }) {
    const [first] = await ours(context, wanted(change))
    if (first === undefined) return 'The comment is gone already.'
    if (typeof body === 'string') await context.hub.write('PATCH', `/issues/comments/${first.id}`, Written, { body })
    else await context.hub.write('DELETE', `/issues/comments/${first.id}`, Anything)
    return typeof body === 'string' ? 'The comment says again what it said before.' : 'The comment is gone again.'
  },
}
