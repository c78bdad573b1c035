/** Deliveries that are acknowledged when they are on disk, against Probot's own server, which keeps nothing, and a server that only checks: turn by turn. */
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { z } from 'zod'
import { Unavailable, type Bench, type Benchmark } from './benchmark.ts'
import { buildProcesses } from './built.ts'
import { Listens, Sent, Took } from './deliveries/told.ts'
import { median, type Row, type Unit } from './row.ts'

const COUNT = 10_000
/** GitHub's own example of an event of a pull request. */
const EXAMPLES = '@octokit/webhooks-examples'
const EXAMPLES_VERSION = '7.6.1'
const BYTES = 24_621
const APP_ID = 1234
const NAMES = ['ours', 'probot', 'floor'] as const
const MOST_CPU = 0.4
const LEAST_RATE = 2
/** Of what is handled without a disk. */
const LEAST_OF_FLOOR = 0.6

interface Round {
  /** Microseconds of processor time for each delivery. */
  readonly cpu: number
  /** Deliveries a second. */
  readonly rate: number
  readonly rss: number
}

export const deliveries: Benchmark = {
  name: 'deliveries',
  what: `${COUNT.toLocaleString('en')} deliveries of ${BYTES} bytes, each acknowledged when it is on disk; against Probot's server, which keeps none (asks the npm registry for the example)`,
  tools: { npm: 'npm, which comes with Node' },
  rounds: 5,
  counted: 'rounds',
  async run({ dir, rounds, say }) {
    const payload = await example({ dir, say })
    const built = await buildProcesses('deliveries', [...NAMES, 'load'])
    const took: Record<(typeof NAMES)[number], Round[]> = { ours: [], probot: [], floor: [] }
    for (let round = 1; round <= rounds; round += 1) {
      say(`round ${round} of ${rounds}`)
      for (const name of NAMES) {
        const folder = join(dir, `${name}-${round}`)
        await mkdir(folder)
        took[name].push(await measured(built, name, folder, payload))
      }
    }
    const of = (name: (typeof NAMES)[number], figure: keyof Round): number => median(took[name].map((one) => one[figure]))
    const row = (what: string, unit: Unit, figure: keyof Round, { peer = 'probot', limit = null, least = false }: Against = {}): Row => ({
      benchmark: 'deliveries',
      what,
      unit,
      ours: of('ours', figure),
      peer: { name: PEERS[peer], value: of(peer, figure) },
      limit,
      ...(least && { least }),
    })
    return [
      row('processor time of a delivery', 'us', 'cpu', { limit: MOST_CPU }),
      row('processor time of a delivery', 'us', 'cpu', { peer: 'floor' }),
      row('deliveries', '/s', 'rate', { limit: LEAST_RATE, least: true }),
      row('deliveries', '/s', 'rate', { peer: 'floor', limit: LEAST_OF_FLOOR, least: true }),
      row('resident memory', 'MB', 'rss'),
      { ...row('processor time of a server that only checks', 'us', 'cpu'), ours: of('floor', 'cpu') },
    ]
  },
}

interface Against {
  readonly peer?: keyof typeof PEERS
  readonly limit?: number | null
  readonly least?: boolean
}

const PEERS = { probot: "Probot's Server", floor: 'a server that checks the signature and keeps none' }

const Examples = z.array(z.object({ name: z.string(), examples: z.array(z.looseObject({})) }))

/** @returns the path of its compact JSON */
async function example({ dir, say }: Pick<Bench, 'dir' | 'say'>): Promise<string> {
  const place = join(dir, 'examples')
  await mkdir(place)
  await writeFile(join(place, 'package.json'), '{}')
  say(`npm installs ${EXAMPLES} ${EXAMPLES_VERSION}`)
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', `${EXAMPLES}@${EXAMPLES_VERSION}`]
  await promisify(execFile)('npm', args, { cwd: place }).catch((error: unknown) => {
    throw new Unavailable(`npm could not install ${EXAMPLES}, for which it asks its registry: ${String(error).slice(0, 500)}`)
  })
  const all = Examples.parse(createRequire(join(place, 'package.json'))(EXAMPLES))
  const events = all.find(({ name }) => name === 'pull_request')?.examples ?? []
  const body = JSON.stringify(events.find((event) => event['action'] === 'assigned' && event['installation'] !== undefined))
  if (Buffer.byteLength(body) !== BYTES) throw new Error(`the example has ${Buffer.byteLength(body)} bytes, not ${BYTES}`)
  const path = join(dir, 'payload.json')
  await writeFile(path, body)
  return path
}

async function measured(built: string, name: string, folder: string, payload: string): Promise<Round> {
  const secret = randomBytes(32).toString('hex')
  const server = spawn(process.execPath, [join(built, `${name}.js`), folder, secret, String(APP_ID)], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
    const { url } = await answer(lines, Listens)
    // What a server learns of its work belongs to its start.
    await load(built, [url, '1000', payload, secret, String(APP_ID)])
    server.stdin.write('again\n')
    await answer(lines, Took)
    const { seconds, accepted } = await load(built, [url, String(COUNT), payload, secret, String(APP_ID)])
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
