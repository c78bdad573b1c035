/** Deliveries that are acknowledged when they are on disk, against Probot's own server, which keeps nothing: turn by turn. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { z } from 'zod'
import type { Benchmark } from './benchmark.ts'
import { buildProcesses } from './built.ts'
import { Listens, Sent, Took } from './deliveries/told.ts'
import { median, type Row, type Unit } from './row.ts'

const COUNT = 10_000
/** Of a pull request's event, as GitHub sends it. */
const BYTES = 24_600
const APP_ID = 1234
const NAMES = ['ours', 'probot'] as const
const MOST_CPU = 0.4
const LEAST_RATE = 2

interface Round {
  /** Microseconds of processor time for each delivery. */
  readonly cpu: number
  /** Deliveries a second. */
  readonly rate: number
  readonly rss: number
}

export const deliveries: Benchmark = {
  name: 'deliveries',
  what: `${COUNT.toLocaleString('en')} deliveries of ${BYTES} bytes, each acknowledged when it is on disk; against Probot's server, which keeps none`,
  tools: {},
  rounds: 5,
  counted: 'rounds',
  async run({ dir, rounds, say }) {
    const built = await buildProcesses('deliveries', [...NAMES, 'load'])
    const took: Record<(typeof NAMES)[number], Round[]> = { ours: [], probot: [] }
    for (let round = 1; round <= rounds; round += 1) {
      say(`round ${round} of ${rounds}`)
      for (const name of NAMES) {
        const folder = join(dir, `${name}-${round}`)
        await mkdir(folder)
        took[name].push(await measured(built, name, folder))
      }
    }
    const of = (name: (typeof NAMES)[number], figure: keyof Round): number => median(took[name].map((one) => one[figure]))
    const row = (what: string, unit: Unit, figure: keyof Round, limit: number | null, least = false): Row => ({
      benchmark: 'deliveries',
      what,
      unit,
      ours: of('ours', figure),
      peer: { name: "Probot's Server", value: of('probot', figure) },
      limit,
      ...(least && { least }),
    })
    return [
      row('processor time of a delivery', 'us', 'cpu', MOST_CPU),
      row('deliveries', '/s', 'rate', LEAST_RATE, true),
      row('resident memory', 'MB', 'rss', null),
    ]
  },
}

async function measured(built: string, name: string, folder: string): Promise<Round> {
  const secret = randomBytes(32).toString('hex')
  const server = spawn(process.execPath, [join(built, `${name}.js`), folder, secret, String(APP_ID)], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
    const { url } = await answer(lines, Listens)
    // What a server learns of its work belongs to its start.
    await load(built, [url, '1000', String(BYTES), secret, String(APP_ID)])
    server.stdin.write('again\n')
    await answer(lines, Took)
    const { seconds, accepted } = await load(built, [url, String(COUNT), String(BYTES), secret, String(APP_ID)])
    server.stdin.write('now\n')
    const { cpu, rss } = await answer(lines, Took)
    if (accepted !== COUNT) throw new Error(`${name} accepted ${accepted} of ${COUNT} deliveries`)
    return { cpu: (cpu / COUNT) * 1e6, rate: COUNT / seconds, rss: rss / 1e6 }
  } finally {
    server.stdin.end()
    await once(server, 'close')
  }
}

async function load(built: string, args: readonly string[]): Promise<z.infer<typeof Sent>> {
  const child = spawn(process.execPath, [join(built, 'load.js'), ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  return await answer(createInterface({ input: child.stdout })[Symbol.asyncIterator](), Sent)
}

async function answer<Answer>(lines: AsyncIterator<string>, schema: z.ZodType<Answer>): Promise<Answer> {
  const { value, done } = await lines.next()
  if (done === true) throw new Error('a process of the benchmark ended without an answer')
  return schema.parse(JSON.parse(value))
}
