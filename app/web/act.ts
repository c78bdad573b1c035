/**
 * Takes a visitor's command for a release and keeps it; what comes of it is decided where comments are decided: the same parser, policy and questions to
 * GitHub, in the same look.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseConfig } from '../../evidence/config/parse.ts'
import { sha256 } from '../../evidence/core/digest.ts'
import type { Command } from '../commands/command.ts'
import { wantsKey } from '../commands/step-up.ts'
import type { About, Challenge, Keys, SecurityKey } from '../store/keys.ts'
import type { Clock, Log, PageOrder, ReleaseRecord, StorePort, Trigger } from '../release/ports.ts'
import { dataOf, type Answer } from '../release/state.ts'
import { nodeIdOfPage } from '../release/voice.ts'
import { newChallenge } from './account.ts'
import { actPage, actTitle, signedFor, type Outcome } from './act-page.ts'
import type { Ceremony } from './ceremony.ts'
import { ceremonyPage } from './key-pages.ts'
import type { Page, Show } from './layout.ts'
import { go, queryOf, type Login, type Visitor } from './login.ts'
import { saidIn } from './said.ts'

export interface ActOptions {
  readonly login: Login
  readonly store: Pick<StorePort, 'release' | 'order' | 'blob'>
  /** null: no key can be asked. */
  readonly keys: { readonly store: Keys; readonly ceremony: Ceremony } | null
  /** Has the release looked at. */
  readonly onOrder: (trigger: Trigger) => Promise<void>
  readonly clock: Clock
  readonly log: Log
  /** How long an answer is waited for before the page says that it is awaited. Milliseconds; default 5 s. */
  readonly patienceMs?: number
}

export interface Place {
  readonly record: ReleaseRecord
  /** Of the release's page; that of acting on it is `/act` below. */
  readonly page: string
}

export interface Act {
  /** @param show answers with a page and this status */
  answer(place: Place, request: IncomingMessage, response: ServerResponse, show: Show): Promise<boolean>
}

/** What is said, and of which commit. */
interface Given {
  readonly text: string
  readonly head: string
}

interface CommandChallenge extends Challenge {
  readonly about: Extract<About, { kind: 'command' }>
}

const TOO_MANY = 'It was signed already, or too many commands of this release wait. Try it again in a minute, or write a comment.'
const POLL_MS = 100
const PATIENCE_MS = 5_000

function page({ record, page: at }: Place, by: Visitor | null, outcome?: Outcome): Pick<Page, 'title' | 'main'> {
  const view = { record, by, page: at, path: `${at}/act`, ...(outcome === undefined ? {} : { outcome }) }
  return { title: actTitle(record), main: actPage(view) }
}

function refuse(place: Place, by: Visitor | null, show: Show, status: number, why: string): true {
  return show(status, page(place, by, { kind: 'refused', why }))
}

export function openAct({ login, store, keys, onOrder, clock, log, patienceMs = PATIENCE_MS }: ActOptions): Act {
  async function give(place: Place, by: Visitor, fields: URLSearchParams, response: ServerResponse, show: Show): Promise<true> {
    const said = saidIn(fields)
    if ('wrong' in said) return refuse(place, by, show, 400, said.wrong)
    const { text, command } = said
    const head = fields.get('head') ?? ''
    if (!/^[0-9a-f]{40}$/.test(head)) return refuse(place, by, show, 400, 'The form does not say which commit it showed.')
    if (await isElevated(place.record, command)) return ask(place, by, { text, head }, response, show)
    const order = orderOf(by, { text, head }, null)
    if (!(await store.order(place.record.key, order))) return refuse(place, by, show, 503, TOO_MANY)
    return taken(place, order, response)
  }

  /** As the config of the last look says. The policy decides, by the config of the next. */
  async function isElevated(record: ReleaseRecord, command: Command): Promise<boolean> {
    const { policy } = dataOf(record)
    const bytes = policy === null ? null : await store.blob(policy.digest)
    const parsed = bytes === null ? null : parseConfig(Buffer.from(bytes).toString('utf8'))
    if (parsed === null || !parsed.ok) return false
    const steps = Object.values(parsed.config.environments).flatMap((environment) => environment.steps)
    return wantsKey(command, parsed.config.people, [...steps, 100])
  }

  async function countingKeys(by: Visitor): Promise<readonly SecurityKey[]> {
    return keys === null ? [] : (await keys.store.of(by.id)).filter(({ countsFrom }) => countsFrom <= clock.now())
  }

  async function ask({ record, page: at }: Place, by: Visitor, of: Given, response: ServerResponse, show: Show): Promise<true> {
    const known = await countingKeys(by)
    if (keys === null || known.length === 0)
      return refuse(
        { record, page: at },
        by,
        show,
        403,
        'The config asks for your security key here, and you have none that counts. Register one under Account.',
      )
    const challenge = newChallenge({ kind: 'command', release: record.key, ...of })
    await keys.store.ask(by.id, challenge)
    go(response, `${at}/act?confirm=${challenge.id}`)
    return true
  }

  async function confirmPage(place: Place, by: Visitor, id: string, show: Show): Promise<true> {
    const challenge = await challengeOf(place, by, id)
    if (keys === null || challenge === null) return refuse(place, by, show, 403, 'That took too long, or was done already. Give the command again.')
    const main = ceremonyPage({
      title: 'Confirm with your security key',
      about: signedFor(place.record, challenge.about, by),
      by,
      action: `${place.page}/act`,
      challenge: id,
      ask: 'get',
      options: await keys.ceremony.signature(by, challenge, await countingKeys(by)),
    })
    return show(200, { title: actTitle(place.record), main, ceremony: true })
  }

  /** Of this visitor and this release. */
  async function challengeOf({ record }: Place, by: Visitor, id: string): Promise<CommandChallenge | null> {
    const challenge = (await keys?.store.challenge(id, by.id)) ?? null
    const about = challenge?.about
    return challenge === null || about?.kind !== 'command' || about.release !== record.key ? null : { ...challenge, about }
  }

  async function confirm(place: Place, by: Visitor, fields: URLSearchParams, response: ServerResponse, show: Show): Promise<true> {
    const challenge = await challengeOf(place, by, fields.get('challenge') ?? '')
    const known = await countingKeys(by)
    const used = keys === null || challenge === null ? null : await keys.ceremony.signed(by, challenge, known, fields.get('answer') ?? '')
    const key = known.find(({ id }) => id === used?.id)
    if (keys === null || challenge === null || used === null || key === undefined)
      return refuse(place, by, show, 403, 'Your key did not sign this command, or it took too long. Give the command again.')
    const order = orderOf(by, challenge.about, { id: sha256(key.id).slice(0, 16), registeredAt: key.registeredAt })
    if (!(await keys.store.order(challenge.id, by.id, used, { release: place.record.key, order }))) return refuse(place, by, show, 503, TOO_MANY)
    return taken(place, order, response)
  }

  function orderOf(by: Visitor, { text, head }: Given, key: PageOrder['key']): PageOrder {
    return { id: randomBytes(16).toString('hex'), text, author: { login: by.login, id: by.id }, head, at: clock.now(), key }
  }

  /** It is kept: from here on it is carried out, whatever happens to this process. */
  async function taken({ record, page: at }: Place, order: PageOrder, response: ServerResponse): Promise<true> {
    const { key, repository, pull } = record
    log.info(
      { release: key, login: order.author.login, user_id: order.author.id, order: order.id, key: order.key?.id ?? null },
      'A command was given on the page.',
    )
    await onOrder({ repository, pull, why: 'a command on the page' })
    await answered(key, order.id)
    go(response, `${at}/act?said=${order.id}`)
    return true
  }

  /** For a while: whoever waits longer reloads. */
  async function answered(key: string, id: string): Promise<void> {
    for (let waited = 0; waited < patienceMs; waited += POLL_MS) {
      const record = await store.release(key)
      if (record === null || answerIn(record, id) !== null) return
      await sleep(POLL_MS)
    }
  }

  return {
    async answer(place, request, response, show) {
      const by = await login.who(request)
      if (request.method === 'POST') {
        const sent = await login.form(request)
        if (sent === null) return refuse(place, by, show, 403, 'You are not logged in any more, or this form is not of a page of yours.')
        return (sent.fields.has('challenge') ? confirm : give)(place, sent.by, sent.fields, response, show)
      }
      const query = queryOf(request)
      const [confirmed, said] = [query.get('confirm'), query.get('said')]
      if (by !== null && confirmed !== null) return confirmPage(place, by, confirmed, show)
      if (said === null) return show(200, page(place, by))
      const answer = answerIn(place.record, said)
      return show(200, page(place, by, answer === null ? { kind: 'waiting' } : { kind: 'answered', answer }))
    },
  }
}

function answerIn(record: ReleaseRecord, id: string): Answer | null {
  return dataOf(record).answers.find(({ nodeId }) => nodeId === nodeIdOfPage(id)) ?? null
}
