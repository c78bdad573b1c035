/**
 * What `pnpm test` runs: lint, format, types, then the tests; everything is shown as it happens, and the very last line is the tally.
 * `node test/main.ts [--no-skip] [filter…]`: with a filter only the tests whose path contains it; `--no-skip` makes a skipped test a failure of the run.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { z } from 'zod'

const ROOT = join(import.meta.dirname, '..')
const BIN = join(ROOT, 'node_modules', '.bin')

export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const Report = z.object({
  numTotalTests: z.number(),
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
})

/**
 * The report of the test runner -> a tally. A file that could not be loaded has no failed test and is a failure all the same; so is a run that ended
 * badly without one, and a run in which nothing ran.
 * @param report JSON text, null when there is none @param exit code of the runner
 */
export function tallyOf(report: string | null, exit: number): Tally {
  if (report === null) return { passed: 0, failed: 1, skipped: 0 }
  const read = Report.parse(JSON.parse(report))
  const broken = read.testResults.filter((file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')).length
  const failed = read.numFailedTests + broken
  const unexplained = failed === 0 && (exit !== 0 || read.numPassedTests === 0) ? 1 : 0
  return { passed: read.numPassedTests, failed: failed + unexplained, skipped: read.numPendingTests + read.numTodoTests }
}

function run(command: string, args: readonly string[]): Promise<number> {
  process.stdout.write(`\n> ${[command, ...args].join(' ')}\n`)
  return new Promise((resolve) => {
    const environment = { ...process.env, PATH: `${BIN}${delimiter}${process.env['PATH'] ?? ''}` }
    const child = spawn(join(BIN, command), args, { cwd: ROOT, stdio: 'inherit', env: environment })
    child.once('error', (error) => {
      process.stderr.write(`${command} could not be started: ${error.message}\n`)
      resolve(127)
    })
    child.once('close', (code, signal) => resolve(signal === null ? (code ?? 1) : 1))
  })
}

async function tests(filters: readonly string[]): Promise<Tally> {
  const scratch = await mkdtemp(join(tmpdir(), 'release-conductor-test-'))
  try {
    const file = join(scratch, 'report.json')
    const exit = await run('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...filters])
    return tallyOf(await readFile(file, 'utf8').catch(() => null), exit)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function main(args: readonly string[]): Promise<number> {
  const filters = args.filter((arg) => arg !== '--no-skip' && arg !== '--')
  const checks: readonly (readonly [string, readonly string[]])[] = [
    ['oxlint', ['--type-aware', '--deny-warnings']],
    ['oxfmt', ['--check', '.']],
    ['tsc', ['--noEmit']],
  ]
  let tally: Tally = { passed: 0, failed: 0, skipped: 0 }
  if (filters.length === 0)
    for (const [command, options] of checks)
      tally = sum(tally, (await run(command, options)) === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 })
  tally = sum(tally, await tests(filters))
  process.stdout.write(`\n${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped\n`)
  return tally.failed > 0 || (args.includes('--no-skip') && tally.skipped > 0) ? 1 : 0
}

function sum(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
