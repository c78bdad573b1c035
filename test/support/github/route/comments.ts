/** Comments on issues and pull requests, and the reactions to them. */
import { created, empty, ok, page, route, type Answer, type Call, type Route } from '../http/call.ts'
import { comment as commentShape, issue as issueShape, reaction as reactionShape } from '../shape/issue.ts'
import { invalid, notFound, Refusal } from '../world/error.ts'
import type { Comment, Issue, Json } from '../world/model.ts'
import { atLeast, roleIn, stamp, viaApp } from '../world/world.ts'
import { issueOf, numberParam, sender, text } from './read.ts'

const MAX_BODY = 65_536

export const sized = (body: unknown): string => {
  const value = text(body)
  if (value.length > MAX_BODY)
    throw invalid('Validation Failed', [
      { resource: 'IssueComment', code: 'custom', field: 'body', message: 'body is too long (maximum is 65536 characters)' },
    ])
  return value
}

/** Pull requests need their own permission, issues theirs; either opens the door, this one closes the wrong room. */
export const room = (call: Call, entry: Issue, level: 'read' | 'write'): void => {
  const { actor } = call
  if (actor.kind !== 'installation' && actor.kind !== 'job') return
  const held = [actor.permissions['issues'], entry.pull ? actor.permissions['pull_requests'] : undefined]
  if (!held.some((one) => one === 'write' || one === level)) throw new Refusal(403, 'Resource not accessible by integration')
}

const emitComment = (call: Call, entry: Comment, action: string, more: Json = {}): void => {
  const one = call.repository
  const parent = one.issues.get(entry.issue)
  if (!parent) return
  call.bus.emit({
    event: 'issue_comment',
    action,
    repository: one,
    sender: sender(call),
    payload: { issue: issueShape(call.world, one, parent), comment: commentShape(call.world, one, entry), ...more },
  })
}

const createComment = (call: Call): Answer => {
  const { world, repository: one } = call
  const entry = issueOf(call)
  room(call, entry, 'write')
  const body = sized(call.body['body'])
  if (body.trim() === '') throw invalid('Validation Failed', [{ resource: 'IssueComment', code: 'missing_field', field: 'body' }])
  const at = stamp(world)
  const fresh: Comment = {
    id: world.nextId(),
    issue: entry.number,
    body,
    author: sender(call),
    viaApp: viaApp(call.actor),
    createdAt: at,
    updatedAt: at,
    reactions: [],
  }
  one.comments.set(fresh.id, fresh)
  entry.updatedAt = at
  emitComment(call, fresh, 'created')
  return created(commentShape(world, one, fresh))
}

const commentOf = (call: Call): Comment => {
  const found = call.repository.comments.get(numberParam(call, 'comment_id'))
  if (!found) throw notFound()
  return found
}

/** The author, or anyone with write: also other people's comments. */
const mayEdit = (call: Call, entry: Comment): void => {
  const parent = call.repository.issues.get(entry.issue)
  if (parent) room(call, parent, 'write')
  const account = sender(call)
  if (call.actor.kind === 'user' && account.id !== entry.author.id && !atLeast(roleIn(call.repository, account), 'write'))
    throw new Refusal(403, 'Must have push access to repository.')
}

const updateComment = (call: Call): Answer => {
  const entry = commentOf(call)
  mayEdit(call, entry)
  const from = entry.body
  entry.body = sized(call.body['body'])
  const at = stamp(call.world)
  // GitHub's stamps are whole seconds; an edit in the same second would look unedited, so the clock is pushed on by one.
  entry.updatedAt = at > entry.createdAt ? at : new Date(Date.parse(entry.createdAt) + 1000).toISOString().replace(/\.\d{3}Z$/, 'Z')
  if (from !== entry.body) emitComment(call, entry, 'edited', { changes: { body: { from } } })
  return ok(commentShape(call.world, call.repository, entry))
}

const react = (call: Call): Answer => {
  const entry = commentOf(call)
  const account = sender(call)
  const content = text(call.body['content'])
  const found = entry.reactions.find((each) => each.user.id === account.id && each.content === content)
  if (found) return ok(reactionShape(call.world, found))
  const fresh = { id: call.world.nextId(), user: account, content, createdAt: stamp(call.world) }
  entry.reactions.push(fresh)
  return created(reactionShape(call.world, fresh))
}

export const commentRoutes: readonly Route[] = [
  route('GET', '/repos/{owner}/{repo}/issues/{issue_number}/comments', (call) => {
    const entry = issueOf(call)
    room(call, entry, 'read')
    const since = Date.parse(text(call.query['since']) || '1970-01-01T00:00:00Z')
    const all = [...call.repository.comments.values()].filter((each) => each.issue === entry.number && Date.parse(each.updatedAt) >= since)
    const { items, headers } = page(call, all)
    return ok(
      items.map((each) => commentShape(call.world, call.repository, each)),
      headers,
    )
  }),
  route('GET', '/repos/{owner}/{repo}/issues/comments', (call) => {
    const { sort = 'created', direction = 'asc' } = call.query
    const since = Date.parse(text(call.query['since']) || '1970-01-01T00:00:00Z')
    const all = [...call.repository.comments.values()].filter((each) => Date.parse(each.updatedAt) >= since)
    all.sort((a, b) => (sort === 'updated' ? a.updatedAt.localeCompare(b.updatedAt) : 0) || a.id - b.id)
    const { items, headers } = page(call, direction === 'desc' ? all.toReversed() : all)
    return ok(
      items.map((each) => commentShape(call.world, call.repository, each)),
      headers,
    )
  }),
  route('POST', '/repos/{owner}/{repo}/issues/{issue_number}/comments', createComment),
  route('GET', '/repos/{owner}/{repo}/issues/comments/{comment_id}', (call) => ok(commentShape(call.world, call.repository, commentOf(call)))),
  route('PATCH', '/repos/{owner}/{repo}/issues/comments/{comment_id}', updateComment),
  route('DELETE', '/repos/{owner}/{repo}/issues/comments/{comment_id}', (call) => {
    const entry = commentOf(call)
    mayEdit(call, entry)
    emitComment(call, entry, 'deleted')
    call.repository.comments.delete(entry.id)
    return empty()
  }),
  route('POST', '/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions', react),
  route('GET', '/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions', (call) => {
    const { content } = call.query
    const { items, headers } = page(
      call,
      commentOf(call).reactions.filter((each) => content === undefined || each.content === content),
    )
    return ok(
      items.map((each) => reactionShape(call.world, each)),
      headers,
    )
  }),
  route('DELETE', '/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions/{reaction_id}', (call) => {
    const entry = commentOf(call)
    const at = entry.reactions.findIndex((each) => each.id === numberParam(call, 'reaction_id') && each.user.id === sender(call).id)
    if (at < 0) throw notFound()
    entry.reactions.splice(at, 1)
    return empty()
  }),
]
