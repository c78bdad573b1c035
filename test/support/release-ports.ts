/** The App's ports over plain variables: what GitHub says is what the test put there, and what is done to it is kept in order. */
import { knownRuns } from '../../app/release/known-runs.ts'
import type {
  ArtifactFacts,
  CommentFacts,
  DeploymentFacts,
  Effect,
  Outcome,
  Ports,
  PullFacts,
  PullInList,
  RunFacts,
} from '../../app/release/ports.ts'
import type { Context } from '../../app/release/reconcile.ts'
import { notary } from '../../evidence/ledger/checkpoint.ts'
import { generateKeyPair } from '../../evidence/sign/local-key.ts'
import { GATES } from '../../gates/index.ts'
import { MemoryStore } from '../sim/memory-store.ts'
import { CONFIG_COMMIT, configText, HEAD, NOW, pullOf, SETTINGS } from './release.ts'

/** Who signs checkpoints in these tests. */
export const NOTARY = generateKeyPair()

export interface World {
  now: number
  pull: PullFacts | null
  config: string | null
  /** Open pull requests beside it. */
  others: PullFacts[]
  /** Head and tree by branch or commit. */
  trees: Map<string, { readonly commit: string; readonly tree: string }>
  /** Does a commit that is asked about contain the other? */
  contained: boolean
  /** Does the commit of the merge contain the head? */
  landed: boolean
  comments: CommentFacts[]
  /** By environment. */
  deployments: Map<string, DeploymentFacts | Error>
  /** Environments with our deployment protection rule. */
  guarded: Set<string>
  runs: RunFacts[]
  artifacts: Map<number, ArtifactFacts[]>
  bytes: Map<number, Uint8Array | Error>
  roles: Map<string, string>
  /** Throws for an effect that shall fail. */
  perform: (effect: Effect) => Outcome
  found: (effect: Effect) => Outcome | null
  readonly done: Effect[]
  readonly asked: string[]
  readonly logged: string[]
  readonly store: MemoryStore
  readonly ports: Ports
  readonly context: Context
}

export function worldOf(over: Partial<Pick<World, 'pull' | 'config' | 'perform' | 'found'>> = {}): World {
  const clock = { now: () => world.now }
  const store = new MemoryStore(clock)
  let id = 100
  const say = (_fields: Record<string, unknown>, message: string): void => void world.logged.push(message)
  const ports: Ports = {
    store,
    notary: notary(NOTARY.privateKeyPem),
    clock,
    random: { hex: (digits) => String(id++).padStart(digits, '0') },
    log: { info: say, warn: say, error: say },
    metrics: { sample: async () => ({ at: world.now, canary: null, stable: null, note: 'nothing is measured' }) },
    read: {
      pull: async (_repository, number) => ask('pull', world.others.find((other) => other.number === number) ?? world.pull),
      openPulls: async () => ask('openPulls', [...(world.pull === null ? [] : [world.pull]), ...world.others].map(inList)),
      queued: async () =>
        ask(
          'queued',
          [...world.trees.keys()].filter((ref) => ref.startsWith('gh-readonly-queue/')),
        ),
      guarded: async (_repository, environment) => ask(`guarded ${environment}`, world.guarded.has(environment)),
      tree: async (_repository, ref) => ask('tree', world.trees.get(ref) ?? null),
      file: async () => ask('file', world.config === null ? null : { text: world.config, commit: CONFIG_COMMIT }),
      folder: async () => ask('folder', null),
      contains: async (_repository, commit, of) =>
        ask(`contains ${commit.slice(0, 4)} ${of.slice(0, 4)}`, of === world.pull?.mergeCommit ? world.landed : world.contained),
      comments: async () => ask('comments', world.comments),
      comment: async (_repository, number) => ask('comment', world.comments.find((comment) => comment.id === number) ?? null),
      role: async (_repository, { login }) => {
        const role = world.roles.get(login) ?? 'read'
        if (role === 'unknown') throw new Error('502')
        return ask('role', { role, permission: role === 'read' ? 'read' : 'write' })
      },
      teamMember: async () => ask('teamMember', false),
      contributors: async () => ask('contributors', { ids: [20], unattributed: 0 }),
      runs: async () => ask('runs', world.runs),
      run: async (_repository, number) => ask('run', world.runs.find((run) => run.id === number) ?? null),
      deployment: async (_repository, environment) => {
        const deployment = world.deployments.get(environment) ?? null
        if (deployment instanceof Error) throw deployment
        return ask(`deployment ${environment}`, deployment)
      },
      artifacts: async (_repository, run) => ask('artifacts', world.artifacts.get(run) ?? []),
      download: async (_repository, artifact) => {
        const bytes = world.bytes.get(artifact)
        if (bytes === undefined) throw new Error('404')
        if (bytes instanceof Error) throw bytes
        return ask(`download ${artifact}`, bytes)
      },
    },
    effects: {
      perform: async (_repository, effect) => {
        const outcome = world.perform(effect)
        world.done.push(effect)
        return outcome
      },
      find: async (_repository, effect) => ask(`find ${effect.key}`, world.found(effect)),
    },
  }
  const world: World = {
    now: NOW,
    pull: pullOf(),
    config: configText(),
    others: [],
    trees: new Map(),
    contained: false,
    landed: true,
    comments: [],
    deployments: new Map(),
    guarded: new Set(),
    runs: [],
    artifacts: new Map(),
    bytes: new Map(),
    roles: new Map([
      ['approver', 'maintain'],
      ['second', 'maintain'],
    ]),
    perform: () => ({ id: id++ }),
    found: () => null,
    done: [],
    asked: [],
    logged: [],
    store,
    ports,
    context: { ports, gates: GATES, owner: 'one', settings: SETTINGS, runs: knownRuns() },
    ...over,
  }
  function ask<Value>(what: string, value: Value): Value {
    world.asked.push(what)
    return value
  }
  return world
}

export function inList({ number, head, base }: PullFacts): PullInList {
  return { number, head, base: base.ref }
}

export function runOf(id: number, over: Partial<RunFacts> = {}): RunFacts {
  return {
    id,
    attempt: 1,
    path: '.github/workflows/release-conductor.yml',
    event: 'workflow_dispatch',
    headSha: HEAD,
    headRepositoryId: 7,
    title: '',
    status: 'completed',
    conclusion: 'success',
    url: '',
    ...over,
  }
}
