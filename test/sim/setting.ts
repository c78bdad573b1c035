/** The release that the simulator plays, in every seed the same: one repository, one pull request, its people and its config. */
import { generateKeyPair, localKeySigner } from '../../evidence/sign/local-key.ts'
import type { Part, Repository } from '../../app/release/ports.ts'
import { healthyPullRequest } from '../support/evidence.ts'
import type { Truth, Weather } from './truth.ts'

export const REPOSITORY: Repository = { id: 7, owner: 'acme', name: 'shop', installationId: 1 }
export const HEADS = ['1'.repeat(40), '2'.repeat(40)]
const KEYS = generateKeyPair()
export const SIGNER = localKeySigner({ id: 'demo', privateKeyPem: KEYS.privateKeyPem })
/** What a delivery tells of; any other tells that the pull request changed. */
export const BRINGS: Readonly<Record<string, Part>> = { issue_comment: 'comments', workflow_run: 'runs' }
export const APPROVERS = new Set(['approver', 'second'])

export const CONFIG = `version: 1
release: { base: [main] }
people:
  on_call: ["@second"]
  approvers:
    promote: { users: [approver, second, author], count: 1, not: [author, contributor] }
    break_glass: { users: [approver, second, author], expires: 10m }
  step_up: { for: [] }
trust:
  keys: [{ id: demo, public_key: ${JSON.stringify(KEYS.publicKeyPem)} }]
environments:
  prod: { deploy: { workflow: deploy.yml }, router: proxy, metrics: scrape, steps: [10, 50, 100], bake: 6s, deadline: 90s, absence: { latency: zero } }
observe: { messages: { start: [room], breach: [room], ga: [room] } }
gates: { supply_chain: { no_artifacts: nothing is built in this story }, policy_ci: { app: 1234 }, slo: { logs: { retention: 30d } }, perf: { peak: 320 }, preview_budget: { prices: [{ environment: "pr-*", hour: 0.1 }], environments: ["p*"], sleep: preview-sleep.yml } }
`
const PULL_REQUEST = healthyPullRequest()

export function pullRequest(): { title: string; body: string; labels: string[] } {
  return { ...PULL_REQUEST, labels: [...PULL_REQUEST.labels] }
}

/** The config with a calendar in it: whole minutes of the first of January 1970, a Thursday. */
export function configClosed({ from, to }: Truth['closed']): string {
  const allow = [...(from === 0 ? [] : [`"Thu 00:00-${hour(from)}"`]), `"Thu ${hour(to)}-24:00"`]
  return CONFIG.replace('base: [main]', `base: [main], window: { allow: [${allow.join(', ')}] }`)
}

/** The config with a golden path. */
export function configGolden(config: string): string {
  return config.replace('deadline: 90s', 'deadline: 90s, golden_paths: [{ url: checkout }]')
}

/** The config with a feature flag that follows the steps. */
export function configFlag(config: string): string {
  return config.replace('deadline: 90s', 'deadline: 90s, flags: [search-flag]')
}

/** The config with a desk that is asked before each step, and a smoke test after it. */
export function configHooked(config: string): string {
  return config.replace('deadline: 90s', 'deadline: 90s, hooks: { pre: [{ webhook: desk }], post: [{ workflow: smoke.yml }] }')
}

function hour(at: number): string {
  return new Date(at).toISOString().slice(11, 16)
}

const NEVER = { from: 0, to: 0 }

export function newTruth(
  weather: Weather,
  logAway: Truth['logAway'] = NEVER,
  closed: Truth['closed'] = NEVER,
  rival: Truth['rival'] = NEVER,
  greenFrom = 0,
  schema: Truth['schema'] = null,
  stable = false,
  flag: Truth['flag'] = { ramps: false, at: [5] },
  breakers: Truth['breakers'] = null,
  guarded = false,
): Truth {
  return {
    now: 0,
    comments: [],
    orders: [],
    loaded: null,
    checks: [],
    runs: [],
    deployments: [],
    issues: [],
    closedIssues: [],
    tags: new Map(),
    releases: new Map(),
    seals: [],
    kept: new Set(),
    anchors: [],
    logAway,
    closed,
    rival,
    desk: new Map(),
    greenFrom,
    schema,
    stable,
    flag,
    breakers,
    preview: { asleepSince: null },
    guarded,
    weights: [],
    happened: [],
    reactions: [],
    written: new Map(),
    shown: new Map(),
    traffic: { canary: { requests: 0, errors: 0 }, stable: { requests: 0, errors: 0 } },
    served: { requests: 0, errors: 0 },
    weather,
    frozen: null,
    canarySince: null,
    nextId: 100,
    pull: {
      number: 3,
      state: 'open',
      draft: false,
      merged: false,
      mergeCommit: null,
      head: { ref: 'release/v2.0.0', sha: HEADS[0] ?? '', repositoryId: 7 },
      base: { ref: 'main', sha: 'b'.repeat(40) },
      defaultBranch: 'main',
      ...pullRequest(),
      ...(breakers !== null && { title: 'Another title' }),
      author: { login: 'author', id: 20 },
    },
  }
}
