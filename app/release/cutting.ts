/**
 * `/release vX.Y.Z` on an issue or an ordinary pull request: read, authorised, planned, cut, answered. It has no release record yet, so what is wanted and
 * what came of it stand in the outbox and the ledger under a key of its own; called again at any time, it goes on where it stopped.
 */
import { toCut, toDenied, toMistake, toUncut } from '../commands/answer.ts'
import { authorise, type Authorisation } from '../commands/authorise.ts'
import { parse, type Parsed } from '../commands/parse.ts'
import { project } from '../commands/project.ts'
import { digestOf } from '../../evidence/core/digest.ts'
import { CONFIG_MAX_BYTES, CONFIG_PATH, type Config } from '../../evidence/model/config.ts'
import { marker } from '../github/markdown.ts'
import { ReleaseError } from './error.ts'
import { configOfText } from './config-at.ts'
import { personOf } from './order-facts.ts'
import { carryOut } from './outbox.ts'
import { cutOf, planFromGitHub } from './planned.ts'
import type { CommentFacts, Effect, LedgerEvent, OutboxRow, Ports, ReleaseCut, Repository } from './ports.ts'
import type { Context } from './reconcile.ts'

export interface Asked {
  readonly repository: Repository
  /** Issue or pull request. */
  readonly issue: number
  readonly comment: number
}

const MAX_PASSES = 6
const NO_COMMIT = '0'.repeat(40)

/** Where the releases of a version that were asked for stand in the store. */
export function cutKey(repositoryId: number, version: string): string {
  return `cut/${repositoryId}/${version}`
}

/** @returns `busy`: somebody else is at it: ask again soon @throws ReleaseError `cut-pending`: ask again in a while */
export async function cut(context: Context, asked: Asked): Promise<'settled' | 'busy'> {
  const { ports, settings } = context
  const { store, clock, random } = ports
  const comment = await ports.read.comment(asked.repository, asked.comment)
  const parsed = comment === null || (comment.viaApp && comment.author.type === 'Bot') ? null : parse(comment.body)
  if (comment === null || parsed === null || !isOurs(parsed)) return 'settled'
  const key = cutKey(asked.repository.id, versionOf(parsed))
  const lease = await store.lease(key, `${context.owner}/${random.hex(8)}`, clock.now(), settings.leaseMs)
  if (lease === null) return 'busy'
  try {
    for (let pass = 0; pass < MAX_PASSES; pass++) {
      const rows = (await store.outbox(key)).filter((row) => row.key.startsWith(`${key}/${comment.id}/`))
      const wanted = rows.length === 0 ? await decide(ports, asked, comment, parsed, key) : afterwards(rows, asked, `${key}/${comment.id}`)
      const open = rows.some((row) => row.outcome === null && row.state !== 'failed')
      if (wanted.intents.length === 0 && !open) return 'settled'
      if (!(await store.intend({ key, lease, ...wanted }))) return 'busy'
      const carried = await carryOut(ports, lease, { key, repository: asked.repository }, settings.leaseMs)
      if (carried.lost) return 'busy'
      if (carried.pending > 0 && !carried.progress)
        throw new ReleaseError('cut-pending', `the release that comment ${comment.id} asks for is not cut yet`)
    }
    return 'busy'
  } finally {
    await store.free(lease)
  }
}

type Ours =
  | Extract<Parsed, { kind: 'malformed' }>
  | { readonly kind: 'command'; readonly command: { readonly name: 'release'; readonly version: string } }

/** Every other command belongs to a release pull request. */
export function isOurs(parsed: Parsed): parsed is Ours {
  return (parsed.kind === 'command' && parsed.command.name === 'release') || (parsed.kind === 'malformed' && parsed.name === 'release')
}

export function versionOf(parsed: Ours): string {
  return parsed.kind === 'command' ? parsed.command.version : 'unread'
}

interface Wanted {
  readonly intents: readonly Effect[]
  readonly events: readonly LedgerEvent[]
}

const NOTHING: Wanted = { intents: [], events: [] }

async function decide(ports: Ports, asked: Asked, comment: CommentFacts, parsed: Ours, key: string): Promise<Wanted> {
  const own = `${key}/${comment.id}`
  const seen: Effect = { kind: 'reaction.add', key: `${own}/seen`, comment: comment.id, content: 'eyes' }
  const refused = (answer: string, authorisation: Authorisation | null = null): Wanted => ({
    intents: [seen, ...answered(own, asked, { done: false, answer })],
    events: [...decision(comment, authorisation), said(comment, { done: false, answer })],
  })
  const config = await configOfDefault(ports, asked.repository)
  if (config === null) return NOTHING
  if (parsed.kind === 'malformed') return refused(toMistake(parsed))
  const { version } = parsed.command
  if (typeof config === 'string') return refused(toUncut({ message: config, next: 'Run `release-conductor config check` there and mend it.' }))
  const authorisation = await ask(ports, { asked, comment, version, config, key })
  if (!authorisation.allowed) return refused(toDenied(authorisation), authorisation)
  const requester = { login: comment.author.login, id: comment.author.id }
  const planned = await planFromGitHub(ports, { repository: asked.repository, version, config, owner: requester.login, base: null })
  if (!('plan' in planned)) return refused(toUncut(planned), authorisation)
  const effect = cutOf(planned, requester)
  return {
    intents: [seen, { ...effect, key: `${own}/cut` }],
    events: [
      ...decision(comment, authorisation),
      said(comment, { done: true, answer: '' }),
      {
        type: 'planned',
        data: { version, previous: planned.plan.previous, base: effect.base, changes: planned.plan.changes, labels: effect.labels },
      },
    ],
  }
}

/** What follows from what became of it. */
function afterwards(rows: readonly OutboxRow[], asked: Asked, own: string): Wanted {
  const row = rows.find(({ effect }) => effect.kind === 'release.cut')
  const isAnswered = rows.some(({ key }) => key === `${own}/answer`)
  if (row === undefined || row.effect.kind !== 'release.cut' || isAnswered) return NOTHING
  const { version, base, draft } = row.effect
  if (row.outcome?.id != null)
    return { intents: answered(own, asked, { done: true, answer: toCut({ version, pull: row.outcome.id, base: base.branch, draft }) }), events: [] }
  if (row.state !== 'failed') return NOTHING
  const answer = toUncut({ message: row.error ?? 'It could not be done.', next: 'Ask again when that is mended.' })
  return { intents: answered(own, asked, { done: false, answer }), events: [] }
}

interface Said {
  readonly done: boolean
  readonly answer: string
}

function answered(own: string, { issue, comment }: Asked, { done, answer }: Said): readonly Effect[] {
  return [
    { kind: 'reaction.add', key: `${own}/${done ? 'done' : 'refused'}`, comment, content: done ? 'rocket' : 'confused' },
    { kind: 'comment.write', key: `${own}/answer`, pull: issue, comment: null, marker: marker(`release:${comment}`), body: answer },
  ]
}

function decision(comment: CommentFacts, authorisation: Authorisation | null): readonly LedgerEvent[] {
  return authorisation?.log == null ? [] : [{ type: 'policy.decision', data: { comment: comment.nodeId, ...authorisation.log } }]
}

function said(comment: CommentFacts, { done, answer }: Said): LedgerEvent {
  const command = comment.body.split(/\r?\n/, 1)[0]?.slice(0, 500) ?? ''
  return {
    type: done ? 'command.done' : 'command.refused',
    data: { comment: comment.nodeId, actor: comment.author.login, actor_id: comment.author.id, command, answer: answer.slice(0, 1000) },
  }
}

/** Of the default branch, which says where releases go. @returns why not, in words; null: the repository has not adopted the App, and the word may be another's */
async function configOfDefault({ history }: Ports, repository: Repository): Promise<Config | string | null> {
  const text = (await history?.ofDefault(repository, CONFIG_PATH, CONFIG_MAX_BYTES)) ?? null
  if (text === null) return null
  const config = configOfText(text, NO_COMMIT)
  return config.ok ? config.config : `The config on the default branch is wrong: ${config.message}`
}

async function ask(
  ports: Ports,
  of: { readonly asked: Asked; readonly comment: CommentFacts; readonly version: string; readonly config: Config; readonly key: string },
): Promise<Authorisation> {
  const { asked, comment, version, config, key } = of
  const { repository, issue } = asked
  const speaker = { login: comment.author.login, id: comment.author.id, saidAt: Date.parse(comment.createdAt), stepUp: null }
  const actor = await personOf(ports, repository, speaker, [])
  const input = project({
    command: { name: 'release', version },
    hasReason: false,
    actor: { ...actor, type: comment.author.type, viaApp: comment.viaApp, edited: comment.edited },
    people: config.people,
    release: {
      repositoryId: repository.id,
      version,
      pull: issue,
      head: NO_COMMIT,
      state: 'none',
      environment: null,
      basis: digestOf({ version, repository_id: repository.id }),
      authorId: 0,
      requesterId: null,
      contributors: null,
      verdicts: [],
      waiversGranted: 0,
      hotfix: { is: false, mustHold: [] },
    },
    voices: [],
    now: ports.clock.now(),
  })
  return authorise({
    input,
    question: `${key} ${comment.nodeId}`,
    labels: { app: 'release-conductor', repository: `${repository.owner}/${repository.name}`, release: version },
    server: ports.policyServer,
  })
}

/** What the App cut this pull request with, and the commit it made; null: a person opened it. */
export async function cutBehind(
  { store }: Pick<Ports, 'store'>,
  of: { readonly repositoryId: number; readonly version: string; readonly pull: number },
): Promise<{ readonly effect: ReleaseCut; readonly commit: string } | null> {
  for (const { effect, outcome } of await store.outbox(cutKey(of.repositoryId, of.version)))
    if (effect.kind === 'release.cut' && outcome?.id === of.pull) return { effect, commit: String(outcome.data?.['sha'] ?? '') }
  return null
}
