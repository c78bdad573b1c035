/** Issues, comments, labels, reactions; on pull requests too. */
import { created, ok, page, route, type Answer, type Call, type Route } from '../http/call.ts'
import { emitPull } from '../hook/moved.ts'
import { issue as issueShape, label as labelShape, labelNamed } from '../shape/issue.ts'
import { invalid, Refusal } from '../world/error.ts'
import type { Issue, Json } from '../world/model.ts'
import { stamp, viaApp } from '../world/world.ts'
import { mayChange, setState } from './pulls.ts'
import { room, sized } from './comments.ts'
import { issueOf, maybeText, sender, text } from './read.ts'

/** The schema allows a number. */
const titled = (value: unknown): string => (typeof value === 'number' ? String(value) : text(value))

const emitIssue = (call: Call, entry: Issue, action: string, more: Json = {}): void => {
  call.bus.emit({
    event: 'issues',
    action,
    repository: call.repository,
    sender: sender(call),
    payload: { issue: issueShape(call.world, call.repository, entry), ...more },
  })
}

const createIssue = (call: Call): Answer => {
  const { world, repository: one } = call
  const { title, body, labels } = call.body
  const strange = ['assignee', 'assignees', 'milestone', 'type'].filter((key) => call.body[key] !== undefined && call.body[key] !== null)
  if (strange.length > 0) throw new Refusal(501, `the double of GitHub does not know ${strange.join(', ')} of an issue`)
  const at = stamp(world)
  const account = sender(call)
  const names = ((labels ?? []) as (string | { name?: string })[]).map((each) => (typeof each === 'string' ? each : (each.name ?? '')))
  const number = one.nextNumber++
  const entry: Issue = {
    id: world.nextId(),
    number,
    title: titled(title),
    body: maybeText(body) === undefined ? null : sized(body),
    state: 'open',
    stateReason: null,
    author: account,
    viaApp: viaApp(call.actor),
    labels: names.map((name) => labelNamed(world, one, name).name),
    createdAt: at,
    updatedAt: at,
    closedAt: null,
    closedBy: null,
    pull: null,
  }
  one.issues.set(number, entry)
  emitIssue(call, entry, 'opened')
  return created(issueShape(world, one, entry))
}

const setLabels = async (call: Call, entry: Issue, names: readonly string[]): Promise<void> => {
  const { world, bus, repository: one } = call
  const wanted = names.map((name) => labelNamed(world, one, name).name)
  const emit = async (action: string, name: string): Promise<void> => {
    const label = labelShape(world, one, labelNamed(world, one, name))
    if (entry.pull) await emitPull(world, bus, one, entry, action, sender(call), { label })
    else emitIssue(call, entry, action, { label })
  }
  for (const name of entry.labels.filter((each) => !wanted.includes(each))) {
    entry.labels = entry.labels.filter((each) => each !== name)
    await emit('unlabeled', name)
  }
  for (const name of wanted.filter((each) => !entry.labels.includes(each))) {
    entry.labels.push(name)
    await emit('labeled', name)
  }
  entry.updatedAt = stamp(world)
}

const updateIssue = async (call: Call): Promise<Answer> => {
  const entry = issueOf(call)
  room(call, entry, 'write')
  mayChange(call, entry.author.id)
  const { title, body, state, labels } = call.body
  const strange = ['assignee', 'assignees', 'milestone', 'type'].filter((key) => call.body[key] !== undefined && call.body[key] !== null)
  if (strange.length > 0) throw new Refusal(501, `the double of GitHub does not know ${strange.join(', ')} of an issue`)
  const changes: Json = {}
  if (title !== undefined && title !== null && titled(title) !== entry.title) {
    changes['title'] = { from: entry.title }
    entry.title = titled(title)
  }
  if (typeof body === 'string' && body !== (entry.body ?? '')) {
    changes['body'] = { from: entry.body ?? '' }
    entry.body = sized(body)
  }
  entry.updatedAt = stamp(call.world)
  if (Object.keys(changes).length > 0) {
    if (entry.pull) await emitPull(call.world, call.bus, call.repository, entry, 'edited', sender(call), { changes })
    else emitIssue(call, entry, 'edited', { changes })
  }
  if (Array.isArray(labels))
    await setLabels(
      call,
      entry,
      (labels as (string | { name?: string })[]).map((each) => (typeof each === 'string' ? each : (each.name ?? ''))),
    )
  if (state !== undefined && state !== entry.state) {
    entry.stateReason = entry.pull
      ? null
      : ((call.body['state_reason'] as string | null | undefined) ?? (state === 'closed' ? 'completed' : 'reopened'))
    await setState(call, entry, state)
    if (!entry.pull) emitIssue(call, entry, state === 'closed' ? 'closed' : 'reopened')
  }
  return ok(issueShape(call.world, call.repository, entry))
}

const listIssues = (call: Call): Answer => {
  const { state = 'open', labels, direction = 'desc', creator } = call.query
  const strange = ['milestone', 'assignee', 'mentioned', 'since', 'type', 'sort'].filter(
    (name) => call.query[name] !== undefined && call.query[name] !== 'created',
  )
  if (strange.length > 0) throw new Refusal(501, `the double of GitHub does not filter issues by ${strange.join(', ')}`)
  const names = typeof labels === 'string' ? labels.split(',') : []
  const all = [...call.repository.issues.values()].filter(
    (entry) =>
      (state === 'all' || entry.state === state) &&
      names.every((name) => entry.labels.includes(name)) &&
      (creator === undefined || entry.author.login === creator),
  )
  const { items, headers } = page(call, direction === 'asc' ? all : all.toReversed())
  return ok(
    items.map((entry) => issueShape(call.world, call.repository, entry)),
    headers,
  )
}

const addLabels = async (call: Call): Promise<Answer> => {
  const entry = issueOf(call)
  room(call, entry, 'write')
  const given = Array.isArray(call.body) ? (call.body as unknown[]) : ((call.body['labels'] ?? []) as unknown[])
  const names = given.map((each) => (typeof each === 'string' ? each : text((each as Json)['name'])))
  await setLabels(call, entry, [...entry.labels, ...names])
  return ok(entry.labels.map((name) => labelShape(call.world, call.repository, labelNamed(call.world, call.repository, name))))
}

const removeLabel = async (call: Call): Promise<Answer> => {
  const entry = issueOf(call)
  room(call, entry, 'write')
  const name = call.params['name'] ?? ''
  if (!entry.labels.includes(name)) throw new Refusal(404, 'Label does not exist')
  await setLabels(
    call,
    entry,
    entry.labels.filter((each) => each !== name),
  )
  return ok(entry.labels.map((each) => labelShape(call.world, call.repository, labelNamed(call.world, call.repository, each))))
}

export const issueRoutes: readonly Route[] = [
  route('POST', '/repos/{owner}/{repo}/issues', createIssue),
  route('GET', '/repos/{owner}/{repo}/issues', listIssues),
  route('GET', '/repos/{owner}/{repo}/issues/{issue_number}', (call) => {
    const entry = issueOf(call)
    room(call, entry, 'read')
    return ok(issueShape(call.world, call.repository, entry))
  }),
  route('PATCH', '/repos/{owner}/{repo}/issues/{issue_number}', updateIssue),
  route('GET', '/repos/{owner}/{repo}/issues/{issue_number}/labels', (call) => {
    const { items, headers } = page(call, issueOf(call).labels)
    return ok(
      items.map((name) => labelShape(call.world, call.repository, labelNamed(call.world, call.repository, name))),
      headers,
    )
  }),
  route('POST', '/repos/{owner}/{repo}/issues/{issue_number}/labels', addLabels),
  route('DELETE', '/repos/{owner}/{repo}/issues/{issue_number}/labels/{name}', removeLabel),
  route('POST', '/repos/{owner}/{repo}/labels', (call) => {
    const name = text(call.body['name'])
    if ([...call.repository.labels.keys()].some((each) => each.toLowerCase() === name.toLowerCase()))
      throw invalid('Validation Failed', [{ resource: 'Label', code: 'already_exists', field: 'name' }])
    const fresh = {
      id: call.world.nextId(),
      name,
      color: maybeText(call.body['color']) ?? 'ededed',
      description: maybeText(call.body['description']) ?? null,
    }
    call.repository.labels.set(name, fresh)
    return created(labelShape(call.world, call.repository, fresh))
  }),
]
