/** A load by a script of k6: what it would do is asked before it does it, and only what comes when it is due, ends in time and can be read is a measurement. */
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { OpenRun, ScriptRun, Step } from '../inputs.load.ts'
import type { Streamed } from '../program.ts'
import { K6Call, type K6 } from './k6-call.ts'
import { closedOf, planOfScript, type Plan } from './k6-plan.ts'
import { K6Samples } from './k6-samples.ts'
import { K6Steps, stepsMs, stepsScript, type StepsAsked } from './k6-steps.ts'
import type { Script } from './script.ts'
import type { Target } from './target.ts'

const INSPECT_MS = 60_000
const INSPECT_BYTES = 1 << 20
/** For setup and teardown, beyond what the scenarios take. */
const GRACE_MS = 120_000
/** A job of a phase has twenty minutes for all of its agents. */
const MOST_MS = 12 * 60_000
const MOST_USERS = 5000
/** Exit code of k6: thresholds of the script were crossed. */
const CROSSED = 99
const SAID = 1000
const STEPS = 'release-conductor-steps.js'

export interface Driven {
  readonly runs: readonly OpenRun[]
  readonly steps: readonly Step[]
  readonly script: ScriptRun
  readonly failure: string | null
}

/** Never throws for what the script does. @param url of the service, as the config has it @param steps of capacity, after the load */
export async function loadByK6(
  k6: K6,
  script: Script,
  service: { readonly target: Target; readonly url: string },
  steps: StepsAsked,
): Promise<Driven> {
  await using call = await K6Call.of(k6, script, service.target, service.url)
  const told = { version: k6.version, path: script.path, sha256: script.sha256, scenarios: [], exit: null, elsewhere: [], said: '' }
  const not = (failure: string, of: Partial<ScriptRun> = {}): Driven => ({
    runs: [],
    steps: [],
    script: { ...told, ...of },
    failure: failure.slice(0, 600),
  })
  const inspected = await inspect(call, script.path)
  if ('failure' in inspected) return not(inspected.failure)
  const { plan } = inspected
  const scenarios = plan.scenarios.map(({ executor, name, open, part }) => ({ name, executor, open, part }))
  const why = refusal(plan)
  if (why !== null) return not(why, { scenarios })
  const samples = new K6Samples(plan.scenarios, service.target.host)
  const ended = await call.run(script.path, plan.totalMs + GRACE_MS, (chunk) => samples.take(chunk))
  const { elsewhere, failure, runs } = samples.end()
  const of = { scenarios, exit: ended.code, elsewhere: [...elsewhere], said: ended.said.trim().slice(-SAID) }
  const broken = ended.code === 0 || ended.code === CROSSED ? failure : `k6 ${ended.why ?? `ended with exit code ${ended.code}`}: ${lastOf(ended)}`
  if (broken !== null) return not(broken, of)
  return { runs, steps: await stepped(call, script, plan, steps), script: { ...told, ...of }, failure: null }
}

async function inspect(call: K6Call, path: string): Promise<{ readonly plan: Plan } | { readonly failure: string }> {
  const chunks: Buffer[] = []
  let size = 0
  const ended = await call.inspect(path, INSPECT_MS, (chunk) => {
    size += chunk.length
    if (size > INSPECT_BYTES) return `it said more than ${INSPECT_BYTES} bytes of the script`
    chunks.push(chunk)
    return null
  })
  const plan = ended.code === 0 ? planOfScript(Buffer.concat(chunks).toString('utf8')) : null
  if (plan !== null) return { plan }
  const why = ended.why ?? (ended.code === 0 ? 'it says of it what cannot be read' : lastOf(ended))
  return { failure: `k6 inspect cannot use ${path}: ${why}` }
}

/** Why a script is not run at all; null: it may be. */
function refusal(plan: Plan): string | null {
  const closed = closedOf(plan)
  if (closed.length > 0) return `${closed.map(({ name, executor }) => `${name} is ${executor}`).join(', ')}: it was not run`
  if (plan.totalMs <= MOST_MS && plan.users <= MOST_USERS) return null
  return `the script would take ${plan.totalMs / 1000} seconds and ${plan.users} users; ${MOST_MS / 1000} and ${MOST_USERS} are the most`
}

/** None where they could not be had: what a capacity is worth then, says whoever asks for it. */
async function stepped(call: K6Call, script: Script, plan: Plan, asked: StepsAsked): Promise<Step[]> {
  if (asked.users.length === 0) return []
  const path = join(dirname(script.path), STEPS)
  const load = plan.scenarios.filter(({ part }) => part === 'load')
  await writeFile(join(call.files, path), stepsScript(script.path, load, asked))
  const steps = new K6Steps(asked)
  const { code } = await call.run(path, stepsMs(asked) + GRACE_MS, (chunk) => steps.take(chunk))
  return code === 0 ? steps.end() : []
}

/** What it said last is why it ended. */
function lastOf({ said }: Streamed): string {
  return said.trim().split('\n').slice(-3).join(' ').slice(-400) || 'it said nothing'
}
