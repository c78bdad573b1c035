/** A release in the middle of a canary, as the store knows it, for whatever shows it; and a way to ask for pages without a socket's help. */
import type { AddressInfo } from 'node:net'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { pageAddresses } from '../../app/web/page-address.ts'
import { pictureAddresses } from '../../app/web/picture-address.ts'
import type { LedgerPart, PageOrder } from '../../app/release/ports.ts'
import { MOST_ORDERS } from '../../app/store/page-orders.ts'
import { openWeb, type Members, type PageAccess } from '../../app/web/web.ts'
import type { Draw } from '../../evidence/chart/png.ts'
import { link, type LedgerEntry } from '../../evidence/ledger/chain.ts'
import { MemoryStore } from '../sim/memory-store.ts'
import {
  HEAD,
  KEY,
  MERGED,
  NOW,
  Story,
  agreedOf,
  configOf,
  fullOf,
  pullOf,
  recordOf,
  rolloutOf,
  rowOf,
  samplesOf,
  verdictOf,
  verdictsOf,
  voiceOf,
} from './release.ts'
import type { Known } from '../../app/web/release-view.ts'

export const ADDRESSES = { page: pageAddresses('a key'), picture: pictureAddresses('a key') }
/** What people write who wish a page ill. */
export const HOSTILE = `<script>alert(1)</script> "quoted' & \u202Egnol\u202C @org/all`

export function knownRelease(reason = 'waiting for the desk'): Known {
  const rollout = rolloutOf({
    step: 50,
    stage: 'baking',
    startedAt: NOW,
    shiftedAt: NOW + 9_000,
    agreed: [agreedOf()],
    moved: [
      { step: 10, at: NOW },
      { step: 50, at: NOW + 9_000 },
    ],
    judged: [
      {
        step: 10,
        at: NOW + 8_000,
        decision: 'advance',
        code: 'certified',
        sentence: 'Advance: 0 of 800 canary requests failed.',
        metrics: {},
        startedAt: NOW,
        shiftedAt: NOW,
        bakeUntil: NOW + 6_000,
        deadline: NOW + 90_000,
        sampleMs: 1_000,
      },
    ],
  })
  const story = new Story(
    recordOf(
      { state: 'canary' },
      {
        rollout,
        rollouts: 1,
        sentence: 'Hold: it bakes for another 3 s.',
        waivers: [
          {
            gate: 'slo',
            reason: `${reason}, and a drill spent the budget`,
            head: HEAD,
            grantedBy: [voiceOf(), voiceOf({ login: 'second', id: 22 })],
            grantedAt: NOW,
            expiresAt: NOW + 86_400_000,
          },
        ],
        answers: [{ nodeId: 'IC_1', comment: 1, command: '/promote', login: 'approver', at: NOW, done: true, answer: 'It goes.' }],
      },
    ),
  )
  const verdicts = verdictsOf().map((verdict) => (verdict.gate === 'slo' ? verdictOf('slo', 'fail', 'gate.evidence-absent') : verdict))
  story.look(fullOf({ pull: pullOf(MERGED), config: configOf(), verdicts }))
  const record = {
    ...story.record,
    data: { ...story.data, sentence: 'Hold: it bakes for another 3 s.', held: { from: 'canary' as const, reason, owner: 'second', at: NOW } },
  }
  const sealed = rowOf(
    { kind: 'pack.seal', key: `${KEY}/seal/1`, outcome: 'proven' },
    { id: null, data: { seal: 1, path: '1.zip', sha256: 'f'.repeat(64) } },
  )
  const kept = rowOf({ kind: 'pack.keep', key: `${KEY}/keep/1`, store: 'archive', path: '1.zip', sha256: 'f'.repeat(64), seal: 1 }, { id: null })
  return { record, verdicts, outbox: [...story.rows.values(), sealed, kept], ledger: ledgerOf(), entries: 6 }
}

export function ledgerOf(): LedgerEntry[] {
  const events: readonly (readonly [string, Record<string, unknown>])[] = [
    ['opened', {}],
    ['state', { from: 'proving', to: 'ready', why: 'every gate holds' }],
    ['effect.intended', { kind: 'check.create' }],
    ['decision', { decision: 'go', environment: 'prod', up_to: 100, plan: 'a'.repeat(32), approved_by: 'approver', comment: 'IC_1' }],
    ['shifted', { environment: 'prod', router: 'proxy', percent: 10 }],
    ['advance', { environment: 'prod', step: 10, reason: 'Advance: 0 of 800 canary requests failed.', metrics: {} }],
  ]
  const entries: LedgerEntry[] = []
  for (const [type, data] of events) entries.push(link(entries.at(-1) ?? null, { release: KEY, at: '2026-11-22T12:00:00.000Z', type, data }))
  return entries
}

export interface Shown extends AsyncDisposable {
  readonly url: string
  /** Path of the release's page. */
  readonly path: string
  readonly store: MemoryStore
  /** What the store says of the release from now on. */
  show(known: Known): Promise<void>
  /** Commands that were given and kept. */
  readonly orders: PageOrder[]
}

export interface ShownOptions {
  readonly access?: PageAccess
  readonly draw?: Draw
  readonly lookMs?: number
  /** As browsers call it. */
  readonly host?: '127.0.0.1' | 'localhost'
  /** @param url where the pages are */
  readonly members?: (url: string, store: MemoryStore) => Members
}

/** The pages of one release over HTTP on loopback. */
export async function shown(
  known: Known,
  { access = 'by-address', draw, lookMs = 20, host = '127.0.0.1', members }: ShownOptions = {},
): Promise<Shown> {
  const store = new MemoryStore({ now: () => NOW })
  let at = known
  const orders: PageOrder[] = []
  const seen = Object.assign(store, {
    release: async (key: string) => (key === KEY ? at.record : null),
    recent: async () => [at.record],
    verdicts: async () => at.verdicts.map((verdict) => ({ gate: verdict.gate, verdict, context: null })),
    outbox: async () => at.outbox,
    ledger: async (_: string, part?: LedgerPart) => (part === undefined ? at.ledger : at.ledger.slice(part.from, part.from + part.count)),
    position: async () => ({ size: at.ledger.length, root: '' }),
    samples: async () => samplesOf(NOW, NOW + 12_000),
    order: async (_: string, order: PageOrder) => {
      if (orders.length >= MOST_ORDERS) return false
      orders.push(order)
      return true
    },
  })
  const log = { info() {}, warn() {}, error() {} }
  const answered = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!(await web.answer(request.url?.split('?', 1)[0] ?? '', request, response))) response.writeHead(404).end()
  }
  const server = createServer((request, response) => {
    void answered(request, response)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const url = `http://${host}:${(server.address() as AddressInfo).port}`
  const web = openWeb({
    store: seen,
    addresses: ADDRESSES,
    access,
    github: 'https://github.com',
    log,
    lookMs,
    ...(draw === undefined ? {} : { draw }),
    ...(members === undefined ? {} : { members: members(url, seen) }),
  })
  return {
    url,
    path: ADDRESSES.page.pathOf(KEY),
    store: seen,
    orders,
    async show(next) {
      at = next
    },
    async [Symbol.asyncDispose]() {
      web.close()
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}
