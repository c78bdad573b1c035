/** Planted faults of perf-engineer: a service that answers in time, and the same with one thing wrong. */
import type { PlantedInput } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'

type Needs = 'load' | 'policy'
type Given = Inputs['load']
type Run = Given['runs'][number]
type Times = Run['latency']

const HEAD = 'b'.repeat(40)
const BEFORE = 'd'.repeat(40)
const PLAN = 'e'.repeat(64)
const AT = '2026-01-15T12:00:00.000Z'

/** @param groups so many requests took at most so many milliseconds */
export function times(...groups: readonly (readonly [le: number, count: number])[]): Times {
  return { le: groups.map(([le]) => le), count: groups.map(([, count]) => count) }
}

const HEALTHY = times([10, 300], [20, 400], [40, 250], [80, 48], [160, 2])

/** @param latency from when they were due @param service from when they left */
export function run(latency: Times = HEALTHY, over: Partial<Run> = {}, service: Times = latency): Run {
  const answered = latency.count.reduce((sum, one) => sum + one, 0)
  const lost = (over.dropped ?? 0) + (over.failed ?? 0)
  return {
    kind: 'load',
    rate: 50,
    ms: 20_000,
    due: answered + lost,
    dropped: 0,
    failed: 0,
    bad: 0,
    statuses: { 200: answered },
    latency,
    service,
    lag: 1.5,
    ...over,
  }
}

export function given(over: Partial<Given> = {}): Given {
  return {
    at: AT,
    base: 'a'.repeat(40),
    head: HEAD,
    host: 'stage.shop.example',
    plan: PLAN,
    commits: { before: HEAD, after: HEAD },
    runs: [run(), run(HEALTHY, { kind: 'spike', rate: 150 })],
    steps: [],
    failure: null,
    script: null,
    baseline: null,
    ...over,
  }
}

export function baseline(latency: Times, over: object = {}): Given['baseline'] {
  const text = {
    schema_version: 1,
    head: BEFORE,
    at: AT,
    host: 'stage.shop.example',
    plan: PLAN,
    rate: 50,
    due: 1000,
    unanswered: 0,
    latency,
    ...over,
  }
  return { path: 'perf/baseline.json', text: JSON.stringify(text), why: null }
}

type Script = NonNullable<Given['script']>

/** A load by k6. */
export function scripted(over: Partial<Script> = {}): Script {
  const open = { executor: 'constant-arrival-rate', open: true }
  return {
    version: '1.8.1',
    path: 'load/release.js',
    sha256: 'f'.repeat(64),
    scenarios: [
      { name: 'load', ...open, part: 'load' },
      { name: 'spike', ...open, part: 'spike' },
    ],
    exit: 0,
    elsewhere: [],
    said: '',
    ...over,
  }
}

const closed = (name: string, part: 'load' | 'spike' | 'warm-up') => ({ name, executor: 'constant-vus', open: false, part })

const policy = { base: 'a'.repeat(40), path: '.github/release-conductor.yml', text: 'version: 1\nrelease: { base: [main] }\n' }

function red(catches: string, rule: string, load: Given): PlantedInput<Needs> {
  return { catches, expected: 'red', inputs: { load, policy }, rules: [rule] }
}

function green(catches: string, load: Given): PlantedInput<Needs> {
  return { catches, expected: 'green', inputs: { load, policy } }
}

/** One in fifty waits long; everybody else is as fast as before, and so is the mean within a fifth. */
const TAILED = times([10, 300], [20, 400], [40, 250], [80, 20], [160, 0], [400, 30])

export const planted: readonly PlantedInput<Needs>[] = [
  green('p95 over the limit', given()),
  green('p95 over the limit', given({ runs: [run(times([100, 949], [500, 51]))] })),
  red('p95 over the limit', 'load.over-limit', given({ runs: [run(times([100, 949], [501, 51]))] })),
  red('p95 over the limit', 'load.over-limit', given({ runs: [run(times([100, 900]), { failed: 100 })] })),
  green('a regression hidden in the tail', given({ baseline: baseline(HEALTHY) })),
  red('a regression hidden in the tail', 'load.tail-slower', given({ runs: [run(TAILED)], baseline: baseline(HEALTHY) })),
  green('a regression hidden in the tail', given({ runs: [run(TAILED)], baseline: baseline(TAILED) })),
  red('a regression hidden in the tail', 'load.slower', given({ runs: [run(times([20, 300], [40, 400], [80, 300]))], baseline: baseline(HEALTHY) })),
  green('errors under load', given({ runs: [run(HEALTHY, { bad: 10, statuses: { 200: 990, 500: 10 } })] })),
  red('errors under load', 'load.errors', given({ runs: [run(HEALTHY, { bad: 11, statuses: { 200: 989, 500: 11 } })] })),
  red('errors under load', 'load.errors', given({ runs: [run(), run(HEALTHY, { kind: 'spike', dropped: 20 })] })),
  green('coordinated omission', given({ runs: [run(times([100, 980], [1900, 20]), {}, times([100, 999], [1900, 1]))] })),
  red('coordinated omission', 'load.omission', given({ runs: [run(times([100, 980], [2100, 20]), {}, times([100, 999], [2100, 1]))] })),
  green('coordinated omission', given({ script: scripted() })),
  green('coordinated omission', given({ script: scripted({ scenarios: [closed('warm_up', 'warm-up'), ...scripted().scenarios] }) })),
  red(
    'coordinated omission',
    'load.closed-model',
    given({ runs: [], failure: 'users is constant-vus: it was not run', script: scripted({ scenarios: [closed('users', 'load')], exit: null }) }),
  ),
  green('thresholds of the script', given({ script: scripted() })),
  red(
    'thresholds of the script',
    'load.thresholds',
    given({ script: scripted({ exit: 99, said: "thresholds on metrics 'http_req_duration' have been crossed" }) }),
  ),
  green('a script that asks somebody else', given({ script: scripted() })),
  red('a script that asks somebody else', 'load.elsewhere', given({ script: scripted({ elsewhere: ['fast.example'] }) })),
  green('a script without a spike', given({ script: scripted() })),
  red('a script without a spike', 'load.no-spike', given({ runs: [run()], script: scripted() })),
  red('a load on another commit', 'load.other-commit', given({ commits: { before: HEAD, after: BEFORE } })),
  red('a load on another commit', 'load.commit-unknown', given({ commits: { before: null, after: null } })),
  green('a load on another commit', given()),
  red('nothing measured', 'load.no-data', given({ runs: [], failure: 'stage.shop.example could not be reached.' })),
  red('nothing measured', 'load.few-requests', given({ runs: [run(times([10, 199]))] })),
  green('nothing measured', given({ runs: [run(times([10, 200]))] })),
  red('a baseline that says nothing', 'load.baseline-invalid', given({ baseline: { path: 'perf/baseline.json', text: '{}', why: null } })),
  green('a baseline that says nothing', given({ baseline: baseline(times([1, 1000]), { plan: 'f'.repeat(64) }) })),
]
