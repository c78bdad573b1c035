/** Reads the commands of the release pull request, and for each new one asks GitHub what its author may do. A question GitHub does not answer denies. */
import type { Config } from '../../evidence/model/config.ts'
import { authorise, teamsFor, type Authorisation } from '../commands/authorise.ts'
import type { Command } from '../commands/command.ts'
import { parse } from '../commands/parse.ts'
import type { OrderFacts } from './facts.ts'
import type { CommentFacts, Contributors, OutboxRow, Ports, PullFacts, ReleaseRecord } from './ports.ts'
import { dataOf } from './state.ts'

/** Comments read a look; older ones were answered by then. */
const MAX_NEW = 50

export async function readOrders(
  ports: Ports,
  record: ReleaseRecord,
  pull: PullFacts,
  config: Config,
  outbox: readonly OutboxRow[],
): Promise<OrderFacts[]> {
  const answered = new Set(dataOf(record).answers.map((answer) => answer.nodeId))
  // The record keeps the last answers only; the outbox keeps the reaction to each for good.
  const reacted = new Set(outbox.flatMap((row) => (row.effect.kind === 'reaction.add' ? [row.effect.comment] : [])))
  const comments = await ports.read.comments(record.repository, pull.number)
  const fresh = comments.filter((comment) => !answered.has(comment.nodeId) && !reacted.has(comment.id))
  const orders: OrderFacts[] = []
  for (const comment of fresh) {
    const parsed = parse(comment.body)
    if (parsed === null || orders.length >= MAX_NEW) continue
    if (comment.viaApp && comment.author.type === 'Bot') continue
    if (parsed.kind !== 'command') orders.push({ comment, parsed, role: 'none', authorisation: null })
    else orders.push({ comment, parsed, ...(await ask(ports, record, pull, config, comment, parsed.command)) })
  }
  return orders
}

async function ask(
  ports: Ports,
  record: ReleaseRecord,
  pull: PullFacts,
  config: Config,
  comment: CommentFacts,
  command: Command,
): Promise<{ role: string; authorisation: Authorisation }> {
  const { repository } = record
  const { people } = config
  const { login, id, type } = comment.author
  const role = await orNull(ports.read.role(repository, login))
  const teams = new Map<string, boolean | null>()
  for (const team of teamsFor(command.name, people)) {
    const [org, slug] = team.replace(/^@/, '').split('/')
    teams.set(team, org === undefined || slug === undefined ? null : await orNull(ports.read.teamMember(repository, org, slug, login)))
  }
  const contributors: Contributors | null =
    people.approvers.promote.not.length === 0 ? { ids: [], unattributed: 0 } : await orNull(ports.read.contributors(repository, pull.number))
  const plan = command.name === 'promote' ? (command.plan ?? '') : ''
  const step = command.name === 'promote' ? (command.step ?? 100) : null
  const authorisation = authorise(
    command.name,
    { login, id, type, viaApp: comment.viaApp, edited: comment.edited, role: role?.role ?? null, permission: role?.permission ?? null, teams },
    people,
    { pullAuthorId: pull.author.id, contributors, approvedBy: dataOf(record).votes[plan] ?? [], step },
  )
  return { role: role?.role ?? 'unknown', authorisation }
}

async function orNull<Value>(question: Promise<Value>): Promise<Value | null> {
  try {
    return await question
  } catch {
    return null
  }
}
