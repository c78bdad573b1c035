/**
 * What the App shows in a browser:
 *
 *     GET /releases/<id>/<token>        the page of a release
 *     GET /releases/<id>/<token>/live   server-sent events: it changed
 *     GET /releases/<id>/<token>/ledger/<n>  its ledger, page by page
 *     GET /                             the list of releases, where the operator opened it
 *     GET /pictures/…                   the picture of a step
 *     GET /assets/…                     style and script
 *     POST /api/job-gate                a job asks whether it may deploy
 *     GET, POST /releases/<id>/<token>/act  where a visitor acts on it; with `login` alone
 *     GET /account, POST /account/…     who is logged in, and their keys; with `login` alone, as are /login and /logout
 *
 * An address that this App never gave out is answered like one that does not exist.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { drawPng, type Draw } from '../../evidence/chart/png.ts'
import type { Log, StorePort } from '../release/ports.ts'
import type { Account } from './account.ts'
import type { Act } from './act.ts'
import { assetAt } from './assets.ts'
import type { JobGate } from './job-gate.ts'
import { layout, PAGE_HEADERS, type Page, type Show } from './layout.ts'
import { ledgerPage, ledgerTitle, olderThanLast, PAGE_ENTRIES, partOf } from './ledger-page.ts'
import { listPage } from './list-page.ts'
import { momentOf, openLive } from './live.ts'
import type { Login } from './login.ts'
import type { PageAddresses } from './page-address.ts'
import type { PictureAddresses } from './picture-address.ts'
import { pictures } from './pictures.ts'
import { releasePage, releaseTitle } from './release-page.ts'
import { releaseView } from './release-view.ts'

/** Who finds a page: whoever has its address, or anybody by the list; `off`: nobody. */
export type PageAccess = 'by-address' | 'open' | 'off'

export interface WebOptions {
  readonly store: Pick<StorePort, 'release' | 'recent' | 'verdicts' | 'outbox' | 'ledger' | 'position' | 'samples' | 'blob'>
  readonly addresses: { readonly page: PageAddresses; readonly picture: PictureAddresses }
  readonly access: PageAccess
  /** Where people see repositories, such as https://github.com. */
  readonly github: string
  readonly log: Log
  /** Absent: nobody can log in. */
  readonly members?: Members
  /** Absent: no job is answered. */
  readonly jobGate?: JobGate
  readonly draw?: Draw
  /** Milliseconds between two looks at what open pages show. */
  readonly lookMs?: number
}

/** What is there for whoever can log in. */
export interface Members {
  readonly login: Login
  readonly account: Account
  readonly act: Act
}

export interface Web {
  /** Of a GET, HEAD or POST. @returns false: nothing is here */
  answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<boolean>
  /** Ends what is open. */
  close(): void
}

const LISTED = 100
const KEPT = 16

export function openWeb({ store, addresses, access, github, log, members, jobGate, draw = drawPng, lookMs }: WebOptions): Web {
  const picture = pictures({ store, addresses: addresses.picture, draw })
  const live = openLive(store, log, lookMs)
  /** Written pages by release, and of which moment. */
  const kept = new Map<string, { readonly moment: string; readonly text: string }>()

  async function release(key: string): Promise<string | null> {
    const record = await store.release(key)
    if (record === null) return null
    const moment = await momentOf(store, key)
    const known = kept.get(key)
    if (known?.moment === moment) return known.text
    const entries = (await store.position(key))?.size ?? 0
    const last = { from: Math.max(0, entries - PAGE_ENTRIES), count: PAGE_ENTRIES }
    const [decided, outbox, ledger] = await Promise.all([store.verdicts(key, record.head), store.outbox(key), store.ledger(key, last)])
    const view = releaseView({ record, verdicts: decided.map(({ verdict }) => verdict), outbox, ledger, entries })
    const older = olderThanLast(entries)
    const main = releasePage(view, {
      picture: (rollout, step, at) => addresses.picture.pathOf({ release: key, rollout, step }, at),
      web: github,
      act: members === undefined ? null : `${addresses.page.pathOf(key)}/act`,
      older: older === null ? null : `${addresses.page.pathOf(key)}/ledger/${older}`,
    })
    const text = layout({
      title: releaseTitle(view),
      main,
      live: { path: `${addresses.page.pathOf(key)}/live`, moment },
      login: members !== undefined,
    })
    kept.delete(key)
    if (kept.size >= KEPT) kept.delete(kept.keys().next().value ?? '')
    kept.set(key, { moment, text })
    return text
  }

  /** null: it is not written yet. */
  async function ledger(key: string, number: number): Promise<Page | null> {
    const [record, position] = await Promise.all([store.release(key), store.position(key)])
    const entries = await store.ledger(key, partOf(number))
    if (record === null || entries.length === 0) return null
    const view = { record, entries, number, size: position?.size ?? 0, page: addresses.page.pathOf(key) }
    return { title: ledgerTitle(view), main: ledgerPage(view), live: null, login: members !== undefined }
  }

  async function list(): Promise<Page> {
    const found = await store.recent(LISTED + 1)
    return {
      title: 'Releases',
      main: listPage(found.slice(0, LISTED), found.length > LISTED, (key) => addresses.page.pathOf(key)),
      live: null,
      login: members !== undefined,
    }
  }

  async function acts(key: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const record = members === undefined ? null : await store.release(key)
    if (members === undefined || record === null || !(isRead(request) || request.method === 'POST')) return false
    return members.act.answer({ record, page: addresses.page.pathOf(key) }, request, response, show(response))
  }

  return {
    async answer(path, request, response) {
      if (jobGate !== undefined && (await jobGate(path, request, response))) return true
      if (members !== undefined && (await member(members, path, request, response))) return true
      const of = access === 'off' ? null : addresses.page.read(path)
      if (of?.part === 'act') return acts(of.release, request, response)
      if (!isRead(request)) return false
      const asset = assetAt(path)
      if (asset !== null) return send(response, Buffer.from(asset.text), { ...ASSET_HEADERS, 'content-type': asset.type })
      if (path.startsWith('/pictures/')) {
        const png = await picture(path)
        return png !== null && send(response, png, PICTURE_HEADERS)
      }
      if (access === 'off') return false
      if (path === '/' && access === 'open') return send(response, Buffer.from(layout(await list())), PAGE_HEADERS)
      if (of === null) return false
      if (of.number !== null) {
        const part = await ledger(of.release, of.number)
        return part !== null && send(response, Buffer.from(layout(part)), PAGE_HEADERS)
      }
      if (of.part === 'live') {
        if (request.method === 'HEAD' || (await store.release(of.release)) === null) return false
        if (!live.add(of.release, await momentOf(store, of.release), response)) {
          response.writeHead(503, { 'retry-after': '30', 'content-type': 'text/plain; charset=utf-8' })
          response.end('Too many pages are open. Reload yours now and then instead.\n')
        }
        return true
      }
      const page = await release(of.release)
      return page !== null && send(response, Buffer.from(page), PAGE_HEADERS)
    },
    close: () => live.close(),
  }
}

function show(response: ServerResponse): Show {
  return (status, page) => send(response, Buffer.from(layout({ ...page, live: null, login: true })), PAGE_HEADERS, status)
}

async function member({ login, account }: Members, path: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  return (await login.answer(path, request, response, show(response))) || account.answer(path, request, response, show(response))
}

/** Its name changes with its content. */
const ASSET_HEADERS = { 'cache-control': 'public, max-age=31536000, immutable', 'x-content-type-options': 'nosniff' } as const
/** It may be another one at the next look. */
const PICTURE_HEADERS = {
  'content-type': 'image/png',
  'cache-control': 'no-cache, max-age=30',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'",
} as const

function send(response: ServerResponse, body: Uint8Array, headers: Readonly<Record<string, string>>, status = 200): true {
  response.writeHead(status, { ...headers, 'content-length': body.length })
  response.end(body)
  return true
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD'
}
