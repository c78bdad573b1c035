/**
 * What a visitor sees and does of their own: who they are, and their security keys.
 *
 *     GET  /account
 *     POST /account/keys/new, /account/keys            asks a key to be registered, and registers it
 *     POST /account/keys/trust, /account/keys/trusted  asks an older key to confirm a fresh one, and lets it count
 *     POST /account/keys/remove
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock, Log } from '../release/ports.ts'
import type { About, Challenge, Keys, SecurityKey } from '../store/keys.ts'
import { accountPage } from './account-page.ts'
import type { Ceremony } from './ceremony.ts'
import { html } from './html.ts'
import { ceremonyPage, keysPart } from './key-pages.ts'
import type { Show } from './layout.ts'
import { go, type Login, type Visitor } from './login.ts'

export interface AccountOptions {
  readonly login: Login
  /** null: the pages have no host name, and keys are bound to one. */
  readonly keys: { readonly store: Keys; readonly ceremony: Ceremony; readonly cooldown: Cooldown } | null
  readonly clock: Clock
  readonly log: Log
}

/** How long a fresh key counts for nothing. */
export interface Cooldown {
  readonly ms: number
  /** `24h` */
  readonly words: string
}

export interface Account {
  answer(path: string, request: IncomingMessage, response: ServerResponse, show: Show): Promise<boolean>
}

export function openAccount({ login, keys, clock, log }: AccountOptions): Account {
  async function page(by: Visitor | null, show: Show, refused = ''): Promise<true> {
    const part = by === null || keys === null ? null : keysPart(by, await keys.store.of(by.id), clock.now(), keys.cooldown.words)
    return show(refused === '' ? 200 : 403, { title: 'Account', main: accountPage(by, part, refused) })
  }

  return {
    async answer(path, request, response, show) {
      if (path === '/account' && (request.method === 'GET' || request.method === 'HEAD')) return page(await login.who(request), show)
      if (keys === null || request.method !== 'POST' || !path.startsWith('/account/keys')) return false
      const { store, ceremony, cooldown } = keys
      const sent = await login.form(request)
      if (sent === null) return page(await login.who(request), show, 'You are not logged in any more, or this form is not of a page of yours.')
      const { by, fields } = sent
      const field = (name: string): string => fields.get(name) ?? ''
      const mine = await store.of(by.id)
      const counting = mine.filter(({ countsFrom }) => countsFrom <= clock.now())

      async function asked(about: About, title: string, action: string, words: string): Promise<true> {
        const challenge = newChallenge(about)
        await store.ask(by.id, challenge)
        const ask = about.kind === 'register' ? 'create' : 'get'
        const options = ask === 'create' ? await ceremony.registration(by, challenge, mine) : await ceremony.signature(by, challenge, counting)
        const main = ceremonyPage({ title, about: html`<p>${words}</p>`, by, action, challenge: challenge.id, ask, options })
        return show(200, { title, main, ceremony: true })
      }

      switch (path) {
        case '/account/keys/new': {
          const name = field('name').trim()
          if (name === '' || name.length > 60) return page(by, show, 'A key has a name of 1 to 60 characters.')
          return asked({ kind: 'register', name }, 'Register a key', '/account/keys', `It will be called ${name}.`)
        }
        case '/account/keys': {
          const challenge = await store.challenge(field('challenge'), by.id)
          if (challenge?.about.kind !== 'register') return page(by, show, 'That took too long, or was done already. Begin again.')
          const found = await ceremony.registered(by, challenge, field('answer'))
          if (found === null) return page(by, show, 'The key did not answer to what was asked.')
          const now = clock.now()
          const key: SecurityKey = { ...found, name: challenge.about.name, registeredAt: now, countsFrom: now + cooldown.ms, usedAt: null }
          if (!(await store.register(challenge.id, by.id, key))) return page(by, show, 'The key is registered already, or you have too many.')
          log.info({ login: by.login, user_id: by.id, key: key.id, counts_from: key.countsFrom }, 'A security key was registered.')
          return went(response)
        }
        case '/account/keys/trust': {
          const fresh = mine.find(({ id, countsFrom }) => id === field('key') && countsFrom > clock.now())
          if (fresh === undefined || counting.length === 0) return page(by, show, 'There is no such fresh key, or no key that counts already.')
          return asked(
            { kind: 'trust', key: fresh.id },
            'Confirm a key',
            '/account/keys/trusted',
            `With a key that counts already you let ${fresh.name} count from now on.`,
          )
        }
        case '/account/keys/trusted': {
          const challenge = await store.challenge(field('challenge'), by.id)
          if (challenge?.about.kind !== 'trust') return page(by, show, 'That took too long, or was done already. Begin again.')
          const used = await ceremony.signed(by, challenge, counting, field('answer'))
          if (used === null || !(await store.trust(challenge.id, by.id, used, challenge.about.key)))
            return page(by, show, 'The key did not sign what was asked.')
          log.info({ login: by.login, user_id: by.id, key: challenge.about.key, by: used.id }, 'A fresh security key was confirmed by an older one.')
          return went(response)
        }
        case '/account/keys/remove': {
          if (await store.remove(by.id, field('key'))) log.info({ login: by.login, user_id: by.id, key: field('key') }, 'A security key was removed.')
          return went(response)
        }
        default:
          return false
      }
    },
  }
}

export function newChallenge(about: About): Challenge {
  return { id: randomBytes(16).toString('hex'), about, nonce: randomBytes(32).toString('hex') }
}

function went(response: ServerResponse): true {
  go(response, '/account')
  return true
}
