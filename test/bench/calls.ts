/** What one release costs of GitHub's API, from the pull request to 100 %: counted at the double, by the App as it is shipped, with jobs that really run. */
import { createSign } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRelease } from '../flow/release.ts'
import { setStage, type Stage } from '../flow/stage.ts'
import type { Asked } from '../support/github/index.ts'
import { decideAtEachEvent } from './calls/again.ts'
import type { Benchmark } from './benchmark.ts'
import { median, type Row } from './row.ts'

/** Of the roster; ours asks GitHub for each phase, not for each agent. */
const AGENTS = 68
const MOST = { calls: 120, writes: 75, content: 30, ratio: 0.2 }
const SWEEP_S = 20
/** Where the App is installed is asked for at every fifth sweep. */
const SWEEPS_UNTIL_REST = 6
const READS = new Set(['GET', 'HEAD'])

interface Cost {
  readonly calls: number
  readonly free: number
  /** Counted apart by GitHub: they are no installation's. */
  readonly own: number
  readonly writes: number
  /** POST: what people are told of and was not there. */
  readonly content: number
  /** PATCH: of checks, of the status comment. */
  readonly edits: number
  readonly atRest: { readonly calls: number; readonly writes: number }
  readonly peer: number
}

export const calls: Benchmark = {
  name: 'calls',
  what: 'requests at GitHub of one release from pull request to 100 %, and of a release at rest; against deciding anew at each event',
  tools: {},
  rounds: 3,
  counted: 'rounds',
  async run({ rounds, say, tell }) {
    const all: Cost[] = []
    for (let round = 1; round <= rounds; round += 1) {
      say(`round ${round} of ${rounds}: a release, then rest`)
      all.push(await once((title, asked) => (round === 1 ? tell(tableOf(title, asked)) : undefined)))
    }
    const of = (figure: (cost: Cost) => number): number => median(all.map(figure))
    return [
      row(
        'calls that count against the hour of the installation',
        of((cost) => cost.calls),
        MOST.calls,
      ),
      row(
        'answered 304, which is free',
        of((cost) => cost.free),
        null,
      ),
      row(
        'with the key of the App itself: tokens, where it is installed, what did not come',
        of((cost) => cost.own),
        null,
      ),
      row(
        'writes',
        of((cost) => cost.writes),
        MOST.writes,
      ),
      row(
        'that create content',
        of((cost) => cost.content),
        MOST.content,
      ),
      row(
        'that edit content',
        of((cost) => cost.edits),
        null,
      ),
      row(
        'calls of a release at rest, two sweeps',
        of((cost) => cost.atRest.calls),
        0,
      ),
      row(
        'writes of a release at rest',
        of((cost) => cost.atRest.writes),
        0,
      ),
      {
        ...row(
          `calls, against ${AGENTS} events of agents`,
          of((cost) => cost.calls),
          MOST.ratio,
        ),
        peer: { name: 'deciding anew at each event', value: of((cost) => cost.peer) },
      },
    ]
  },
}

function row(what: string, ours: number, limit: number | null): Row {
  return { benchmark: 'calls', what, unit: 'requests', ours, peer: null, limit }
}

async function once(told: (title: string, asked: readonly Asked[]) => void): Promise<Cost> {
  await using stage = await setStage({ sweep: `${SWEEP_S}s` })
  const { github } = stage
  const release = await openRelease(stage)
  await release.approve(await release.merged())
  const outcome = await release.ended()
  if (outcome !== 'promoted') throw new Error('the release was not promoted')
  await github.settled()
  // Its packs go into their stores, the status says so, and each list that a sweep reads is read once more: that belongs to the release.
  await sleep(SWEEPS_UNTIL_REST * SWEEP_S * 1000)
  const end = github.asked.length
  const mine = ofTheInstallation(github.asked)
  told('Requests of one release', mine)
  await sleep(2 * SWEEP_S * 1000)
  const rest = ofTheInstallation(github.asked.slice(end))
  told('Requests of a release at rest', rest)
  github.assertClean()
  return {
    calls: counted(mine),
    free: mine.filter(({ status }) => status === 304).length,
    own: github.asked.slice(0, end).filter(({ by }) => by === 'app').length,
    writes: writesOf(mine).length,
    content: mine.filter(({ content, method }) => content && method === 'POST').length,
    edits: mine.filter(({ content, method }) => content && method === 'PATCH').length,
    atRest: { calls: counted(rest), writes: writesOf(rest).length },
    peer: await decideAtEachEvent(stage, release, await token(stage), AGENTS),
  }
}

function ofTheInstallation(asked: readonly Asked[]): readonly Asked[] {
  return asked.filter(({ by }) => by === 'installation')
}

function counted(asked: readonly Asked[]): number {
  return asked.filter(({ status }) => status !== 304).length
}

function writesOf(asked: readonly Asked[]): readonly Asked[] {
  return asked.filter(({ method }) => !READS.has(method))
}

function tableOf(title: string, asked: readonly Asked[]): { title: string; head: readonly string[]; rows: readonly (readonly string[])[] } {
  const groups = Map.groupBy(asked, ({ method, operation, status }) => `${method} ${operation} ${status}`)
  const rows = [...groups].map(([name, each]) => [String(each.length), ...name.split(' ')])
  return {
    title,
    head: ['requests', 'method', 'operation', 'answer'],
    rows: rows.toSorted((a, b) => Number(b[0]) - Number(a[0])),
  }
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

async function token({ github }: Stage): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const head = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: now - 30, exp: now + 540, iss: github.app.id })}`
  const jwt = `${head}.${createSign('RSA-SHA256').update(head).sign(github.app.privateKey, 'base64url')}`
  const answer = await fetch(`${github.apiUrl}/app/installations/${github.app.installationId}/access_tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${jwt}`, 'user-agent': 'bench' },
  })
  return ((await answer.json()) as { readonly token: string }).token
}
