/** `judge`: canary against the stable version, tick by tick, from standard input; what a policy would have done on past releases; what a step can see. */
import { createReadStream } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { readDocument } from '../../../evidence/config/document.ts'
import { problemsOf } from '../../../evidence/config/issues.ts'
import { describeProblem } from '../../../evidence/config/parse.ts'
import type { Objective } from '../../../gates/judge/burn.ts'
import { forecast, trafficOf, type Forecast } from '../../../gates/judge/forecast.ts'
import { Judge, type Judgement } from '../../../gates/judge/judge.ts'
import type { JudgePolicy } from '../../../gates/judge/policy.ts'
import type { Tick } from '../../../gates/judge/tick.ts'
import { LineError } from '../../judge/error.ts'
import { objectivesOf } from '../../judge/slo-files.ts'
import { ticks } from '../../judge/lines.ts'
import { judgePolicyOf, PolicyFile } from '../../judge/policy.ts'
import { CliError } from '../error.ts'
import { bytesOf, fileOf } from '../evidence/files.ts'
import { table } from '../output.ts'
import { EXIT } from '../verb.ts'
import type { Answer, Call, Verb } from '../verb.ts'

const MAX_POLICY = 64 << 10
const MAX_SERIES = 512 << 20

async function run(call: Call): Promise<Answer> {
  const [word, ...files] = call.words
  const policy = await policyOf(call)
  const history = await historyOf(call)
  if (word === undefined) return filter(call, new Judge(policy, history))
  if (word === 'backtest') return backtest(call, files, policy, history)
  if (word === 'forecast' && files.length === 0) return foresee(call, policy, history)
  throw new CliError('usage', `\`judge\` does not know what to do with \`${word}\`.`, `Usage: release-conductor judge ${judge.usage}`)
}

/** One line out for each line in, at once. */
async function filter(call: Call, judging: Judge): Promise<Answer> {
  try {
    for await (const tick of ticks(call.io.input())) call.io.out(`${JSON.stringify(judging.observe(tick))}\n`)
  } catch (error) {
    throw unreadable('standard input', error)
  }
  return { exit: EXIT.ok, text: '', data: { ended: true } }
}

async function backtest(call: Call, files: readonly string[], policy: JudgePolicy, history: readonly Tick[]): Promise<Answer> {
  if (files.length === 0) throw new CliError('usage', '`judge backtest` needs the series of past releases.', 'Name the files, one for each release.')
  const rows: { readonly file: string; readonly ticks: number; readonly minutes: number | null; readonly end: Judgement | null }[] = []
  for (const file of files) {
    const judging = new Judge(policy, history)
    let [count, start]: [number, number | null] = [0, null]
    let end: Judgement | null = null
    for await (const tick of series(call, file)) {
      count += 1
      start ??= tick.t
      const judgement = judging.observe(tick)
      // What a rollout would have done first; else where it stood at the end.
      if (end === null || end.decision === 'hold') end = judgement
      if (end.decision !== 'hold') break
    }
    rows.push({ file, ticks: count, minutes: end === null || start === null ? null : (end.t - start) / 60, end })
  }
  const text = table(
    ['release', 'decision', 'after', 'why'],
    rows.map(({ file, minutes, end }) => [
      file,
      end?.decision ?? 'nothing',
      minutes === null ? '' : `${minutes.toFixed(1)} min`,
      end?.reason ?? 'no tick',
    ]),
  )
  return { exit: EXIT.ok, text, data: { releases: rows } }
}

function foresee(call: Call, policy: JudgePolicy, history: readonly Tick[]): Answer {
  const share = Number(call.text('share') ?? '10')
  if (!(share >= 1 && share <= 99)) throw new CliError('usage', `--share=${call.text('share') ?? ''} is no percent from 1 to 99.`, 'Say --share=10.')
  const traffic = trafficOf(history)
  if (traffic === null)
    throw new CliError(
      'usage',
      'A forecast needs the traffic of the stable version.',
      'Give --history=FILE with lines that have requests and errors.',
    )
  const seen = forecast(policy, traffic, share / 100)
  return { exit: seen.decides === 'never' ? EXIT.indeterminate : EXIT.ok, text: told(seen, share), data: seen }
}

function told(seen: Forecast, share: number): string {
  const rows = [
    ['traffic', `${seen.canaryPerMinute.toFixed(0)} canary requests a minute against ${seen.stablePerMinute.toFixed(0)}, at ${share} %`],
    ['errors of the stable version', `${Number((100 * seen.rate).toPrecision(3))} %, dispersion ${seen.dispersion.toFixed(1)}`],
    ['smallest rise that it sees by the end of the bake', ratio(seen.detectable.bake)],
    ['by the deadline', ratio(seen.detectable.deadline)],
    ['time to certify a healthy version', `${minutes(seen.certify.median)}, 95 %: ${minutes(seen.certify.most)}`],
  ]
  return `${table(['', ''], rows).trimStart()}\n${seen.sentence}`
}

function minutes(value: number | null): string {
  return value === null ? 'never' : `${value.toFixed(value < 10 ? 1 : 0)} min`
}

function ratio(value: number | null): string {
  return value === null ? 'none' : `${value.toFixed(2)} times`
}

async function policyOf(call: Call): Promise<JudgePolicy> {
  const file = call.text('policy')
  const text = file === undefined ? '{}' : (await bytesOf(call, file, MAX_POLICY, 'policy')).toString('utf8')
  const name = file ?? 'policy'
  const document = readDocument(text)
  if (!document.ok) throw wrong(document.problems.map((problem) => describeProblem(problem, name)))
  const read = PolicyFile.safeParse(document.value)
  if (!read.success) throw wrong(problemsOf(read.error.issues, document.value, document.places).map((problem) => describeProblem(problem, name)))
  const step = Number(call.text('step') ?? firstStep(read.data))
  const policy = judgePolicyOf(read.data, step, await filesOf(call, file, read.data))
  if (policy === undefined) throw new CliError('usage', `${name} has no bake and deadline for step ${step}.`, 'Name a step that it has: --step=10.')
  return policy
}

/** The objectives in the OpenSLO files that the policy names. */
async function filesOf(call: Call, file: string | undefined, { slos }: PolicyFile): Promise<readonly Objective[]> {
  const patterns = slos.filter((slo) => typeof slo === 'string')
  if (patterns.length === 0) return []
  try {
    return await objectivesOf(dirname(resolve(call.io.cwd, file ?? '')), patterns)
  } catch (error) {
    if (!(error instanceof LineError)) throw error
    throw new CliError('config', `slos: ${error.message}.`, 'Name OpenSLO files beside the policy, or write { name: availability, target: 0.999 }.', {
      cause: error,
    })
  }
}

function firstStep({ bake, deadline }: PolicyFile): number {
  const steps = [bake, deadline].flatMap((value) => (typeof value === 'string' ? [] : Object.keys(value).map(Number)))
  return Math.min(...steps, 100)
}

function wrong(problems: readonly string[]): CliError {
  return new CliError('config', problems.join('\n'), 'The keys are those of an environment: judge, slos, absence, bake, deadline.')
}

async function historyOf(call: Call): Promise<Tick[]> {
  const file = call.text('history')
  const found: Tick[] = []
  if (file !== undefined) for await (const tick of series(call, file)) found.push(tick)
  return found
}

async function* series(call: Call, file: string): AsyncGenerator<Tick> {
  const path = await fileOf(call, file, MAX_SERIES, 'series')
  try {
    yield* ticks(createReadStream(path))
  } catch (error) {
    throw unreadable(file, error)
  }
}

function unreadable(where: string, error: unknown): unknown {
  if (!(error instanceof LineError)) return error
  return new CliError(
    'usage',
    `Line ${error.line} of ${where} cannot be read: ${error.message}.`,
    'A line is {"t": seconds, "canary": {"requests", "errors", "latency_ms": {"le", "count"}}, "baseline": {…}}; what is absent or null is no data.',
    { cause: error },
  )
}

export const judge: Verb = {
  name: 'judge',
  summary: 'judge a canary against the stable version, one line of numbers at a time',
  usage: '[--policy=FILE] [--history=FILE] [--step=10] < ticks | backtest FILE… | forecast --history=FILE [--share=10]',
  examples: [
    ['release-conductor judge --history=before.ndjson < ticks.ndjson', 'one decision for each line, at once: hold, advance or roll_back, with why'],
    ['release-conductor judge backtest v1.ndjson v2.ndjson --policy=prod.yml', 'what this policy would have done with past releases'],
    ['release-conductor judge forecast --history=before.ndjson --share=10', 'what a step of 10 % can see with this traffic, and how long it takes'],
  ],
  options: { policy: { type: 'string' }, history: { type: 'string' }, step: { type: 'string' }, share: { type: 'string' } },
  meaning: {
    policy: 'judge, slos, absence, bake and deadline of an environment, YAML; else their defaults',
    history: 'ticks from before the canary, the stable version alone is enough: how its errors and latency scatter',
    step: 'whose bake and deadline count, where the policy has one for each step; default: the first',
    share: 'percent of the traffic that the canary gets, for a forecast; default 10',
  },
  words: { least: 0, most: 1000 },
  run,
}
