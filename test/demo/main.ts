/** `pnpm demo [--bad[=KIND]] [--errors=RATE] [--json]`: one real release from pull request to 100 %, or back. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { BAD, type Bad } from '../shop/history.ts'
import { play, type Played } from './play.ts'
import { setTheStage } from './stage.ts'

const HELP = `Usage: pnpm demo [options]

Plays one release of a sample shop for real: a release pull request, agents as jobs, gates as required checks, /promote, a canary 10 -> 50 -> 100 %
under load, and a signed evidence pack; or, with a bad version, the way back. Only GitHub itself is a double, on loopback.

  --bad            v2.0.0 fails for 30 % of its answers: watch it come back by itself
  --bad=slow       v2.0.0 takes a quarter longer for every answer
  --bad=load       v2.0.0 fails only under load: well at 10 %, not at 50 %
  --bad=replica    one of three replicas of v2.0.0 fails for half of its answers
  --bad=leak       v2.0.0 leaks until nothing is left; the steps bake longer, so that it shows
  --errors=RATE    share of v2.0.0's answers that fail, 0 to 1 (0 is a good version)
  --tamper         change one byte of a signed response: nothing is promoted
  --rate=N         customers' requests a second (default 400)
  --json           the last line of the output is the result as JSON
  --help           this text
`

const ERRORS_OF_BAD = 0.3
const TIMEOUT_MS = 400_000

async function main(): Promise<number> {
  const options = {
    bad: { type: 'string' },
    errors: { type: 'string' },
    tamper: { type: 'boolean' },
    rate: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const
  const args = process.argv.slice(2).filter((argument) => argument !== '--')
  const { values } = parseArgs({ args: args.map((argument) => (argument === '--bad' ? '--bad=errors' : argument)), options })
  if (values.help === true) return print(HELP)
  const bad = badOf(values.bad)
  const errors = number(
    values.errors ?? (bad === 'errors' ? String(ERRORS_OF_BAD) : '0'),
    0,
    1,
    '--errors is a share from 0 to 1, such as --errors=0.05',
  )
  const rate = number(values.rate ?? '400', 300, 2000, '--rate is 300 to 2000 requests a second')
  const began = Date.now()
  const say = (line: string): void => void print(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}\n`)
  const dir = await mkdtemp(join(tmpdir(), 'release-conductor-demo-'))
  let keep = true
  try {
    const stage = await setTheStage({
      dir,
      errors,
      ...(bad !== undefined && bad !== 'errors' && { bad }),
      rate,
      say,
      tamper: values.tamper === true,
      ...(process.env['DATABASE_URL'] !== undefined && { databaseUrl: process.env['DATABASE_URL'] }),
    })
    const stop = (): void => void stage.close().finally(() => process.exit(130))
    process.once('SIGINT', stop).once('SIGTERM', stop)
    let played: Played
    try {
      played = await play(stage, { dir, say, tamper: values.tamper === true, timeoutMs: TIMEOUT_MS })
      stage.github.assertClean()
      await writeFile(join(dir, 'job-key.pub'), stage.publicKeys.job)
      await writeFile(join(dir, 'app-key.pub'), stage.publicKeys.app)
    } finally {
      await stage.close()
    }
    keep = played.pack !== null
    summary(played, dir, say)
    if (values.json === true) print(`${JSON.stringify(played)}\n`)
    return 0
  } finally {
    if (!keep) await rm(dir, { recursive: true, force: true })
  }
}

function summary(played: Played, dir: string, say: (line: string) => void): void {
  const { outcome, version, steps, rollback_seconds: back, requests } = played
  const way = steps.map((step) => `${step} %`).join(' -> ')
  if (outcome === 'promoted') say(`${version} serves everyone: ${way}. ${requests.sent} requests, ${requests.failed} without an answer.`)
  if (outcome === 'rolled_back')
    say(`${version} came back by itself: ${way}, ${back ?? '?'} s after its first bad answer; ${requests.canary_bad} customers saw one.`)
  if (outcome === 'blocked') say(`${version} was not promoted: a gate was not proven.`)
  if (played.pack === null) return
  say(`the signed pack: ${played.pack}`)
  say(
    `verify it yourself: pnpm release-conductor evidence verify ${played.pack} --key=demo=${join(dir, 'job-key.pub')} --pack-key=app=${join(dir, 'app-key.pub')}`,
  )
}

function badOf(text: string | undefined): Bad | 'errors' | undefined {
  if (text === undefined || text === 'errors') return text
  if (Object.hasOwn(BAD, text)) return text as Bad
  process.stderr.write(`--bad is errors or one of ${Object.keys(BAD).join(', ')}, such as --bad=slow; this is ${JSON.stringify(text)}.\n`)
  process.exit(2)
}

function number(text: string, least: number, most: number, expected: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= least && value <= most)) {
    process.stderr.write(`${expected}; this is ${JSON.stringify(text)}.\n`)
    process.exit(2)
  }
  return value
}

function print(text: string): 0 {
  process.stdout.write(text)
  return 0
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
