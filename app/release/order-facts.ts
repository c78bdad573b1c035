/**
 * Reads the commands of the release pull request and of its page, and for each new one asks GitHub what its author may do, and what those may still do who spoke before.
 * A question GitHub does not answer denies.
 */
import { sha256 } from '../../evidence/core/digest.ts'
import type { Config } from '../../evidence/model/config.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import { commandPolicy } from '../../gates/policy/decide.ts'
import { authorise, refused, type Authorisation } from '../commands/authorise.ts'
import { COMMANDS, isSpoken, waiverAsked, type Audience, type Command } from '../commands/command.ts'
import { parse } from '../commands/parse.ts'
import { approversFor, project, teamsFor, type PersonFacts, type VoiceFacts } from '../commands/project.ts'
import type { OrderFacts } from './facts.ts'
import type { HotfixFacts } from './hotfix.ts'
import type { CommentFacts, Contributors, OutboxRow, PageOrder, Ports, PullFacts, ReleaseRecord, Repository, WrittenComment } from './ports.ts'
import { askPreview } from './preview-facts.ts'
import { dataOf } from './state.ts'
import { isOf, isOfPage, nodeIdOfPage, type Voice } from './voice.ts'

/** Comments read a look; older ones were answered by then. */
export const MAX_ORDERS = 50
/** Earlier voices asked about again; the newest count. */
const MAX_VOICES = 20
/** Whoever has a part in the release is not among them. */
const FOUR_EYES: ReadonlySet<Audience> = new Set(['approver', 'waiver', 'breaker'])

export interface Asked {
  readonly record: ReleaseRecord
  readonly pull: PullFacts
  readonly config: Config
  /** The config is not that of the base, which nobody named: nobody lets anything through by it. Absent: it is. */
  readonly unnamed?: true
  readonly outbox: readonly OutboxRow[]
  /** What an approval is of now: {@link basisOf}. */
  readonly head: string
  readonly basis: string
  readonly verdicts: readonly Verdict[]
  /** The step below the highest that this plan id is of, in that environment; null: none. Absent: not known. */
  readonly stopOf?: (environment: string | null, plan: string | null) => number | null
  /** Waivers of the repository in this quarter. */
  readonly granted: number
  readonly hotfix: HotfixFacts
  /** Comments as deliveries told them when they were made; absent: none did. */
  readonly written?: readonly WrittenComment[]
  /** Epoch milliseconds. */
  readonly now: number
}

interface Look extends Asked {
  readonly ports: Ports
  readonly comments: readonly CommentFacts[]
  /** Those of the record, and those of this look, oldest first. */
  readonly voices: Voice[]
}

/** @param listen whether somebody may have commented since the last look; else only what came by the page is answered */
export async function readOrders(ports: Ports, asked: Asked, listen = true): Promise<OrderFacts[]> {
  const { record, pull, outbox, head, basis } = asked
  const data = dataOf(record)
  const answered = new Set(data.answers.map((answer) => answer.nodeId))
  // The record keeps the last answers only; the outbox keeps the reaction to each for good.
  const reacted = new Set(outbox.flatMap((row) => (row.effect.kind === 'reaction.add' ? [row.effect.comment] : [])))
  const given = (await ports.store.pageOrders(record.key)).map((page) => ({ comment: asComment(page), page }))
  if (!listen && given.length === 0) return []
  const comments = (await ports.read.comments(record.repository, pull.number)).map((comment) => seen(comment, asked.written ?? []))
  const fresh = comments.filter((comment) => !answered.has(comment.nodeId) && !reacted.has(comment.id))
  const look: Look = { ...asked, ports, comments, voices: [...data.voices] }
  const orders: OrderFacts[] = []
  const said: readonly Pick<OrderFacts, 'comment' | 'page'>[] = [...fresh.map((comment) => ({ comment })), ...given]
  for (const { comment, ...from } of said) {
    const parsed = parse(comment.body)
    if (parsed === null || orders.length >= MAX_ORDERS) continue
    if (comment.viaApp && comment.author.type === 'Bot') continue
    if (parsed.kind !== 'command') {
      orders.push({ comment, ...from, parsed, role: 'none', authorisation: null, voice: null })
      continue
    }
    const { command } = parsed
    const key = from.page?.key ?? null
    const stepUp = key === null ? null : { key: key.id, ageMs: Math.max(0, asked.now - Date.parse(comment.createdAt)) }
    const { role, authorisation } =
      from.page === undefined && isOfOtherHead(look, comment, command)
        ? { role: 'unknown', authorisation: refused('command.before-head') }
        : await ask(look, comment, command, stepUp)
    const spoken = authorisation.allowed && isSpoken(command) ? command : null
    const plan = spoken?.name === 'promote' ? spoken.plan : null
    const waive = waiverAsked(command, look.hotfix.mustHold)
    const voice =
      spoken === null
        ? null
        : { ...saidBy(comment, role), at: asked.now, head, base: pull.base.ref, basis, plan, waive, reason: spoken.reason, stepUp }
    if (voice !== null) look.voices.push(voice)
    const preview =
      command.name === 'preview' && authorisation.allowed
        ? { preview: await orNull(askPreview(ports, { ...asked, environment: command.environment })) }
        : {}
    orders.push({ comment, ...from, parsed, role, authorisation, voice, ...preview })
  }
  if (orders.some(({ voice }) => voice !== null)) await ports.store.putBlob(commandPolicy().bytes)
  return orders
}

/** The words name no commit, so what was written before this head was seen is of another one. A plan id names it, and the page its own. */
function isOfOtherHead({ record, head, now }: Look, { createdAt }: CommentFacts, { name }: Command): boolean {
  if (name === 'promote' || !FOUR_EYES.has(COMMANDS[name].who)) return false
  const { headSince, isFirstHead } = dataOf(record)
  if (head === record.head && isFirstHead) return false
  return Date.parse(createdAt) < (head === record.head ? headSince : now)
}

/** Times of comments are whole seconds, and whoever may write may edit those of others: what it was when it was made tells an edit within the second. */
function seen(comment: CommentFacts, written: readonly WrittenComment[]): CommentFacts {
  const other = written.some((first) => first.comment === comment.id && first.digest !== sha256(comment.body))
  return other ? { ...comment, edited: true } : comment
}

/** What is said on the page stands as it was said: nobody edits it. */
function asComment({ id, text, author, at }: PageOrder): CommentFacts {
  return {
    id: 0,
    nodeId: nodeIdOfPage(id),
    body: text,
    author: { ...author, type: 'User' },
    viaApp: false,
    edited: false,
    createdAt: timestamp(at),
  }
}

function saidBy(
  { nodeId, id, author, createdAt }: CommentFacts,
  role: string,
): Pick<Voice, 'nodeId' | 'comment' | 'login' | 'id' | 'role' | 'saidAt'> {
  return { nodeId, comment: id, login: author.login, id: author.id, role, saidAt: Date.parse(createdAt) }
}

async function ask(
  look: Look,
  comment: CommentFacts,
  command: Command,
  stepUp: Voice['stepUp'],
): Promise<{ role: string; authorisation: Authorisation }> {
  const { ports, record, pull, config } = look
  const { people } = config
  const teams = teamsFor(command.name, people)
  const { who } = COMMANDS[command.name]
  const actor = await personOf(ports, record.repository, { ...saidBy(comment, ''), stepUp }, teams)
  if (look.unnamed === true && FOUR_EYES.has(who)) return { role: actor.role?.role ?? 'unknown', authorisation: refused('config.base-not-named') }
  const asksContributors = FOUR_EYES.has(who) && approversFor(command.name, people).not.includes('contributor')
  const contributors: Contributors | null = asksContributors ? await orNull(ports.read.contributors(record.repository, pull.number)) : null
  const input = project({
    command,
    stop: command.name === 'promote' && command.step === null ? (look.stopOf?.(environmentOf(look), command.plan) ?? null) : null,
    hasReason: 'reason' in command && command.reason !== null,
    actor: { ...actor, type: comment.author.type, viaApp: comment.viaApp, edited: comment.edited },
    people,
    release: {
      repositoryId: record.repository.id,
      version: record.version,
      pull: pull.number,
      head: look.head,
      state: record.state,
      environment: environmentOf(look),
      basis: look.basis,
      authorId: pull.author.id,
      requesterId: dataOf(record).requester?.id ?? null,
      contributors,
      verdicts: look.verdicts,
      waiversGranted: look.granted,
      hotfix: look.hotfix,
    },
    voices: isSpoken(command) ? await voicesOf(look, comment.author.id, teams) : [],
    now: look.now,
  })
  const authorisation = await authorise({
    input,
    question: `${record.key} ${comment.nodeId}`,
    labels: { app: 'release-conductor', repository: `${record.repository.owner}/${record.repository.name}`, release: record.version },
    server: ports.policyServer,
  })
  return { role: actor.role?.role ?? 'unknown', authorisation }
}

type Speaker = Pick<Voice, 'login' | 'id' | 'saidAt' | 'stepUp'>

/** What this person may do now. */
export async function personOf(
  { read }: Pick<Ports, 'read'>,
  repository: Repository,
  { login, id, saidAt, stepUp }: Speaker,
  teams: readonly string[],
): Promise<PersonFacts> {
  const member = new Map<string, boolean | null>()
  const role = await orNull(read.role(repository, { login, id }))
  for (const team of teams) {
    const [org, slug] = team.replace(/^@/, '').split('/')
    member.set(team, org === undefined || slug === undefined ? null : await orNull(read.teamMember(repository, org, slug, login)))
  }
  return { login, id, role, teams: member, saidAt, stepUp: signed(stepUp) }
}

function signed(stepUp: Voice['stepUp']): PersonFacts['stepUp'] {
  return stepUp === null ? null : { method: 'webauthn', age_ms: stepUp.ageMs }
}

/** Others' voices for the present commit, each with what its author may do now and what became of the comment. */
async function voicesOf(look: Look, actorId: number, teams: readonly string[]): Promise<VoiceFacts[]> {
  const said = look.voices.filter((voice) => voice.id !== actorId && isOf(voice, { head: look.head, base: look.pull.base.ref })).slice(-MAX_VOICES)
  const people = new Map<number, PersonFacts>()
  const facts: VoiceFacts[] = []
  for (const voice of said) {
    const person = people.get(voice.id) ?? (await personOf(look.ports, look.record.repository, voice, teams))
    people.set(voice.id, person)
    const comment = look.comments.find(({ nodeId }) => nodeId === voice.nodeId)
    const { head, basis, plan, waive, saidAt, stepUp } = voice
    const became = isOfPage(voice.nodeId) ? 'as-written' : comment === undefined ? 'gone' : comment.edited ? 'edited' : 'as-written'
    facts.push({ ...person, saidAt, stepUp: signed(stepUp), comment: became, head, basis, plan, waive })
  }
  return facts
}

/** The one that a promotion would be to. */
function environmentOf({ record, config }: Look): string | null {
  const { rollout, completed } = dataOf(record)
  if (rollout !== null && rollout.stage !== 'done') return rollout.environment
  return Object.keys(config.environments).find((name) => !completed.includes(name)) ?? null
}

async function orNull<Value>(question: Promise<Value>): Promise<Value | null> {
  try {
    return await question
  } catch {
    return null
  }
}
