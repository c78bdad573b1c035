/** An installation's minute on a real PostgreSQL, as three processes that share it spend it: a client and a pool of connections for each, one GitHub. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SHARES } from '../../../app/github/budget.ts'
import { isGitHubError } from '../../../app/github/error.ts'
import type { Call, Client } from '../../../app/github/octokit.ts'
import { openMinutes } from '../../../app/store/minutes.ts'
import { openPostgres } from '../../../app/store/postgres.ts'
import type { Sql } from '../../../app/store/sql.ts'
import { openStore } from '../../../app/store/store.ts'
import { Limiter } from '../../support/github/http/limits.ts'
import { Refusal } from '../../support/github/world/error.ts'
import type { Actor } from '../../support/github/world/model.ts'
import { postgresBinaries, startCluster, type Cluster } from '../../support/postgres.ts'
import { REPOSITORY, scripted, type Asked, type Said, type Scripted } from './scripted.ts'

const EDIT: Call = {
  method: 'PATCH',
  path: '/repos/acme/shop/issues/comments/1',
  permissions: { issues: 'write' },
  body: { body: 'x' },
  share: 'shown',
}
const DEPLOY: Call = { method: 'POST', path: '/repos/acme/shop/deployments', permissions: { deployments: 'write' }, body: { ref: 'x' } }
const READ: Call = { method: 'GET', path: '/repos/acme/shop/pulls/1', permissions: { pull_requests: 'read' } }

const MOMENT = new Date()

const binaries = postgresBinaries()
let cluster: Cluster
let pools: readonly Sql[]

/** All of it in one minute, with GitHub's limits as the double has them, and how many writes it had at once. */
class GitHub {
  readonly #limiter = new Limiter({}, () => MOMENT)
  #inside = 0
  mostAtOnce = 0
  async answer({ method, path }: Asked): Promise<Said> {
    const actor = { kind: 'installation', installation: { id: REPOSITORY.installationId } } as Actor
    const writes = method === 'GET' ? 0 : 1
    this.#inside += writes
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#inside)
    await sleep(5)
    this.#inside -= writes
    try {
      this.#limiter.take(actor, method, path)
      return { body: { id: 1 } }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { status: error.status, body: { message: error.message }, headers: { 'retry-after': '60' } }
    }
  }
}

function clientsOf(github: Scripted): readonly Client[] {
  return pools.map((sql) => github.clientWith({ minutes: openMinutes(sql) }))
}

interface Ended {
  done: number
  kept: number
  refused: number
}

/** Each client sends so many, all clients at once. */
async function tried(clients: readonly Client[], count: number, call: Call, installationId: number): Promise<Ended> {
  const ended: Ended = { done: 0, kept: 0, refused: 0 }
  await Promise.all(
    clients.map(async (client) => {
      for (let nth = 0; nth < count; nth += 1)
        try {
          await client.call({ ...REPOSITORY, installationId }, call)
          ended.done += 1
        } catch (error) {
          if (!isGitHubError(error, 'limited')) throw error
          ended[error.status === null ? 'kept' : 'refused'] += 1
        }
    }),
  )
  return ended
}

describe.skipIf(binaries === null)('PostgreSQL', () => {
  beforeAll(async () => {
    cluster = await startCluster(binaries ?? '')
    const url = await cluster.database()
    pools = await Promise.all([1, 2, 3].map(async () => openPostgres(url)))
    for (const sql of pools) await openStore(sql, { now: Date.now })
  })
  afterAll(async () => {
    for (const sql of pools) await sql.close()
    await cluster.stop()
  })

  test('three processes spend one minute together, write one after the other, and what matters has room (T38)', async () => {
    const world = new GitHub()
    await using github = await scripted((asked) => world.answer(asked))
    const clients = clientsOf(github)
    expect(await tried(clients, 40, EDIT, 5)).toEqual({ done: SHARES.shown.content, kept: 60, refused: 0 })
    expect(clients.map((client) => client.isFull(REPOSITORY, 'shown'))).toEqual([true, true, true])
    expect(await tried(clients, 6, DEPLOY, 5)).toEqual({ done: 18, kept: 0, refused: 0 })
    expect(world.mostAtOnce).toBe(1)
  })

  test('each alone, the same three have GitHub refuse what matters', async () => {
    const world = new GitHub()
    await using github = await scripted((asked) => world.answer(asked))
    const clients = pools.map(() => github.clientWith({}))
    expect((await tried(clients, 40, EDIT, 6)).refused).toBeGreaterThan(0)
    expect(await tried(clients, 1, DEPLOY, 6)).toMatchObject({ done: 0 })
    expect(world.mostAtOnce).toBeGreaterThan(1)
  })

  test('what GitHub asked one process to wait, all of them wait; another installation does not (T40)', async () => {
    await using github = await scripted(({ path }) =>
      path === DEPLOY.path
        ? { status: 403, headers: { 'retry-after': '30' }, body: { message: 'You have exceeded a secondary rate limit' } }
        : { body: { id: 1 } },
    )
    const clients = clientsOf(github)
    expect(await tried(clients, 1, READ, 7)).toMatchObject({ done: 3 })
    expect(await tried(clients.slice(0, 1), 1, DEPLOY, 7)).toMatchObject({ refused: 1 })
    const sent = github.asked.length
    expect(await tried(clients, 1, DEPLOY, 7)).toEqual({ done: 0, kept: 3, refused: 0 })
    expect(await tried(clients, 1, READ, 7)).toEqual({ done: 0, kept: 3, refused: 0 })
    expect(await tried(clientsOf(github), 1, READ, 7)).toEqual({ done: 0, kept: 3, refused: 0 })
    expect(github.asked).toHaveLength(sent)
    expect(await tried(clients, 1, READ, 8)).toMatchObject({ done: 3 })
  })

  test('a database that went away stops no write', async () => {
    await using github = await scripted(() => ({ body: { id: 1 } }))
    const gone = await openPostgres(await cluster.database())
    const client = github.clientWith({ minutes: openMinutes(gone) })
    await gone.close()
    expect(await tried([client], 3, DEPLOY, 9)).toEqual({ done: 3, kept: 0, refused: 0 })
  })
})
