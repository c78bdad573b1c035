/** The way in killed from outside while deliveries come: is anything lost that was acknowledged? */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { deliver, operatorFile, pullRequestBody, SECRET } from '../support/deliveries.ts'
import type { Benchmark } from './benchmark.ts'
import { Draws } from './judge/random.ts'
import type { Row } from './row.ts'

const SENDERS = 8
const SCRIPT = join(import.meta.dirname, '../support/ingress.ts')
/** After it listens, milliseconds. */
const [EARLIEST, LATEST] = [30, 900]
/** Deliveries under way to the database at the moment of a kill. */
const WIDTH = 8

interface Running {
  readonly child: ChildProcess
  readonly url: string
}

export const kills: Benchmark = {
  name: 'kills',
  what: 'the way in, killed at moments that a seed chooses while eight senders deliver; each round is a kill and a new start',
  tools: {},
  rounds: 50,
  counted: 'rounds',
  async run({ dir, rounds, say }) {
    operatorFile(dir)
    const draws = new Draws(1)
    const [accepted, handled] = [new Set<number>(), [] as number[]]
    let next = 1
    for (let round = 1; round <= rounds; round += 1) {
      const { child, url } = await start(dir, handled)
      const after = EARLIEST + draws.uniform() * (LATEST - EARLIEST)
      const senders = Array.from({ length: SENDERS }, async () => {
        while (child.signalCode === null) {
          const pull = (next += 1)
          const answer = await deliver(url, { guid: `delivery-${pull}`, body: pullRequestBody(pull) }).catch(() => null)
          if (answer?.status === 202) accepted.add(pull)
        }
      })
      await sleep(after)
      child.kill('SIGKILL')
      await Promise.all([once(child, 'close'), ...senders])
      if (round % 5 === 0) say(`${round} of ${rounds} kills, ${accepted.size} deliveries acknowledged`)
    }
    const { child } = await start(dir, handled)
    const lost = (): number => {
      const seen = new Set(handled)
      return [...accepted].filter((pull) => !seen.has(pull)).length
    }
    for (let waited = 0; lost() > 0 && waited < 60_000; waited += 100) await sleep(100)
    child.kill('SIGTERM')
    await once(child, 'close')
    const again = handled.length - new Set(handled).size
    return [
      row(`lost, of ${accepted.size} acknowledged, in ${rounds} kills`, lost(), 0),
      row('handled a second time after a kill', again, rounds * WIDTH),
    ]
  },
}

function row(what: string, ours: number, limit: number): Row {
  return { benchmark: 'kills', what, unit: 'deliveries', ours, peer: null, limit }
}

/** @param handled pull requests of the triggers, as they come */
async function start(dir: string, handled: number[]): Promise<Running> {
  const { WEBHOOK_SECRET_PREVIOUS: _, DATABASE_URL: __, ...clean } = process.env
  const child = spawn(process.execPath, [SCRIPT, join(dir, 'operator.yml')], {
    env: { ...clean, WEBHOOK_SECRET: SECRET },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  child.once('exit', (code) => reject(new Error(`the way in ended with ${code} before it listened`)))
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as { readonly pull?: number; readonly url?: string }
    if (line.pull !== undefined) handled.push(line.pull)
    if (line.url !== undefined) resolve(line.url)
  })
  return { child, url: await promise }
}
