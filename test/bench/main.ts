/** `pnpm bench [name...] [--json] [--rounds=N] [--runs=N]`: ours and the peers turn by turn, and whether the goals hold (docs/benchmarks.md). */
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { table } from '../../app/cli/output.ts'
import { tool } from '../support/tools.ts'
import { Unavailable, type Bench, type Benchmark } from './benchmark.ts'
import { BENCHMARKS } from './index.ts'
import { describe, watch } from './machine.ts'
import { EXIT, exitOf, holds, ratioOf, tableOf, type Row, type Told } from './row.ts'

const MOST_ROUNDS = 1000
const MOST_RUNS = 100_000

const HELP = `Usage: pnpm bench [name...] [options]

Runs our programs and those they are held against turn by turn, and compares the medians. What it measures is what is shipped, in processes of its own.

${table(
  ['name', 'what'],
  BENCHMARKS.map(({ name, what }) => [`  ${name}`, what]),
)}

  --rounds=N   rounds of each benchmark; an odd number is best
  --runs=N     simulated canaries of each kind (judge)
  --json       the result as one JSON document on standard output
  --help       this text

Exit codes: 0 every goal holds, 1 one is missed, 2 usage, 5 a program of others is not there.
`

const say = (line: string): void => void process.stderr.write(`${line}\n`)

async function main(args: readonly string[]): Promise<number> {
  const asked = read(args)
  if (typeof asked === 'string') {
    say(asked)
    return EXIT.usage
  }
  if (asked.help) {
    process.stdout.write(HELP)
    return EXIT.ok
  }
  const rows: Row[] = []
  const absent: string[] = []
  const tables: Told[] = []
  const machine = await watch()
  for (const benchmark of asked.benchmarks) {
    const missing = Object.entries(benchmark.tools).filter(([name]) => tool(name) === null)
    for (const [name, install] of missing) say(`${benchmark.name} is not measured: ${name} is not there. Install ${install}.`)
    absent.push(...missing.map(([name]) => name))
    if (missing.length > 0) continue
    const lacks = (what: string, why: string): void => {
      say(`${what} is not measured: ${why}`)
      absent.push(what)
    }
    try {
      rows.push(...(await run(benchmark, asked[benchmark.counted], { tell: (told) => void tables.push(told), absent: lacks })))
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      lacks(benchmark.name, error.message)
    }
  }
  const where = await machine()
  const exit = exitOf(rows, absent)
  const shown = rows.map((row) => ({ ...row, ratio: ratioOf(row), ok: holds(row) }))
  process.stdout.write(
    asked.json
      ? `${JSON.stringify({ ok: exit === EXIT.ok, machine: where, absent, rows: shown, tables })}\n`
      : `${tables.map(({ title, head, rows }) => `${title}\n\n${table(head, rows)}\n\n`).join('')}${rows.length === 0 ? '' : `${tableOf(rows)}\n\n`}${describe(where)}\n`,
  )
  return exit
}

/** What is wanted, or what is wrong with it. */
function read(args: readonly string[]) {
  try {
    const options = { json: { type: 'boolean' }, rounds: { type: 'string' }, runs: { type: 'string' }, help: { type: 'boolean' } } as const
    const { values, positionals } = parseArgs({ args: args.filter((arg) => arg !== '--'), options, allowPositionals: true })
    const unknown = positionals.find((word) => BENCHMARKS.every(({ name }) => name !== word))
    if (unknown !== undefined) return `There is no benchmark ${unknown}; there are ${BENCHMARKS.map(({ name }) => name).join(', ')}.`
    const rounds = values.rounds === undefined ? null : Number(values.rounds)
    if (!isCount(rounds, MOST_ROUNDS)) return `--rounds is a number from 1 to ${MOST_ROUNDS}.`
    const runs = values.runs === undefined ? null : Number(values.runs)
    if (!isCount(runs, MOST_RUNS)) return `--runs is a number from 1 to ${MOST_RUNS}.`
    const benchmarks = BENCHMARKS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
    return { benchmarks, rounds, runs, json: values.json === true, help: values.help === true }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function isCount(value: number | null, most: number): boolean {
  return value === null || (Number.isInteger(value) && value > 0 && value <= most)
}

async function run(benchmark: Benchmark, rounds: number | null, to: Pick<Bench, 'tell' | 'absent'>): Promise<readonly Row[]> {
  const dir = await mkdtemp(join(tmpdir(), 'release-conductor-bench-'))
  const stop = (): void => {
    rmSync(dir, { recursive: true, force: true })
    process.exit(130)
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    return await benchmark.run({ rounds: rounds ?? benchmark.rounds, dir, say: (line) => say(`${benchmark.name}: ${line}`), ...to })
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
    await rm(dir, { recursive: true, force: true })
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
